import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  attributesFinding,
  diskFinding,
  integrityFindings,
  runFindings,
  shellFinding,
  snapshotFinding,
} from '../../../src/cli/examine.ts';
import type { RunRow } from '../../../src/engine/core/ports.ts';
import type { Store } from '../../../src/store/open-store.ts';

const withRuns = (...rows: Partial<RunRow>[]) =>
  ({
    runs: ({ status }: { status?: string }) => ({ runs: rows.filter((row) => row.status === status) }),
  }) as unknown as Store;
const withIntegrity = (integrity: ReturnType<Store['integrity']>) =>
  ({ integrity: () => integrity }) as Store;

test('a shell is looked for on the PATH', () => {
  expect(shellFinding({ PATH: process.env.PATH })).toMatchObject({ status: 'ok' });
  expect(shellFinding({ PATH: '/nowhere' })).toMatchObject({ status: 'problem' });
});

test('free space is told; a folder that is not there is a problem', () => {
  expect(diskFinding(tmpdir()).detail).toMatch(/ free$/);
  expect(diskFinding('/nowhere')).toMatchObject({ status: 'problem' });
});

test('damage names what is affected and what is still good', () => {
  const damaged = [{ runId: 'r-1', goodSeq: 4, message: 'checksum of event 5 differs' }];
  const findings = integrityFindings(withIntegrity({ database: [], damaged, runsChecked: 3, more: false }));
  expect(findings.map(({ name, status }) => [name, status])).toEqual([
    ['database', 'ok'],
    ['run r-1', 'problem'],
  ]);
  expect(findings[1]?.detail).toContain('events up to 4 are good');
  const broken = integrityFindings(
    withIntegrity({ database: ['page 3'], damaged: [], runsChecked: 0, more: true }),
  );
  expect(broken[0]).toMatchObject({ status: 'problem', detail: 'page 3' });
});

test('a run that moves needs somebody who drives it', () => {
  const findings = runFindings(
    withRuns(
      { runId: 'r-1', status: 'running', owner: `h-${process.pid}-ab` },
      { runId: 'r-2', status: 'running', owner: 'h-999999999-ab' },
      { runId: 'r-3', status: 'queued' },
      { runId: 'r-4', status: 'waiting' },
    ),
  );
  expect(findings.filter(({ status }) => status === 'warning').map(({ name }) => name)).toEqual([
    'run r-3',
    'run r-2',
  ]);
  expect(findings[0]?.detail).toBe('1 queued, 2 running, 1 waiting');
  expect(findings[1]?.detail).toContain('(alive) drives 1');
  expect(findings[1]?.detail).toContain('h-999999999-ab (gone) drives 1');
});

test('the size of all snapshots is told', () => {
  const home = mkdtempSync(join(tmpdir(), 'belay-examine-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  expect(snapshotFinding(home)).toMatchObject({ status: 'ok', detail: 'none' });
  mkdirSync(join(home, 'checkpoints', 'packs'), { recursive: true });
  writeFileSync(join(home, 'checkpoints', 'packs', 'a'), Buffer.alloc(1_500));
  expect(snapshotFinding(home)).toMatchObject({ status: 'ok', detail: '1.5 KB of at most 20 GB' });
});

test('what keeps extended attributes may be missing', () => {
  expect(attributesFinding({ PATH: '/nowhere' })).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('getfattr'),
    hint: expect.stringContaining('`attr`'),
  });
});
