/** Webhooks from outside: what a receiver gets, what happens when it does not take it, and whom nothing is sent to. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { attempt } from '../../../src/http/webhooks/attempt.ts';
import { WebhookSender } from '../../../src/http/webhooks/webhook-sender.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { Webhook } from '../../../src/store/webhooks/webhook-list.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';
import { type Receiver, webhookReceiver } from './webhook-receiver.ts';

const WAIT = { timeout: 20_000, interval: 20 };

let scratch: ScratchServer;
let receiver: Receiver;
/** Added to the time, so that waits of hours are over at once. */
let laterMs = 0;
const now = () => Date.now() + laterMs;

beforeAll(async () => {
  [scratch, receiver] = await Promise.all([scratchServer({ now, random: () => 0 }), webhookReceiver()]);
});
afterAll(async () => {
  await scratch.end();
  await receiver.close();
});
afterEach(async () => {
  const { json } = await scratch.send('GET', '/api/v1/webhooks');
  for (const { webhook_id } of json.webhooks) await scratch.send('DELETE', `/api/v1/webhooks/${webhook_id}`);
  receiver.got.length = 0;
  receiver.answer = () => ({ status: 204 });
});

const run = async (name = 'work') =>
  (
    await scratch.send('POST', '/api/v1/runs', {
      body: { definition: { name, steps: [{ id: 'a', type: 'set', values: { x: 1 } }] }, wait_seconds: 20 },
    })
  ).json.run_id as string;

const add = async (body: object = {}) => {
  const wish = { url: `${receiver.url}/hook`, events: ['run.finished'], allow_private: true, ...body };
  return (await scratch.send('POST', '/api/v1/webhooks', { body: wish })).json as {
    webhook_id: string;
    secret: string;
  };
};

const deliveries = async (id: string, query = '') =>
  (await scratch.send('GET', `/api/v1/webhooks/${id}/deliveries${query}`)).json;
const delivery = async (id: string) => (await deliveries(id)).deliveries[0];

const keyOf = (secret: string) => Buffer.from(secret.slice('whsec_'.length), 'base64');

