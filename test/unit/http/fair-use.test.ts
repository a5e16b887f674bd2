/** No caller takes what all others need: places, sessions, memory; and nobody stays longer than the key lasts. */
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { Server } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HTTP_BOUNDS } from '../../../src/http/bounds.ts';
import { McpSessions } from '../../../src/http/mcp-sessions.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

const BEAT_MS = 20;
const STALL_MS = 200;
const WAIT = { timeout: 20_000, interval: 20 };

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer({
    bounds: { beatMs: BEAT_MS, stallMs: STALL_MS, answersEachMax: 2, sessionsEachMax: 2, sessionsMax: 5 },
  });
});
afterAll(() => scratch.end());

const ACCEPT = { accept: 'application/json, text/event-stream' };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
};
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' };

function newKey(name: string): string {
  const added = scratch.keys.add({ name, roles: ['viewer'] });
  if (!added.ok) throw new Error(added.error.message);
  return added.value.token;
}

const open = (key: string, path: string, init: RequestInit = {}) =>
  fetch(`${scratch.server.url}${path}`, {
    ...init,
    headers: { ...ACCEPT, authorization: `Bearer ${key}`, ...init.headers },
  });

const listen = (key: string, notifications: object = { promptsListChanged: true }) => {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { notifications, _meta };
  return open(key, '/mcp', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }),
  });
};

const begin = async (key: string): Promise<string> => {
  const { headers } = await scratch.send('POST', '/mcp', { key, body: INITIALIZE, headers: ACCEPT });
  return headers['mcp-session-id'] as string;
};
const isKnown = async (key: string, session: string) =>
  (await scratch.send('POST', '/mcp', { key, body: LIST, headers: { ...ACCEPT, 'mcp-session-id': session } }))
    .status === 200;

/** Resolves when the server has ended the stream, in whatever way. */
async function ended(stream: Response): Promise<void> {
  await stream.text().catch(() => {});
}

describe('a key that is revoked', () => {
  it('ends the stream of news of a client of 2026-07-28', async () => {
    const stream = await listen(newKey('modern'));
    expect(stream.status).toBe(200);
    scratch.keys.revoke('modern');
    await ended(stream);
  });

  it('ends the stream of a session', async () => {
    const key = newKey('legacy');
    const stream = await open(key, '/mcp', { headers: { 'mcp-session-id': await begin(key) } });
    expect(stream.status).toBe(200);
    scratch.keys.revoke('legacy');
    await ended(stream);
  });
});

it('gives each key so many answers at once, and others theirs', async () => {
  const [greedy, other] = [newKey('greedy'), newKey('other')];
  const streams = [await listen(greedy), await listen(greedy)];
  expect(await scratch.send('GET', '/api/v1/runs', { key: greedy })).toMatchObject({
    status: 503,
    json: { code: 'busy' },
  });
  expect((await scratch.send('GET', '/api/v1/runs', { key: other })).status).toBe(200);
  await streams[0]?.body?.cancel();
  await expect
    .poll(async () => (await scratch.send('GET', '/api/v1/runs', { key: greedy })).status, WAIT)
    .toBe(200);
  await streams[1]?.body?.cancel();
});

it('acknowledges no more than it follows', async () => {
  const all = Array.from({ length: 300 }, (_, each) => `belay://runs/r-${each}`);
  const resourceSubscriptions = [`belay://runs/${'x'.repeat(5_000)}`, ...all];
  const stream = await listen(newKey('follower'), { resourceSubscriptions });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  const [, data = ''] = /^data: (.*)$/m.exec((await reader?.read())?.value ?? '') ?? [];
  expect(JSON.parse(data).params.notifications.resourceSubscriptions).toEqual(all.slice(0, 100));
  await reader?.cancel();
});

it('lets a key with many sessions put out its own, and nobody else his', async () => {
  const [greedy, other] = [newKey('many'), newKey('one')];
  const own = await begin(other);
  const sessions = [await begin(greedy), await begin(greedy), await begin(greedy)];
  for (let more = 0; more < 5; more += 1) sessions.push(await begin(greedy));
  expect(await isKnown(other, own)).toBe(true);
  const known = await Promise.all(sessions.slice(-2).map((each) => isKnown(greedy, each)));
  expect(known).toEqual([true, true]);
  expect(await isKnown(greedy, sessions[0] ?? '')).toBe(false);
});

it('cuts off a client that asks and asks, and takes no answer', async () => {
  let isClosed = false;
  const socket = connect(Number(new URL(scratch.server.url).port), '127.0.0.1');
  socket.pause().on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  // more than the buffers on the way hold
  socket.write('GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(400));
  // a client that does not read learns of it only when it writes
  const asks = () => {
    if (!socket.destroyed) socket.write('\r\n');
    return isClosed;
  };
  await expect.poll(asks, WAIT).toBe(true);
});

describe('sessions of the 2025 era', () => {
  const request = (headers: { readonly [name: string]: string }) =>
    new Request('http://127.0.0.1/mcp', { method: 'POST', headers, body: '{}' });
  const json = { 'content-type': 'application/json' };

  function sessions(now = () => 0) {
    const servers: Server[] = [];
    let closed = 0;
    const made = new McpSessions(
      () => {
        const server = new Server({ name: 'x', version: '1' }, { capabilities: {} });
        server.onclose = () => {
          closed += 1;
        };
        servers.push(server);
        return server;
      },
      HTTP_BOUNDS,
      now,
    );
    return { made, servers, closed: () => closed };
  }

  it('leave nothing behind where none has begun', async () => {
    const { made, servers, closed } = sessions();
    const sent = { parsedBody: INITIALIZE, authInfo: undefined, answer: new PassThrough() };
    const answer = await made.fetch(request({ ...json, accept: 'application/json' }), sent);
    expect([answer.status, servers.length, closed(), made.size]).toEqual([406, 1, 1, 0]);
  });

  it('end also where a client was gone before it was known who it is', async () => {
    let nowMs = 0;
    const { made } = sessions(() => nowMs);
    const answer = new PassThrough();
    const sent = { parsedBody: INITIALIZE, authInfo: undefined, answer };
    const begun = await made.fetch(request({ ...json, ...ACCEPT }), sent);
    const id = begun.headers.get('mcp-session-id') ?? '';
    const gone = new PassThrough();
    await new Promise((resolve) => gone.on('close', resolve).destroy());
    await made.fetch(request({ ...json, ...ACCEPT, 'mcp-session-id': id }), {
      ...sent,
      parsedBody: LIST,
      answer: gone,
    });
    expect(made.size).toBe(1);
    nowMs += HTTP_BOUNDS.sessionIdleMsMax + 1;
    await made.fetch(request({ ...json, ...ACCEPT, 'mcp-session-id': 'x' }), { ...sent, parsedBody: LIST });
    expect(made.size).toBe(0);
  });
});
