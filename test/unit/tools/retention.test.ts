import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Collection, Snapshots } from '../../../src/checkpoint/snapshot.ts';
import type { RunStatus } from '../../../src/engine/core/events.ts';
import { ok } from '../../../src/engine/core/failure.ts';
import type { RunQuery, RunRow } from '../../../src/engine/core/ports.ts';
import {
  collectSnapshots,
  isRetentionDue,
  type Keeper,
  RETENTION,
  retainIfDue,
} from '../../../src/tools/retention.ts';

const DAY_MS = 86_400_000;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-retention-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A store that remembers what it was asked, and a journal with these runs, one to a page. */
function keeper(runs: { readonly [runId: string]: RunStatus } = {}) {
  const asked: Collection[] = [];
  let now = Date.now();
  const snapshots = {
    collect: async (request: Collection) => {
      asked.push(request);
      return ok({ snapshots: 0, objects: 0, bytes: 0, left: { snapshots: 0, bytes: 0 } });
    },
  } as unknown as Snapshots;
  const journal = {
    runs: ({ status, cursor = '0' }: RunQuery) => {
      const ids = Object.keys(runs).filter((runId) => runs[runId] === status);
      const at = Number(cursor);
      const found = ids.slice(at, at + 1).map((runId) => ({ runId }) as RunRow);
      return { runs: found, ...(at + 1 < ids.length && { nextCursor: String(at + 1) }) };
    },
  };
  const busy = { is: false };
  const keeping = { home, journal, snapshots, now: () => now, isBusy: () => busy.is } as unknown as Keeper;
  return { keeping, asked, busy, later: (ms: number) => (now += ms) };
}

test('snapshots of runs that have not finished, or are stuck, are never asked for', async () => {
  const { keeping, asked } = keeper({
    a: 'running',
    b: 'running',
    c: 'waiting',
    d: 'paused',
    e: 'rolling_back',
    f: 'queued',
    g: 'stuck',
    h: 'succeeded',
    i: 'rolled_back',
  });
  await collectSnapshots(keeping, RETENTION, true);
  expect([...(asked[0]?.liveRuns ?? [])].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  expect(asked[0]).toMatchObject({ dryRun: true, retention: { ageMs: 7 * DAY_MS } });
});

test('once a day at most, whoever asks, and not on the first day', async () => {
  mkdirSync(join(home, 'checkpoints'));
  const { keeping, asked, later } = keeper();
  await retainIfDue(keeping);
  expect(asked).toEqual([]);
  for (const days of [1, 2]) {
    later(DAY_MS);
    expect(isRetentionDue(keeping)).toBe(true);
    await Promise.all([retainIfDue(keeping), retainIfDue({ ...keeping })]);
    expect(asked).toHaveLength(days);
    expect(isRetentionDue(keeping)).toBe(false);
  }
});

test('not while something else is to be done, and nothing is made where there are no snapshots', async () => {
  const { keeping, asked, busy, later } = keeper();
  await retainIfDue(keeping);
  expect(existsSync(join(home, 'checkpoints'))).toBe(false);
  mkdirSync(join(home, 'checkpoints'));
  await retainIfDue(keeping);
  later(DAY_MS);
  busy.is = true;
  await retainIfDue(keeping);
  expect(isRetentionDue(keeping)).toBe(true);
  expect(asked).toEqual([]);
});
