/** Webhooks in the store: sealed secrets, deliveries that are scheduled once, bounds, and one owner of the right to deliver. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  WEBHOOK_DELIVERED_KEPT_MAX,
  WEBHOOK_LEASE_MS,
  WEBHOOKS_MAX,
} from '../../../src/engine/core/limits.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { batch, start } from '../../contract/journal.fixture.ts';
import { opened, scratch, tamper } from './store.fixture.ts';

const SECRET = Buffer.alloc(32, 5);
const add = ({ webhooks }: Store) => {
  const wish = {
    url: 'https://example.com/',
    events: ['*'],
    secret: SECRET,
    allowPrivate: false,
    by: 'me',
    atMs: 1,
  };
  const added = webhooks.add(wish);
  if (!added.ok) throw new Error(added.error);
  return added.value;
};

test('a secret opens for its own webhook, with its own key', () => {
  const home = scratch();
  const store = opened(home);
  const [one, two] = [add(store), add(store)];
  expect(store.webhooks.secretOf(one.id)).toEqual(SECRET);
  expect(store.webhooks.secretOf('wh_0')).toBeUndefined();
  tamper(home, `UPDATE webhooks SET secret = (SELECT secret FROM webhooks WHERE webhook = '${one.id}')`);
  expect(store.webhooks.secretOf(one.id)).toEqual(SECRET);
  expect(store.webhooks.secretOf(two.id)).toBeUndefined();
  rmSync(join(home, 'home.key'));
  expect(store.webhooks.secretOf(one.id)).toBeUndefined();
});

test('there are only so many', () => {
  const store = opened(scratch());
  for (let n = 0; n < WEBHOOKS_MAX; n += 1) add(store);
  expect(() => add(store)).toThrow('full');
  expect(store.webhooks.list()).toHaveLength(WEBHOOKS_MAX);
});

test('what is scheduled twice is there once, and a webhook stands where it has been scheduled to', () => {
  const store = opened(scratch());
  start(store, 'r0');
  const { id, position } = add(store);
  expect(position).toBe(1);
  start(store, 'r1');
  const entries = store.feed.read(position, 10);
  const move = { from: position, to: store.feed.end() };
  store.deliveries.schedule(id, move, entries, 7);
  store.deliveries.schedule(id, move, entries, 7);
  expect(store.deliveries.due(id, 6, 10)).toEqual([]);
  expect(store.deliveries.due(id, 7, 10)).toMatchObject([
    { runId: 'r1', seq: 1, attempts: 0, status: 'pending' },
  ]);
  expect(store.deliveries.pending(id)).toEqual({ count: 1, nextAt: 7 });
  expect(store.webhooks.find(id)?.position).toBe(2);
});

test('a result counts once, and only the newest arrivals are kept', () => {
  const store = opened(scratch());
  const { id, position } = add(store);
  start(store, 'r1');
  const more = 3;
  for (let seq = 1; seq < WEBHOOK_DELIVERED_KEPT_MAX + more; seq += 1) store.append([batch('r1', seq)]);
  const entries = store.feed.read(position, 1_000);
  store.deliveries.schedule(id, { from: position, to: store.feed.end() }, entries, 1);
  const due = store.deliveries.due(id, 1, 1_000);
  const [first] = due;
  if (!first) throw new Error('nothing is due');
  store.deliveries.settle(first, { status: 'pending', atMs: 2, nextAtMs: 50, error: 'no' });
  // another server had made the same attempt
  store.deliveries.settle(first, { status: 'delivered', atMs: 3, answer: 200 });
  expect(store.deliveries.find(id, first.position)).toMatchObject({
    status: 'pending',
    attempts: 1,
    error: 'no',
  });
  for (const each of store.deliveries.due(id, 50, 1_000))
    store.deliveries.settle(each, { status: 'delivered', atMs: 4, answer: 200 });
  const kept = store.deliveries.list(id, { status: 'delivered', limit: 1_000 });
  expect(kept).toHaveLength(WEBHOOK_DELIVERED_KEPT_MAX);
  expect(kept[0]?.position).toBe(store.feed.end());
  expect(store.webhooks.remove(id)).toBe(true);
  expect(store.deliveries.list(id, { limit: 10 })).toEqual([]);
  expect(store.webhooks.remove(id)).toBe(false);
});

test('one owner at a time, until it lets go or its time is over', () => {
  const home = scratch();
  const [{ deliveries: one }, { deliveries: two }] = [opened(home), opened(home)];
  expect([one.hold('a', 0), two.hold('b', 0), one.hold('a', 1)]).toEqual([true, false, true]);
  expect(two.hold('b', WEBHOOK_LEASE_MS)).toBe(false);
  expect(two.hold('b', WEBHOOK_LEASE_MS + 1)).toBe(true);
  expect(one.hold('a', WEBHOOK_LEASE_MS + 2)).toBe(false);
  one.letGo('a');
  expect(one.hold('a', WEBHOOK_LEASE_MS + 2)).toBe(false);
  two.letGo('b');
  expect(one.hold('a', WEBHOOK_LEASE_MS + 2)).toBe(true);
});
