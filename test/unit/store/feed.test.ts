/** The feed of all runs: the order of commits, from several connections, page by page, with damage shown for what it is. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { FEED_PAGE_BYTES_MAX } from '../../../src/engine/core/limits.ts';
import { FEED_TABLE } from '../../../src/store/feed.ts';
import { MIGRATIONS } from '../../../src/store/schema.ts';
import { batch, start } from '../../contract/journal.fixture.ts';
import { opened, scratch, tamper } from './store.fixture.ts';

const places = (entries: readonly { runId: string; seq: number }[]) =>
  entries.map(({ runId, seq }) => `${runId}:${seq}`);

test('events of all runs are there in the order of their commits, whoever wrote them', () => {
  const home = scratch();
  const [one, two] = [opened(home), opened(home)];
  start(one, 'r1');
  start(two, 'r2');
  one.append([batch('r2', 1), batch('r1', 1)]);
  two.append([batch('r1', 2)]);
  const all = one.feed.read(0, 100);
  expect(places(all)).toEqual(['r1:1', 'r2:1', 'r2:2', 'r1:2', 'r1:3']);
  expect(all).toEqual(two.feed.read(0, 100));
  expect(all.map(({ event }) => event?.seq)).toEqual(all.map(({ seq }) => seq));
  expect(one.feed.end()).toBe(all.at(-1)?.position);
  const [first, second] = [one.feed.read(0, 2), one.feed.read(all[1]?.position ?? 0, 100)];
  expect([...first, ...second]).toEqual(all);
  expect(one.feed.read(one.feed.end(), 100)).toEqual([]);
});

test('a claim is an event like others; what was refused leaves no trace', () => {
  const store = opened(scratch());
  start(store, 'r1');
  store.append([batch('r1', 7)]);
  store.claim('r1', 'h1', 1);
  expect(places(store.feed.read(0, 100))).toEqual(['r1:1', 'r1:2']);
});

test('a damaged event is shown without content, those around it with theirs', () => {
  const home = scratch();
  const store = opened(home);
  start(store, 'r1');
  for (const seq of [1, 2]) store.append([batch('r1', seq)]);
  tamper(home, `UPDATE events SET at = at + 1 WHERE run_id = 'r1' AND seq = 2`);
  const [first, second, third] = store.feed.read(0, 100);
  expect([first?.event?.seq, second?.event, second?.seq, third?.event?.seq]).toEqual([1, undefined, 2, 3]);
  tamper(home, `DELETE FROM events WHERE run_id = 'r1' AND seq = 2`);
  const after = store.feed.read(0, 100);
  expect(after.map(({ event }) => event !== undefined)).toEqual([true, false, false]);
});

test('a page ends where it has enough bytes, and the next one goes on', () => {
  const store = opened(scratch());
  start(store, 'r1');
  const reason = 'x'.repeat(FEED_PAGE_BYTES_MAX / 2);
  const [one] = [batch('r1', 1)];
  for (const expectedSeq of [1, 2, 3, 4])
    store.append([{ ...one!, expectedSeq, events: [{ type: 'run.paused', reason }] }]);
  const page = store.feed.read(0, 100);
  expect(places(page)).toEqual(['r1:1', 'r1:2', 'r1:3']);
  expect(places(store.feed.read(page.at(-1)?.position ?? 0, 100))).toEqual(['r1:4', 'r1:5']);
  const own = store.readPage('r1', 0);
  expect(own).toMatchObject({ ok: true, value: { more: true, events: { length: 3 } } });
  expect(store.readPage('r1', 3)).toMatchObject({ ok: true, value: { more: true, events: { length: 2 } } });
  expect(store.readPage('r1', 5)).toMatchObject({ ok: true, value: { more: false, events: [] } });
});

test('a folder from before there was a feed gets one, for what comes from then on', () => {
  const home = scratch();
  const old = new DatabaseSync(join(home, 'belay.db'));
  const before = MIGRATIONS.indexOf(FEED_TABLE);
  for (const sql of MIGRATIONS.slice(0, before)) old.exec(sql);
  old.exec(`PRAGMA user_version = ${before}; INSERT INTO events VALUES ('r0', 1, 1, 'h', 0, 1, '{}', 'x')`);
  old.close();
  const store = opened(home);
  expect([store.feed.end(), store.feed.read(0, 10)]).toEqual([0, []]);
  start(store, 'r1');
  expect(places(store.feed.read(0, 10))).toEqual(['r1:1']);
});