describe('a delivery', () => {
  it('brings the event as the stream of all events shows it, signed in both ways', async () => {
    const { webhook_id, secret } = await add();
    const runId = await run();
    await expect.poll(() => receiver.got.length, WAIT).toBe(1);
    const [{ headers, text, json, path } = expect.fail('nothing came')] = receiver.got;
    expect(path).toBe('/hook');
    const { json: view } = await scratch.send('GET', `/api/v1/runs/${runId}?include=events`);
    expect(json).toEqual({
      id: headers['webhook-id'],
      type: 'run.finished',
      timestamp: view.events.at(-1).at,
      data: { run_id: runId, workflow: 'work', ...view.events.at(-1) },
    });
    const seconds = headers['webhook-timestamp'] as string;
    expect(Math.abs(Number(seconds) * 1_000 - now())).toBeLessThan(60_000);
    const hmac = (content: string) => createHmac('sha256', keyOf(secret)).update(content);
    expect(headers['belay-signature']).toBe(`t=${seconds},v1=${hmac(`${seconds}.${text}`).digest('hex')}`);
    expect(headers['webhook-signature']).toBe(
      `v1,${hmac(`${headers['webhook-id']}.${seconds}.${text}`).digest('base64')}`,
    );
    await expect.poll(async () => (await delivery(webhook_id)).status, WAIT).toBe('delivered');
    expect(await delivery(webhook_id)).toMatchObject({
      delivery_id: headers['webhook-id'],
      run_id: runId,
      attempts: 1,
      answer: 204,
    });
    expect((await scratch.send('GET', '/metrics')).text).toMatch(
      /belay_webhook_attempts_total\{result="delivered"\} [1-9]/,
    );
  });

  it('comes for each event that was asked for, and for none from before', async () => {
    await run('earlier');
    const one = await add({ events: ['run.*'] });
    const two = await add({ url: `${receiver.url}/two`, events: ['step.succeeded', 'question.asked'] });
    const runId = await run();
    await expect.poll(() => receiver.got.length, WAIT).toBeGreaterThanOrEqual(5);
    const of = (path: string) =>
      receiver.got.filter((each) => each.path === path).map(({ json }) => json.type);
    expect(of('/hook').sort()).toEqual(['run.claimed', 'run.created', 'run.finished', 'run.started']);
    expect(of('/two')).toEqual(['step.succeeded']);
    expect(receiver.got.every(({ json }) => json.data.run_id === runId)).toBe(true);
    expect(new Set(receiver.got.map(({ json }) => json.id)).size).toBe(receiver.got.length);
    expect(one.secret).not.toBe(two.secret);
  });

  it('is tried again with the same id and a new signature, given up, and brought again by hand', async () => {
    receiver.answer = () => ({ status: 500 });
    const { webhook_id } = await add();
    await run();
    await expect.poll(async () => (await delivery(webhook_id))?.attempts, WAIT).toBe(1);
    expect(await delivery(webhook_id)).toMatchObject({ answer: 500, error: 'the receiver answered 500' });
    receiver.answer = () => ({ status: 410 });
    laterMs += Date.parse((await delivery(webhook_id)).next_at) - now();
    await expect.poll(async () => (await delivery(webhook_id)).status, WAIT).toBe('dead');
    expect((await deliveries(webhook_id, '?status=dead')).deliveries).toMatchObject([{ attempts: 2 }]);
    receiver.answer = () => ({ status: 200 });
    const retried = await scratch.send('POST', `/api/v1/webhooks/${webhook_id}/retry`, { body: {} });
    expect(retried.json).toEqual({ webhook_id, retried: 1 });
    await expect.poll(async () => (await delivery(webhook_id)).status, WAIT).toBe('delivered');
    expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.got.map(({ headers }) => headers['belay-signature'])).size).toBe(3);
  });

  it('is tried ten times, each wait longer than the one before, for some 42 hours', async () => {
    receiver.answer = () => ({ status: 503 });
    const webhook = { url: receiver.url, allowPrivate: true } as Webhook;
    const around = { signal: new AbortController().signal, now: () => 0, random: () => 0 };
    const waits: number[] = [];
    for (let attempts = 0; attempts < 10; attempts += 1) {
      const made = await attempt(webhook, Buffer.alloc(32), { id: 'msg_1', body: '{}', attempts }, around);
      expect(made?.outcome.status).toBe(attempts === 9 ? 'dead' : 'pending');
      if (made?.outcome.nextAtMs !== undefined) waits.push(made.outcome.nextAtMs);
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    const hours = waits.reduce((sum, each) => sum + each, 0) / 3_600_000;
    expect([waits.length, Math.round(hours)]).toEqual([9, 42]);
  });

  it('is tried again where no answer comes in time, and has not been tried where the server ends', async () => {
    const held = Promise.withResolvers<void>();
    const came = Promise.withResolvers<void>();
    receiver.answer = async () => {
      came.resolve();
      await held.promise;
      return { status: 200 };
    };
    const [late, leaving] = [new AbortController(), new AbortController()];
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal);
    const webhook = { url: receiver.url, allowPrivate: true } as Webhook;
    const message = { id: 'msg_1', body: '{}', attempts: 0 };
    const around = { signal: leaving.signal, now: () => 0, random: () => 0 };
    try {
      const first = attempt(webhook, Buffer.alloc(32), message, around);
      await came.promise;
      late.abort();
      expect(await first).toMatchObject({
        outcome: { status: 'pending', nextAtMs: 5_000, error: 'no answer within 15 seconds' },
      });
      timeout.mockReturnValue(new AbortController().signal);
      const second = attempt(webhook, Buffer.alloc(32), message, around);
      leaving.abort();
      expect(await second).toBeUndefined();
    } finally {
      timeout.mockRestore();
      held.resolve();
    }
  });

  it('waits as long as its receiver says', async () => {
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    const { webhook_id } = await add();
    await run();
    await expect.poll(async () => (await delivery(webhook_id))?.attempts, WAIT).toBe(1);
    const waitMs = Date.parse((await delivery(webhook_id)).next_at) - now();
    expect(waitMs).toBeGreaterThan(3_500_000);
    expect(waitMs).toBeLessThanOrEqual(3_600_000);
  });

  it('is the last one to a receiver that says it is gone, until somebody wants it again', async () => {
    receiver.answer = () => ({ status: 410 });
    const { webhook_id } = await add();
    await run();
    const status = async () => (await scratch.send('GET', `/api/v1/webhooks/${webhook_id}`)).json.status;
    await expect.poll(status, WAIT).toBe('disabled');
    const missed = await run();
    receiver.answer = () => ({ status: 200 });
    const id = receiver.got[0]?.json.id;
    const again = await scratch.send('POST', `/api/v1/webhooks/${webhook_id}/retry`, {
      body: { delivery_id: id },
    });
    expect(again.json).toMatchObject({ retried: 1 });
    await expect.poll(() => receiver.got.length, WAIT).toBe(3);
    expect(receiver.got.slice(1).map(({ json }) => json.id)).toContain(id);
    expect(receiver.got.slice(1).map(({ json }) => json.data.run_id)).toContain(missed);
  });
});

