/** MCP over Streamable HTTP: real runs through the three kinds of client that there are, with and without keys. */
import { StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import type { Tool } from '../../../src/tools/tool.ts';
import { type AnswerForm, allClients, type CallOptions, type TestClient } from '../mcp/clients.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

const APPROVAL = 'name: ask-first\nsteps:\n  - { id: go, type: approval, message: Release it? }\n';
const NEEDS_INPUT =
  'name: greet\ninputs: { who: { type: string, required: true } }\nsteps:\n  - command: "echo {{ inputs.who }}"\n';

let scratch: ScratchServer;
const clients: TestClient[] = [];
beforeEach(async () => {
  scratch = await scratchServer();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await scratch.end();
});

/** A tool that waits until it is told to end. */
function heldTool() {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const tool: Tool = {
    name: 'workflow_held',
    title: 'Hold',
    description: 'Holds.',
    input: z.strictObject({}),
    output: z.object({}),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    run: async ({ signal }) => {
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended.resolve();
      return { kind: 'done', structured: { ended: true }, text: 'ended' };
    },
  };
  return { tool, begun: begun.promise, ended: ended.promise };
}

type View = RunView & { readonly code?: string };

describe.each(allClients)('%s', { timeout: 30_000 }, (name, connect, revision) => {
  async function connected({ key, answerForm }: { key?: string; answerForm?: AnswerForm } = {}) {
    const Transport = name === 'SDK v1' ? LegacyTransport : ModernTransport;
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const transport = new Transport(new URL(`${scratch.server.url}/mcp`), { requestInit: { headers } });
    const client = await connect(transport, answerForm);
    clients.push(client);
    const call = async (tool: string, args: object, options?: CallOptions): Promise<View> =>
      (await client.call(tool, args, options)).structuredContent as unknown as View;
    return { client, call };
  }

  it('runs commands, reads the log, and is known by its name', async () => {
    const { client, call } = await connected();
    const run = await call('workflow_execute', { commands: ['echo one'] });
    expect(run).toMatchObject({ status: 'succeeded', progress: { done: 1, total: 1 } });
    const log = `belay://runs/${run.run_id}/steps/command-1/log`;
    expect(await client.readResource(log)).toMatchObject({ contents: [{ text: 'one\n' }] });
    const [created] =
      (await call('workflow_status', { run_id: run.run_id, include: ['events'] })).events ?? [];
    expect(created).toMatchObject({ created_by: 'mcp:test-client' });
    expect(client.revision()).toBe(revision);
  });

  it('is told how far a call has come', async () => {
    const { call } = await connected();
    const told: number[] = [];
    await call(
      'workflow_execute',
      { commands: ['true', 'true'] },
      { onprogress: ({ progress }) => void told.push(progress) },
    );
    expect(told.length).toBeGreaterThan(0);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it.each([
    ['approved', { action: 'accept', content: { approved: true } }, 'succeeded'],
    ['declined', { action: 'decline' }, 'failed'],
    ['cancelled', { action: 'cancel' }, 'waiting'],
  ])('asks a person, who has it %s', async (_what, response, status) => {
    const asked: string[] = [];
    const answerForm = (message: string) => {
      asked.push(message);
      return response as unknown as ReturnType<AnswerForm>;
    };
    const { call } = await connected({ answerForm });
    expect(await call('workflow_execute', { definition: APPROVAL })).toMatchObject({ status });
    expect(asked).toEqual(['Release it?']);
  });

  it('asks for what is missing', async () => {
    const { call } = await connected({ answerForm: () => ({ action: 'accept', content: { who: 'Ann' } }) });
    const run = await call('workflow_execute', { definition: NEEDS_INPUT });
    expect(run).toMatchObject({ status: 'succeeded', inputs: { who: 'Ann' } });
  });

  it('ends the waiting of a call that is cancelled', async () => {
    const held = heldTool();
    await scratch.end();
    scratch = await scratchServer({ tools: [held.tool] });
    const { call } = await connected();
    const abort = new AbortController();
    const waiting = call('workflow_held', {}, { signal: abort.signal });
    await held.begun;
    abort.abort();
    await expect(waiting).rejects.toThrow();
    await held.ended;
  });

  it('gets the answer of a call under way when the server ends', async () => {
    const held = heldTool();
    await scratch.end();
    scratch = await scratchServer({ tools: [held.tool] });
    const { call } = await connected();
    const waiting = call('workflow_held', {});
    await held.begun;
    scratch.server.close();
    expect(await waiting).toEqual({ ended: true });
    await scratch.server.closed;
  });

  it('needs a key where there are keys', async () => {
    const key = scratch.key('viewer');
    await expect(connected()).rejects.toThrow();
    const { call } = await connected({ key });
    expect(await call('workflow_history', {})).toMatchObject({ runs: [] });
    expect(await call('workflow_execute', { commands: ['true'] })).toMatchObject({ code: 'forbidden' });
  });

  it('asks nobody behind a key that speaks for nobody', async () => {
    const asked: string[] = [];
    const answerForm = (message: string) => {
      asked.push(message);
      return { action: 'accept', content: { approved: true as unknown as string } };
    };
    const author = await connected({ key: scratch.key('author'), answerForm });
    const run = await author.call('workflow_execute', { definition: APPROVAL });
    expect(run).toMatchObject({ status: 'waiting' });
    const answer = { question_id: run.questions[0]?.question_id, answer: { approved: true } };
    expect(await author.call('workflow_answer', { run_id: run.run_id, ...answer })).toMatchObject({
      code: 'human_required',
    });
    expect(asked).toEqual([]);
    const both = await connected({ key: scratch.key('author', 'approver'), answerForm });
    expect(await both.call('workflow_execute', { definition: APPROVAL })).toMatchObject({
      status: 'succeeded',
    });
    expect(asked).toEqual(['Release it?']);
  });
});

describe('what a client of 2026-07-28 brings back', () => {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
  };
  const headers = {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'workflow_execute',
  };
  const execute = async (key: string, definition: string, more: object = {}) => {
    const params = { name: 'workflow_execute', arguments: { definition }, _meta: meta, ...more };
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    return (await scratch.send('POST', '/mcp', { key, body, headers })).json;
  };

  it('counts for the call and the caller that it was given to, and for nobody else', async () => {
    const [one, other] = [scratch.key('author', 'approver'), scratch.key('admin')];
    const asked = await execute(one, NEEDS_INPUT);
    expect(asked.result.resultType).toBe('input_required');
    const { requestState } = asked.result;
    const inputResponses = { inputs: { action: 'accept', content: { who: 'Ann' } } };
    const refused = { error: { code: -32_602, message: 'Invalid or expired requestState' } };
    expect(await execute(other, NEEDS_INPUT, { requestState, inputResponses })).toMatchObject(refused);
    expect(await execute(one, `${NEEDS_INPUT}# other`, { requestState, inputResponses })).toMatchObject(
      refused,
    );
    expect(
      await execute(one, NEEDS_INPUT, { requestState: `${requestState}x`, inputResponses }),
    ).toMatchObject(refused);
    expect(scratch.belay.journal.runIds('', 10)).toEqual([]);
    expect(await execute(one, NEEDS_INPUT, { requestState, inputResponses })).toMatchObject({
      result: { structuredContent: { status: 'succeeded' } },
    });
  });
});

describe('a task', () => {
  const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
  const HELD = 'name: held\nsteps:\n  - { id: go, type: wait, signal: go }\n';
  const rpc = async (key: string, method: string, mcpName: string, given: object) => {
    const headers = {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': mcpName,
    };
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': TASKS,
    };
    const body = { jsonrpc: '2.0', id: 1, method, params: { ...given, _meta } };
    return (await scratch.send('POST', '/mcp', { key, body, headers })).json;
  };

  it('is there for whoever made the call, and for nobody else', async () => {
    const [one, other] = [scratch.key('author'), scratch.key('admin')];
    const call = { name: 'workflow_execute', arguments: { definition: HELD } };
    const { taskId } = (await rpc(one, 'tools/call', 'workflow_execute', call)).result;
    const act = (key: string, method: string, id = taskId) =>
      rpc(key, method, id, { taskId: id, ...(method === 'tasks/update' && { inputResponses: {} }) });
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      expect(await act(other, method)).toMatchObject({ error: { code: -32_602 } });
      expect(await act(one, method, `${taskId}x`)).toMatchObject({ error: { code: -32_602 } });
    }
    expect(await act(one, 'tasks/get')).toMatchObject({ result: { taskId, status: 'working' } });
    await act(one, 'tasks/cancel');
    await scratch.until(taskId.split('.')[0], ({ status }) => status === 'cancelled');
    expect(await act(one, 'tasks/get')).toMatchObject({ result: { status: 'cancelled' } });
  });
});

