/** The events of all runs over a real connection: each once, in the order of the journal, also for a reader that was cut off. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from './event-reader.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer({ bounds: { streamsMax: 3, beatMs: 50, stallMs: 200 } });
});
afterAll(() => scratch.end());

const start = async (name: string, steps: readonly object[] = [{ id: 'a', type: 'set', values: { x: 1 } }]) =>
  (await scratch.send('POST', '/api/v1/runs', { body: { definition: { name, steps }, wait_seconds: 20 } }))
    .json.run_id as string;
const read = (query = '', headers: { [name: string]: string } = {}) =>
  readEvents(`${scratch.server.url}/api/v1/events${query}`, headers);
const isEnd =
  (runId: string) =>
  ({ event, data }: { event: string; data: { run_id: string } }) =>
    event === 'run.finished' && data.run_id === runId;

describe('the events of all runs', () => {
  it('come in the order of the journal, with the run and its workflow, each once', async () => {
    const reader = await read();
    const [one, two] = await Promise.all([start('one'), start('two')]);
    await Promise.all([reader.until(isEnd(one)), reader.until(isEnd(two))]);
    reader.leave();
    for (const [runId, workflow] of [
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      const { json } = await scratch.send('GET', `/api/v1/runs/${runId}?include=events`);
      const own = reader.seen.filter(({ data }) => data.run_id === runId);
      expect(own.map(({ data }) => data)).toEqual(
        json.events.map((event: object) => ({ run_id: runId, workflow, ...event })),
      );
    }
    const ids = reader.seen.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(reader.seen[0]?.data).not.toHaveProperty('definition');
  });

  it('go on behind the last one that was seen, whoever committed meanwhile', async () => {
    const reader = await read();
    const runId = await start('before');
    const { id } = await reader.until(({ event }) => event === 'run.created');
    reader.leave();
    const missed = await start('missed');
    const again = await read('', { 'last-event-id': String(id) });
    await again.until(isEnd(missed));
    again.leave();
    const whole = await read('?after=0');
    await whole.until(isEnd(missed));
    whole.leave();
    expect(again.seen).toEqual(whole.seen.filter((each) => each.id > id));
    expect(again.seen.some(isEnd(runId))).toBe(true);
  });

  it('are only those that were asked for, while a quiet reader still learns where it is', async () => {
    const reader = await read('?workflow=wanted&events=run.finished,question.*');
    const other = await start('unwanted');
    const wanted = await start('wanted');
    await reader.until(isEnd(wanted));
    expect(reader.seen.map(({ data }) => data.run_id)).toEqual([wanted]);
    const last = await start('unwanted');
    await expect.poll(() => reader.lastId > (reader.seen[0]?.id ?? 0), { timeout: 10_000 }).toBe(true);
    expect(reader.seen).toHaveLength(1);
    reader.leave();
    const one = await read(`?after=0&run_id=${other}`);
    await one.until(isEnd(other));
    one.leave();
    expect(new Set(one.seen.map(({ data }) => data.run_id))).toEqual(new Set([other]));
    expect(last).not.toBe(other);
  });

  it.each(['?events=nonsense', '?after=x', '?what=ever', '?events=run.'])('refuse %s', async (query) => {
    const got = await scratch.send('GET', `/api/v1/events${query}`);
    expect(got.status).toBe(400);
  });
});

/** More than the buffers on the way to a reader hold. */
const LONG_EVENTS = 6;
const LONG = 'x'.repeat(4 * 1024 * 1024);

it('keeps no place for a reader who takes nothing', async () => {
  const runId = await start('long');
  const { journal } = scratch.belay;
  const change = { status: 'succeeded', done: 1, total: 1, steps: [], questions: [] } as const;
  for (let n = 0; n < LONG_EVENTS; n += 1) {
    const expectedSeq = journal.run(runId)?.seq ?? 0;
    const events = [{ type: 'run.paused', reason: LONG } as const];
    journal.append([{ runId, expectedSeq, host: 'test', atMs: 1, events, change }]);
  }
  // nothing is read: the buffers on the way fill, then the server waits
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const url = `${scratch.server.url}/api/v1/events?after=0`;
    httpRequest(url, { agent: false }, resolve).on('error', reject).end();
  });
  const streams = async () =>
    /belay_event_streams (\d+)/.exec((await scratch.send('GET', '/metrics')).text)?.[1];
  await expect.poll(streams, { timeout: 20_000 }).toBe('0');
  const closed = new Promise((resolve) => response.on('error', () => {}).on('close', resolve));
  response.resume();
  await closed;
  expect(response.complete).toBe(false);
});

it('gives each key so many streams, and ends those of one that has been revoked', async () => {
  const own = await scratchServer({ bounds: { beatMs: 20, streamsEachMax: 1 } });
  try {
    const added = own.keys.add({ name: 'looker', roles: ['viewer'] });
    if (!added.ok) throw new Error(added.error.message);
    const reader = await readEvents(`${own.server.url}/api/v1/events`, {
      authorization: `Bearer ${added.value.token}`,
    });
    expect(reader.response.statusCode).toBe(200);
    const second = await own.send('GET', '/api/v1/events', { key: added.value.token });
    expect(second).toMatchObject({ status: 503, json: { code: 'busy' } });
    expect((await own.send('GET', '/api/v1/events', { key: own.key('viewer') })).status).toBe(200);
    own.keys.revoke('looker');
    await reader.ended;
  } finally {
    await own.end();
  }
});
