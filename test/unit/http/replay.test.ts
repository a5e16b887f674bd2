/** A client of the 2025 era whose connection breaks gets the rest of its stream, and nobody else does. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { Tool } from '../../../src/tools/tool.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

const release = Promise.withResolvers<void>();

const held: Tool = {
  name: 'workflow_held',
  title: 'Hold',
  description: 'Holds.',
  input: z.strictObject({}),
  output: z.object({}),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async () => {
    await release.promise;
    return { kind: 'done', structured: { held: true }, text: 'let go' };
  },
};

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer({ tools: [held], bounds: { replayBytesMax: 2_000 } });
});
afterAll(() => scratch.end());

const HEADERS = {
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
  'mcp-protocol-version': '2025-11-25',
};

async function post(session: string | undefined, message: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${scratch.server.url}/mcp`, {
    method: 'POST',
    headers: { ...HEADERS, ...(session !== undefined && { 'mcp-session-id': session }) },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    ...(signal && { signal }),
  });
}

async function newSession(): Promise<string> {
  const clientInfo = { name: 'test-client', version: '1.0.0' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const answer = await post(undefined, { id: 0, method: 'initialize', params });
  await answer.text();
  const session = answer.headers.get('mcp-session-id') ?? '';
  await (await post(session, { method: 'notifications/initialized' })).text();
  return session;
}

/** A call whose connection breaks as soon as the stream has begun; the id of its first event. */
async function brokenCall(session: string, id: number): Promise<string> {
  const abort = new AbortController();
  const call = { id, method: 'tools/call', params: { name: 'workflow_held', arguments: {} } };
  const answer = await post(session, call, abort.signal);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = (await reader?.read()) ?? {};
  abort.abort();
  await reader?.cancel().catch(() => {});
  return /^id: (\S+)$/m.exec(value ?? '')?.[1] ?? '';
}

const rest = (session: string, after: string): Promise<Response> =>
  fetch(`${scratch.server.url}/mcp`, {
    headers: { ...HEADERS, 'mcp-session-id': session, 'last-event-id': after },
  });

it('gives the answer to whoever comes back for it, as often as it is asked for', async () => {
  const session = await newSession();
  const first = await brokenCall(session, 7);
  expect(first).not.toBe('');
  release.resolve();
  await expect.poll(async () => (await rest(session, first)).text()).toContain('"held":true');
  const again = await (await rest(session, first)).text();
  expect(again).toContain('"id":7');
  expect(again.match(/^data:/gm)).toHaveLength(1);
});

it('gives it to nobody else', async () => {
  const session = await newSession();
  const first = await brokenCall(session, 8);
  const stranger = await rest(await newSession(), first);
  expect(stranger.status).toBe(400);
  expect(await stranger.text()).not.toContain('held');
});

it('keeps no more than its bound', async () => {
  const session = await newSession();
  const first = await brokenCall(session, 9);
  expect((await rest(session, first)).status).not.toBe(400);
  for (let index = 0; index < 60; index += 1)
    await (await post(session, { id: 100 + index, method: 'ping' })).text();
  expect((await rest(session, first)).status).toBe(400);
});

it('says so of an event that never was', async () => {
  expect((await rest(await newSession(), 'no-such')).status).toBe(400);
});