describe('a session of a 2025-era client', () => {
  const INITIALIZE = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
  };
  const accept = { accept: 'application/json, text/event-stream' };
  const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  const begin = async (key?: string): Promise<string> => {
    const { headers } = await scratch.send('POST', '/mcp', { key, body: INITIALIZE, headers: accept });
    return headers['mcp-session-id'] as string;
  };
  const list = (session: string, key?: string) =>
    scratch.send('POST', '/mcp', { key, body: LIST, headers: { ...accept, 'mcp-session-id': session } });

  it('is no identity: nobody else can use it', async () => {
    const [one, other] = [scratch.key('viewer'), scratch.key('admin')];
    const session = await begin(one);
    expect((await list(session, one)).status).toBe(200);
    expect((await list(session, other)).status).toBe(404);
    expect((await list(session)).status).toBe(401);
    scratch.keys.revoke('viewer-1');
    expect((await list(session, one)).status).toBe(401);
  });

  it('ends when it is told to, and is not known then', async () => {
    const session = await begin();
    const ended = await scratch.send('DELETE', '/mcp', { headers: { 'mcp-session-id': session } });
    expect(ended.status).toBe(200);
    expect((await list(session)).status).toBe(404);
  });

  it('is needed', async () => {
    const got = await scratch.send('POST', '/mcp', { body: LIST, headers: accept });
    expect(got).toMatchObject({ status: 400, json: { jsonrpc: '2.0', error: { code: -32000 }, id: null } });
    expect((await scratch.send('GET', '/mcp', { headers: { accept: 'text/event-stream' } })).status).toBe(
      400,
    );
  });

  it('makes room for others, the one first that was idle longest', async () => {
    await scratch.end();
    let nowMs = Date.now();
    scratch = await scratchServer({ bounds: { sessionsMax: 2, sessionIdleMsMax: 60_000 }, now: () => nowMs });
    const first = await begin();
    nowMs += 1_000;
    const second = await begin();
    nowMs += 1_000;
    await list(first);
    nowMs += 1_000;
    const third = await begin();
    expect([(await list(first)).status, (await list(second)).status, (await list(third)).status]).toEqual([
      200, 404, 200,
    ]);
    nowMs += 61_000;
    expect((await list(first)).status).toBe(404);
  });
});
