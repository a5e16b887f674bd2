import { expect, test } from 'vitest';
import type { JournalEvent } from '../../../src/engine/core/events.ts';
import { batch, change, start } from '../../contract/journal.fixture.ts';
import { opened, scratch, tamper } from './store.fixture.ts';

const step = { key: 's', type: 'shell', status: 'running', attempts: 1 } as const;

test('a whole store has nothing to report', () => {
  const store = opened(scratch());
  start(store, 'r1');
  start(store, 'done', 0, {}, 'succeeded');
  expect(store.integrity()).toEqual({ database: [], damaged: [], runsChecked: 1, more: false });
});

test('damaged unfinished runs are named', () => {
  const home = scratch();
  const store = opened(home);
  for (const run of ['r1', 'r2']) start(store, run);
  tamper(home, `UPDATE events SET host = 'x' WHERE run_id = 'r2'`);
  expect(store.integrity()).toMatchObject({ damaged: [{ runId: 'r2', goodSeq: 0 }], runsChecked: 2 });
});

test('projections are made anew from events, so that hosts can go on', () => {
  const home = scratch();
  const store = opened(home);
  start(store, 'r1', 5, { idempotency_key: 'k' });
  store.claim('r1', 'a', 6);
  const after = change('running', { startedAt: 6, total: 1, steps: [step] });
  store.append([batch('r1', 2, { epoch: 1, change: after })]);
  const before = store.run('r1');
  tamper(
    home,
    `DELETE FROM runs; DELETE FROM steps; INSERT INTO steps VALUES ('r1','old',1,0,'x','failed',1,1,1,1,'')`,
  );
  const folded: JournalEvent[] = [];
  const rebuilt = store.rebuild((events) => {
    folded.push(...events);
    return after;
  });
  expect(rebuilt).toEqual({ runs: 1, damaged: [] });
  expect(folded.map((event) => event.seq)).toEqual([1, 2, 3]);
  const { owner: _, ...rest } = before!;
  expect(store.run('r1')).toEqual(rest);
  expect(store.stepRows('r1', 9)).toEqual([step]);
  expect(store.append([batch('r1', 3, { epoch: 1 })])[0]?.ok).toBe(true);
  expect(store.read('r1').ok).toBe(true);
});

test('a damaged run stays as it was', () => {
  const home = scratch();
  const store = opened(home);
  for (const run of ['r1', 'r2']) {
    start(store, run);
    store.append([batch(run, 1)]);
  }
  tamper(home, `DELETE FROM events WHERE run_id = 'r1' AND seq = 2`);
  const rebuilt = store.rebuild(() => change('paused'));
  expect(rebuilt).toMatchObject({ runs: 1, damaged: [{ runId: 'r1', goodSeq: 1 }] });
  expect(store.run('r1')).toMatchObject({ status: 'running', seq: 2 });
  expect(store.run('r2')).toMatchObject({ status: 'paused', seq: 2 });
});
