import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/store/open-store.ts';
import { batch, start } from '../../contract/journal.fixture.ts';
import { opened, scratch, tamper } from './store.fixture.ts';

/** Two runs of four events, closed. */
function recorded(): string {
  const home = scratch();
  const store = openStore(home);
  if (!store.ok) throw new Error(store.error.message);
  for (const run of ['r1', 'r2']) {
    start(store.value, run);
    for (const seq of [1, 2, 3]) store.value.append([batch(run, seq)]);
  }
  store.value.close();
  return home;
}

test.each([
  [
    'a changed payload',
    `UPDATE events SET payload = replace(payload, 'test', 'best') WHERE run_id = 'r1' AND seq = 3`,
    2,
  ],
  ['a changed time', `UPDATE events SET at = at + 1 WHERE run_id = 'r1' AND seq = 1`, 0],
  ['a lost event', `DELETE FROM events WHERE run_id = 'r1' AND seq = 2`, 1],
  ['a lost end', `DELETE FROM events WHERE run_id = 'r1' AND seq > 2`, 2],
  ['everything lost', `DELETE FROM events WHERE run_id = 'r1'`, 0],
  [
    'events of another run',
    `DELETE FROM events WHERE run_id = 'r1';
    UPDATE events SET run_id = 'r1' WHERE run_id = 'r2'; DELETE FROM runs WHERE run_id = 'r2'`,
    0,
  ],
  ['another end', `UPDATE runs SET checksum = 'x' WHERE run_id = 'r1'`, 4],
])('%s is found', (_, sql, goodSeq) => {
  const home = recorded();
  tamper(home, sql);
  const store = opened(home);
  expect(store.read('r1')).toMatchObject({
    ok: false,
    error: { runId: 'r1', goodSeq, message: expect.stringContaining('`r1`') },
  });
  expect(store.read('r2').ok).toBe(true);
});

test('damage after the given event is found, damage before it is not asked about', () => {
  const home = recorded();
  tamper(home, `UPDATE events SET host = 'b' WHERE run_id = 'r1' AND seq = 2`);
  const store = opened(home);
  expect(store.read('r1', 1)).toMatchObject({ ok: false, error: { goodSeq: 1 } });
  expect(store.read('r1', 2)).toMatchObject({ ok: true, value: [{ seq: 3 }, { seq: 4 }] });
});

test('an event that the given one links to but that is gone', () => {
  const home = recorded();
  tamper(home, `DELETE FROM events WHERE run_id = 'r1' AND seq = 2`);
  expect(opened(home).read('r1', 2)).toMatchObject({
    ok: false,
    error: { message: 'run `r1` has lost event 2' },
  });
});

test('an event of a newer program is refused by name', () => {
  const home = scratch();
  const store = opened(home);
  start(store, 'r1');
  const future = { type: 'step.teleported', step: 's' } as never;
  store.append([batch('r1', 1, { events: [future] })]);
  expect(store.read('r1')).toMatchObject({
    ok: false,
    error: {
      goodSeq: 1,
      message: expect.stringMatching(/`step\.teleported` in format 1, written by a newer belay$/),
    },
  });
});

test('flipped bytes in the file damage one run', () => {
  const home = recorded();
  const path = join(home, 'belay.db');
  const bytes = readFileSync(path);
  const at = bytes.indexOf('after-2');
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
  const store = opened(home);
  const damaged = ['r1', 'r2'].filter((run) => !store.read(run).ok);
  expect(damaged).toHaveLength(1);
});

test('a truncated file is reported, never a crash', () => {
  const home = recorded();
  const path = join(home, 'belay.db');
  const size = readFileSync(path).length;
  for (const kept of [size - 4096, 4096 * 2, 4096, 1000, 100]) {
    truncateSync(path, kept);
    const store = openStore(home, { readOnly: true });
    if (!store.ok) {
      expect(store.error.code).toBe('corrupt');
      continue;
    }
    const { database } = store.value.integrity();
    expect(database.length).toBeGreaterThan(0);
    store.value.close();
  }
});
