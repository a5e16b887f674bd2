/** Which runs are looked at, and when: each end once, unfinished ones later, and the newest of a long past. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ok } from '../../../../src/engine/core/failure.ts';
import type { Journal, RunRow } from '../../../../src/engine/core/ports.ts';
import { type LearningStore, openLearning } from '../../../../src/store/learning/open-learning.ts';
import { RunFeed } from '../../../../src/tools/learning/run-feed.ts';

let home = '';
let store: LearningStore;
let rows: RunRow[] = [];
let read: string[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-feed-'));
  store = openLearning(home, () => 0);
  rows = [];
  read = [];
});

afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

const row = (createdAt: number, more: Partial<RunRow> = {}): RunRow => ({
  runId: `r-${createdAt}`,
  workflow: 'w',
  version: '1',
  status: 'succeeded',
  createdAt,
  done: 1,
  total: 1,
  seq: 5,
  epoch: 1,
  ...more,
});

/** Newest first, in pages, as the journal gives them; the runs have no events to learn from. */
const journal: Pick<Journal, 'run' | 'runs' | 'read'> = {
  run: (runId) => rows.find((each) => each.runId === runId),
  runs({ sinceMs = 0, limit, cursor = '0' }) {
    const all = rows
      .filter(({ createdAt }) => createdAt >= sinceMs)
      .sort((a, b) => b.createdAt - a.createdAt);
    const to = Number(cursor) + limit;
    return { runs: all.slice(Number(cursor), to), ...(to < all.length && { nextCursor: String(to) }) };
  },
  read(runId) {
    read.push(runId);
    return ok([]);
  },
};

const feed = (isOn: boolean | undefined = true): RunFeed =>
  new RunFeed({ journal, learning: store, isOn: () => isOn });

/** Looks until nothing is left. */
function look(of: RunFeed): readonly string[] {
  read = [];
  while (!of.catchUp());
  return read;
}

test('each end is looked at once, by whichever process', () => {
  rows = [row(1), row(2), row(3)];
  expect(look(feed())).toEqual(['r-1', 'r-2', 'r-3']);
  expect(look(feed())).toEqual([]);
  rows.push(row(4));
  expect(look(feed())).toEqual(['r-4']);
});

test('a run that has not ended is looked at when it has, and holds nothing up', () => {
  rows = [row(1), row(2, { status: 'running', seq: 3 }), row(3)];
  expect(look(feed())).toEqual(['r-1', 'r-3']);
  expect(store.seenUntil()).toBe(2);
  rows = [row(1), row(2, { seq: 7 }), row(3)];
  expect(look(feed())).toEqual(['r-2']);
  expect(store.seenUntil()).toBe(3);
});

test('a run that goes on after its end is looked at again', () => {
  rows = [row(1)];
  look(feed());
  rows = [row(1, { seq: 9 })];
  expect(look(feed())).toEqual(['r-1']);
});

test('of a long past the newest runs are looked at, over pages', () => {
  rows = Array.from({ length: 1_300 }, (_, at) => row(at + 1));
  const looked = look(feed());
  expect(looked).toHaveLength(1_000);
  expect([looked[0], looked.at(-1)]).toEqual(['r-301', 'r-1300']);
  expect(look(feed())).toEqual([]);
});

test('very long runs, and all runs where learning is off, are ticked off unread', () => {
  rows = [row(1, { seq: 5_001 })];
  expect(look(feed())).toEqual([]);
  rows.push(row(2));
  expect(look(feed(false))).toEqual([]);
  expect([store.seenSeq('r-1'), store.seenSeq('r-2')]).toEqual([5_001, 5]);
  expect(look(feed(true))).toEqual([]);
});

test('before it is known whether learning is on, nothing is ticked off', () => {
  rows = [row(1)];
  const waiting = new RunFeed({ journal, learning: store, isOn: () => undefined });
  expect(waiting.catchUp()).toBe(false);
  expect(store.seenSeq('r-1')).toBe(0);
});
