/** The events of a run over a real connection: all of them, in order, once, also for a reader that was cut off. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from './event-reader.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer({ bounds: { streamsMax: 2 } });
});
afterAll(() => scratch.end());

async function read(runId: string, headers: { [name: string]: string } = {}, query = '') {
  const reader = await readEvents(`${scratch.server.url}/api/v1/runs/${runId}/events${query}`, headers);
  return { ...reader, until: (type: string) => reader.until(({ event }) => event === type) };
}

const start = async (definition: object) =>
  (await scratch.send('POST', '/api/v1/runs', { body: { definition, wait_seconds: 0 } })).json
    .run_id as string;

const PAUSED = {
  name: 'paused',
  steps: [
    { id: 'first', command: 'echo one' },
    { id: 'go', type: 'wait', signal: 'go' },
  ],
};
const go = (runId: string) =>
  scratch.send('POST', `/api/v1/runs/${runId}/answer`, { body: { signal: 'go', payload: {} } });

describe('the events of a run', () => {
  it('come as they happen, to the end, as workflow_status shows them', async () => {
    const runId = await start(PAUSED);
    const reader = await read(runId);
    expect(reader.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
    });
    await reader.until('step.succeeded');
    expect(reader.seen.some(({ event }) => event === 'run.finished')).toBe(false);
    await go(runId);
    await reader.ended;
    expect(reader.seen.map(({ id }) => id)).toEqual(reader.seen.map((_, index) => index + 1));
    expect(reader.seen.at(-1)).toMatchObject({ event: 'run.finished' });
    const { json } = await scratch.send('GET', `/api/v1/runs/${runId}?include=events`);
    expect(reader.seen.map(({ data }) => data)).toEqual(json.events);
    expect(reader.seen[0]?.data).not.toHaveProperty('definition');
    expect(reader.seen[0]?.data).not.toHaveProperty('env');
  });

  it('go on behind the last one that was seen', async () => {
    const runId = await start(PAUSED);
    const first = await read(runId);
    await first.until('step.succeeded');
    first.leave();
    const last = String(first.seen.at(-1)?.id);
    await go(runId);
    const second = await read(runId, { 'last-event-id': last });
    await second.ended;
    const ids = [...first.seen, ...second.seen].map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(second.seen.at(-1)?.event).toBe('run.finished');
    // all of them once more, for a reader without headers
    const third = await read(runId, {}, `?after=${last}`);
    await third.ended;
    expect(third.seen).toEqual(second.seen);
  });

  it('tell a browser not to come again when there are no more', async () => {
    const runId = await start({ name: 'short', steps: [{ id: 'a', command: 'true' }] });
    const reader = await read(runId);
    await reader.ended;
    const again = await scratch.send('GET', `/api/v1/runs/${runId}/events`, {
      headers: { 'last-event-id': String(reader.seen.at(-1)?.id) },
    });
    expect(again.status).toBe(204);
  });

  it.each(['x', '-1', '1e3', '', '9'.repeat(40)])('refuse `%s` as the last one', async (id) => {
    const got = await scratch.send('GET', '/api/v1/runs/r-1/events', { headers: { 'last-event-id': id } });
    expect(got).toMatchObject({ status: 400, json: { code: 'invalid_input' } });
  });

  it('are not there for an unknown run', async () => {
    expect(await scratch.send('GET', '/api/v1/runs/r-1/events')).toMatchObject({
      json: { code: 'unknown_run' },
    });
  });

  it('are refused beyond the bound, until a reader leaves', async () => {
    const runId = await start(PAUSED);
    const readers = [await read(runId), await read(runId)];
    const third = await scratch.send('GET', `/api/v1/runs/${runId}/events`);
    expect(third).toMatchObject({ status: 503, json: { code: 'busy' } });
    readers[0]?.leave();
    await expect
      .poll(async () => (await scratch.send('GET', '/metrics')).text, { timeout: 10_000 })
      .toContain('belay_event_streams 1');
    const next = await read(runId);
    await next.until('run.created');
    await go(runId);
    await Promise.all([next.ended, readers[1]?.ended]);
  });
});
