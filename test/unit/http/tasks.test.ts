/** Tasks of 2026-07-28 over HTTP: with the extension's own client, and between callers who are told apart by keys. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient, resultFromTaskOutcome } from '@modelcontextprotocol/ext-tasks/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

const INFO = { name: 'test-client', version: '1.0.0' };
const TASKS = 'io.modelcontextprotocol/tasks';
const CAPABILITIES = { elicitation: { form: {} }, extensions: { [TASKS]: {} } };
const VERSION = '2026-07-28';
const HELD = { name: 'held', steps: [{ id: 'go', type: 'wait', signal: 'go' }] };
const ASKS = { name: 'asks', steps: [{ id: 'go', type: 'approval', message: 'Release it?' }] };

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer();
});
afterAll(() => scratch.end());

const _meta = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientInfo': INFO,
  'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
};

interface Params {
  readonly name?: string;
  readonly taskId?: string;
  readonly [param: string]: unknown;
}

let lastId = 0;

/** One request as it goes over the wire; the answer with its body unread. */
function post(method: string, params: Params, key?: string): Promise<Response> {
  lastId += 1;
  const name = params.name ?? params.taskId;
  return fetch(`${scratch.server.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': VERSION,
      'mcp-method': method,
      ...(name !== undefined && { 'mcp-name': name }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params: { _meta, ...params } }),
  });
}

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
async function send(method: string, params: Params, key?: string): Promise<any> {
  const text = await (await post(method, params, key)).text();
  return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text);
}

async function connected(): Promise<Client> {
  const client = new Client(INFO, { capabilities: CAPABILITIES, versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${scratch.server.url}/mcp`)));
  return client;
}

describe("the extension's own client", () => {
  it('calls a tool as if there were no task, and is asked on the way', async () => {
    const client = await connected();
    const asked: unknown[] = [];
    const session = createTaskSessionFromClient(client, {
      endpointId: 'belay',
      v2RequestFraming: { protocolVersion: VERSION, clientInfo: INFO, clientCapabilities: CAPABILITIES },
      rawDispatch: async (request) => {
        const { method, params } = request as { method: string; params: Params };
        const { result, error } = await send(method, params);
        return error ? { kind: 'error', error } : { kind: 'result', result };
      },
      onInputRequest: async (request) => {
        asked.push(request);
        return { action: 'accept', content: { approved: true } } as never;
      },
    });
    const execution = await session.callTool('workflow_execute', { definition: ASKS });
    const { outcome } = await execution.settle();
    expect(resultFromTaskOutcome(outcome)).toMatchObject({ structuredContent: { status: 'succeeded' } });
    expect(asked).toHaveLength(1);
    await session.close();
    await client.close();
  });
});

describe('a stream', () => {
  it('tells of a task until it has ended', async () => {
    const call = { name: 'workflow_execute', arguments: { definition: HELD } };
    const { taskId } = (await send('tools/call', call)).result;
    const answer = await post('subscriptions/listen', { notifications: { taskIds: [taskId] } });
    const pieces = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (word: string) => {
      while (!text.includes(word)) text += (await pieces?.read())?.value ?? '';
    };
    await until('"status":"working"');
    expect(text).toContain(`"taskIds":["${taskId}"]`);
    await send('tasks/cancel', { taskId });
    await until('"status":"cancelled"');
    expect(text).not.toContain('belay-task:');
    await pieces?.cancel();
  });

  it('tells when a workflow is written', async () => {
    const client = await connected();
    const told = Promise.withResolvers<void>();
    client.setNotificationHandler('notifications/prompts/list_changed', () => told.resolve());
    const subscription = await client.listen({ promptsListChanged: true });
    await client.listPrompts();
    const folder = join(scratch.folder, '.belay', 'workflows');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'new.yaml'), 'name: new\nsteps: [{ id: a, command: "true" }]\n');
    await told.promise;
    await subscription.close();
    await client.close();
  });
});

describe('with keys', () => {
  it("somebody else's task is as unknown as none", async () => {
    const [one, other, viewer] = [scratch.key('author'), scratch.key('admin'), scratch.key('viewer')];
    const call = { name: 'workflow_execute', arguments: { definition: { ...HELD, name: 'own' } } };
    const { taskId } = (await send('tools/call', call, one)).result;
    for (const key of [other, viewer]) {
      for (const method of ['tasks/get', 'tasks/cancel']) {
        const { error } = await send(method, { taskId }, key);
        expect(error).toMatchObject({ code: -32_602, message: expect.stringContaining('is not known') });
      }
      const update = await send('tasks/update', { taskId, inputResponses: {} }, key);
      expect(update.error).toMatchObject({ code: -32_602 });
      const listen = await post('subscriptions/listen', { notifications: { taskIds: [taskId] } }, key);
      expect(await listen.text()).toContain('"notifications":{}');
    }
    expect((await send('tasks/get', { taskId }, one)).result).toMatchObject({ status: 'working' });
    expect((await send('tasks/cancel', { taskId }, one)).result).toMatchObject({ resultType: 'complete' });
  });
});