describe('nothing is sent', () => {
  const error = async (id: string) => (await delivery(id))?.error;

  it.each([
    ['a private address', { url: 'https://127.0.0.1/x', allow_private: false }],
    ['a private address in another form', { url: 'https://[::ffff:10.0.0.1]/x', allow_private: false }],
    ['a number that is a private address', { url: 'https://2130706433/x', allow_private: false }],
    ['a service of the cloud', { url: 'https://169.254.169.254/latest', allow_private: false }],
    ['plain http', { url: 'http://example.com/x', allow_private: false }],
    ['another scheme', { url: 'file:///etc/passwd' }],
    ['a password in the address', { url: 'https://a:b@example.com/' }],
    ['an unknown event', { events: ['run.ended'] }],
    ['no event', { events: [] }],
    ['a short secret', { secret: 'whsec_c2hvcnQ=' }],
    ['an unknown field', { method: 'GET' }],
  ])('to %s: it is refused at once', async (_, wish) => {
    const body = { url: `${receiver.url}/hook`, events: ['*'], allow_private: true, ...wish };
    const got = await scratch.send('POST', '/api/v1/webhooks', { body });
    expect(got.status).toBe(400);
    expect((await scratch.send('GET', '/api/v1/webhooks')).json.webhooks).toEqual([]);
  });

  it('to a name that leads to this machine when the connection is made', async () => {
    const { webhook_id } = await add({ url: 'https://localhost:1/hook', allow_private: false });
    await run();
    await expect
      .poll(() => error(webhook_id), WAIT)
      .toMatch(/private address is behind it, and it has no `allow_private`/);
  });

  it('to where a redirect leads, when that is another site', async () => {
    const other = await webhookReceiver();
    try {
      receiver.answer = () => ({ status: 307, headers: { location: `${other.url}/steal` } });
      const { webhook_id } = await add();
      await run();
      await expect.poll(() => error(webhook_id), WAIT).toMatch(/would send the body on/);
      receiver.answer = () => ({ status: 302, headers: { location: '/login' } });
      const two = await add();
      await run();
      await expect.poll(() => error(two.webhook_id), WAIT).toMatch(/answered 302/);
      expect(other.got).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('but along a redirect within the site', async () => {
    receiver.answer = ({ path }) =>
      path === '/hook' ? { status: 308, headers: { location: '/new' } } : { status: 200 };
    const { webhook_id } = await add();
    await run();
    await expect.poll(async () => (await delivery(webhook_id))?.status, WAIT).toBe('delivered');
    expect(receiver.got.map(({ path }) => path)).toEqual(['/hook', '/new']);
    expect(receiver.got[1]?.text).toBe(receiver.got[0]?.text);
  });
});

it('never shows a secret again, and keeps it sealed', async () => {
  const given = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const { webhook_id, secret } = await add({ secret: given });
  expect(secret).toBe(given);
  for (const path of ['', `/${webhook_id}`])
    expect((await scratch.send('GET', `/api/v1/webhooks${path}`)).text).not.toMatch(/secret|whsec/);
  const bytes = ['belay.db', 'belay.db-wal'].map((name) => readFileSync(join(scratch.belay.home, name)));
  for (const each of bytes) expect(each.includes(Buffer.alloc(32, 7))).toBe(false);
});

it('pages its deliveries', async () => {
  const { webhook_id } = await add({ events: ['run.*'] });
  await run();
  await expect
    .poll(async () => (await deliveries(webhook_id, '?status=delivered')).deliveries.length, WAIT)
    .toBe(4);
  const first = await deliveries(webhook_id, '?limit=3');
  const second = await deliveries(webhook_id, `?limit=3&cursor=${first.next_cursor}`);
  expect([first.deliveries.length, second.deliveries.length, second.next_cursor]).toEqual([3, 1, undefined]);
});

describe('several servers', () => {
  let first: ScratchServer;
  beforeAll(async () => {
    first = await scratchServer();
  });
  afterAll(() => first.end());

  it('have one that delivers, and another one that goes on where it was', async () => {
    const { journal, home } = first.belay;
    const runOnce = (name: string) =>
      first.run({ name, steps: [{ id: 'a', type: 'set', values: { x: 1 } }] });
    const body = { url: receiver.url, events: ['run.finished'], allow_private: true };
    const { webhook_id } = (await first.send('POST', '/api/v1/webhooks', { body })).json;
    const second = openStore(home);
    if (!second.ok) throw new Error(second.error.message);
    const leaving = new AbortController();
    // with a connection of its own, as another process would have
    const belay = { ...first.belay, journal: second.value };
    const options = { open: async () => ok(belay), now, random: () => 0, leaving: leaving.signal };
    const sender = new WebhookSender(options);
    await runOnce('early');
    await expect
      .poll(() => journal.deliveries.list(webhook_id, { status: 'delivered', limit: 9 }).length, WAIT)
      .toBe(1);
    const ended = sender.live();
    for (const name of ['one', 'two', 'three']) await runOnce(name);
    await expect
      .poll(() => journal.deliveries.list(webhook_id, { status: 'delivered', limit: 9 }).length, WAIT)
      .toBe(4);
    expect([receiver.got.length, sender.counts.delivered]).toEqual([4, 0]);
    first.server.close();
    await first.server.closed;
    await runOnce('late');
    await expect.poll(() => sender.counts.delivered, WAIT).toBe(1);
    leaving.abort();
    await ended;
    second.value.close();
    expect(receiver.got).toHaveLength(5);
  });
});
