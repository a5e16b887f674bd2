/**
 * What every `Journal` must do, whatever it is made of. Each adapter runs this suite over itself.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Journal, RunQuery } from '../../src/engine/core/ports.ts';
import { batch, change, created, type JournalUnderTest, skipped, start } from './journal.fixture.ts';
import { groupsSuite } from './journal-groups.suite.ts';
import { leaseSuite } from './journal-lease.suite.ts';

type Subject = () => JournalUnderTest;

export function journalSuite(name: string, make: () => JournalUnderTest): void {
  describe(`journal contract: ${name}`, () => {
    let subject: JournalUnderTest;
    beforeEach(() => {
      subject = make();
    });
    afterEach(() => subject.end());
    const both = (): JournalUnderTest => subject;

    describe('create', () => createTests(both));
    describe('append', () => {
      appendTests(both);
      chainTests(both);
    });
    describe('projections', () => projectionTests(both));
    describe('listing', () => {
      listingTests(both);
      prefixTests(both);
      innerTests(both);
    });
    leaseSuite(both);
    groupsSuite(both);
    describe('blobs', () => blobTests(both));
    test('watch tells of the commits of others, once for many, until it is taken back', () =>
      watchTest(both()));
  });
}

function createTests(subject: Subject): void {
  test('writes the first event and the run', () => {
    const { journal, other } = subject();
    const event = created({ intent: 'try "quotes" \u0000 and ✓' });
    expect(journal.create('r1', event, { host: 'cli', atMs: 5 }, change('queued', { total: 3 }))).toEqual({
      ok: true,
      value: {},
    });
    const read = other.read('r1');
    expect(read).toMatchObject({
      ok: true,
      value: [{ run_id: 'r1', seq: 1, at: 5, host: 'cli', epoch: 0, event }],
    });
    expect(other.run('r1')).toEqual({
      runId: 'r1',
      workflow: 'build',
      version: '1',
      status: 'queued',
      createdAt: 5,
      done: 0,
      total: 3,
      seq: 1,
      epoch: 0,
    });
  });

  test('a key that was used names the first run and writes nothing', () => {
    const { journal, other } = subject();
    start(journal, 'r1', 0, { idempotency_key: 'k' });
    const again = other.create(
      'r2',
      created({ idempotency_key: 'k' }),
      { host: 'a', atMs: 1 },
      change('queued'),
    );
    expect(again).toEqual({ ok: true, value: { existing: 'r1' } });
    expect(journal.run('r2')).toBeUndefined();
    expect(journal.read('r2')).toEqual({ ok: true, value: [] });
  });

  test('a run id that was used is a conflict', () => {
    const { journal } = subject();
    start(journal, 'r1');
    const again = journal.create('r1', created(), { host: 'a', atMs: 1 }, change('queued'));
    expect(again).toEqual({ ok: false, error: { kind: 'conflict', seq: 1 } });
  });
}

function appendTests(subject: Subject): void {
  test('returns the events as they are read later', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    const [appended] = journal.append([batch('r1', 1, { events: [skipped('x'), skipped('y')] })]);
    expect(appended).toMatchObject({ ok: true, value: [{ seq: 2 }, { seq: 3 }] });
    expect(other.read('r1', 1)).toEqual(appended);
    expect(other.read('r1', 3)).toEqual({ ok: true, value: [] });
    expect(other.run('r1')).toMatchObject({ seq: 3, status: 'running' });
  });

  test('a wrong expected sequence is a conflict that names the right one', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    other.append([batch('r1', 1)]);
    expect(journal.append([batch('r1', 1)])).toEqual([{ ok: false, error: { kind: 'conflict', seq: 2 } }]);
    expect(journal.append([batch('r1', 7)])).toEqual([{ ok: false, error: { kind: 'conflict', seq: 2 } }]);
  });

  test('a refused batch stops no other, and two batches of one run follow each other', () => {
    const { journal } = subject();
    start(journal, 'r1');
    start(journal, 'r2');
    const answers = journal.append([
      batch('r1', 1),
      batch('nobody', 1),
      batch('r1', 2),
      batch('r2', 9),
      batch('r2', 1),
    ]);
    expect(answers.map((answer) => (answer.ok ? answer.value[0]?.seq : answer.error.kind))).toEqual([
      2,
      'unknown_run',
      3,
      'conflict',
      2,
    ]);
    expect(journal.append([])).toEqual([]);
  });
}

function chainTests(subject: Subject): void {
  test('each event links to the one before it', () => {
    const { journal } = subject();
    start(journal, 'r1');
    start(journal, 'r2');
    journal.append([batch('r1', 1), batch('r2', 1)]);
    const checksums = ['r1', 'r2'].flatMap((run) => {
      const read = journal.read(run);
      return read.ok ? read.value.map((event) => event.checksum) : [];
    });
    expect(checksums).toHaveLength(4);
    expect(new Set(checksums).size).toBe(4);
  });
}

function projectionTests(subject: Subject): void {
  test('steps are kept in the order in which they came, with their latest state', () => {
    const { journal, other } = subject();
    start(journal, 'r1');
    const running = (key: string) =>
      ({ key, type: 'shell', status: 'running', attempts: 1, startedAt: 7 }) as const;
    const failed = {
      ...running('t[10]'),
      status: 'failed',
      finishedAt: 9,
      exitCode: 2,
      error: 'exit',
    } as const;
    journal.append([
      batch('r1', 1, { change: change('running', { steps: [running('t[10]'), running('t[2]')] }) }),
    ]);
    journal.append([batch('r1', 2, { change: change('running', { steps: [running('b'), failed] }) })]);
    expect(other.stepRows('r1', 10)).toEqual([failed, running('t[2]'), running('b')]);
    expect(other.stepRows('r1', 1)).toEqual([failed]);
    expect(other.stepRows('r2', 1)).toEqual([]);
  });

  test('the run has what its last change says', () => {
    const { journal } = subject();
    start(journal, 'r1');
    const fields = { reason: 'asks', startedAt: 2, done: 1, total: 4, nextTimerAt: 99 };
    journal.append([batch('r1', 1, { change: change('waiting', fields) })]);
    expect(journal.run('r1')).toMatchObject({ status: 'waiting', ...fields });
    journal.append([
      batch('r1', 2, { change: change('failed', { startedAt: 2, finishedAt: 8, done: 4, total: 4 }) }),
    ]);
    const run = journal.run('r1');
    expect(run).toMatchObject({ status: 'failed', finishedAt: 8, done: 4 });
    expect(run).not.toHaveProperty('reason');
    expect(run).not.toHaveProperty('nextTimerAt');
  });
}

function listingTests(subject: Subject): void {
  const pages = (journal: Journal, query: Omit<RunQuery, 'limit'>, limit: number): string[][] => {
    const found: string[][] = [];
    for (let cursor: string | undefined; ; ) {
      const page = journal.runs({ ...query, limit, ...(cursor !== undefined && { cursor }) });
      found.push(page.runs.map((run) => run.runId));
      cursor = page.nextCursor;
      if (cursor === undefined) return found;
    }
  };

  test('newest first, in pages without gap or repetition, also within one millisecond', () => {
    const { journal } = subject();
    for (const [runId, atMs] of [
      ['a', 1],
      ['b', 2],
      ['c', 2],
      ['d', 2],
      ['e', 3],
    ] as const)
      start(journal, runId, atMs);
    expect(pages(journal, {}, 2)).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    expect(pages(journal, {}, 5)).toEqual([['e', 'd', 'c', 'b', 'a']]);
    expect(journal.runs({ limit: 5, cursor: 'nonsense' })).toEqual({ runs: [] });
  });

  test('by workflow, status, age and all of them', () => {
    const { journal } = subject();
    start(journal, 'a', 1, { workflow: 'x' }, 'failed');
    start(journal, 'b', 2, { workflow: 'x' }, 'succeeded');
    start(journal, 'c', 3, { workflow: 'y' }, 'failed');
    start(journal, 'd', 4, { workflow: 'x' }, 'failed');
    expect(pages(journal, { workflow: 'x' }, 2)).toEqual([['d', 'b'], ['a']]);
    expect(pages(journal, { status: 'failed' }, 9)).toEqual([['d', 'c', 'a']]);
    expect(pages(journal, { sinceMs: 3 }, 9)).toEqual([['d', 'c']]);
    expect(pages(journal, { workflow: 'x', status: 'failed', sinceMs: 2 }, 9)).toEqual([['d']]);
  });
}

function innerTests(subject: Subject): void {
  test('unfinished runs that an attempt has started', () => {
    const { journal, other } = subject();
    const parent = { run: 'r0', step: 'a', seq: 4, depth: 1 };
    start(journal, 'r0');
    start(journal, 'r1', 2, { parent });
    start(journal, 'r2', 1, { parent });
    start(journal, 'r3', 3, { parent: { ...parent, seq: 5 } });
    start(journal, 'r4', 3, { parent: { ...parent, run: 'r00' } });
    start(journal, 'r5', 3, { inputs: { parent } });
    expect(other.innerRuns({ runId: 'r0', seq: 4 })).toEqual(['r2', 'r1']);
    journal.append([batch('r2', 1, { change: change('cancelled') })]);
    expect(other.innerRuns({ runId: 'r0', seq: 4 })).toEqual(['r1']);
    expect(other.innerRuns({ runId: 'r0"', seq: 4 })).toEqual([]);
  });
}

function prefixTests(subject: Subject): void {
  test('ids by prefix, newest first', () => {
    const { journal } = subject();
    for (const [runId, atMs] of [
      ['ab1', 1],
      ['ab2', 3],
      ['ac', 2],
      ['b', 4],
    ] as const)
      start(journal, runId, atMs);
    expect(journal.runIds('ab', 5)).toEqual(['ab2', 'ab1']);
    expect(journal.runIds('', 2)).toEqual(['b', 'ab2']);
    expect(journal.runIds('%', 2)).toEqual([]);
  });
}

function blobTests(subject: Subject): void {
  test('bytes come back by their hash', () => {
    const { journal, other } = subject();
    const bytes = new Uint8Array([0, 1, 255]);
    const sha256 = journal.putBlob(bytes);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(other.putBlob(bytes)).toBe(sha256);
    expect(new Uint8Array(other.getBlob(sha256)!)).toEqual(bytes);
    expect(journal.getBlob('0'.repeat(64))).toBeUndefined();
    expect(journal.getBlob('../belay.db')).toBeUndefined();
  });
}

async function watchTest({ journal, other }: JournalUnderTest): Promise<void> {
  let calls = 0;
  const seen = Promise.withResolvers<void>();
  const stop = journal.watch(() => {
    calls++;
    seen.resolve();
  });
  journal.watch(() => expect.unreachable('taken back'))();
  start(other, 'r1');
  start(other, 'r2');
  await seen.promise;
  expect(calls).toBe(1);
  stop();
}
