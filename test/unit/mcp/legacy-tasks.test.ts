/** Tasks as 2025-11-25 has them, with the client of that time. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  CallToolResultSchema,
  CreateTaskResultSchema,
  ElicitRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { serveConnection } from '../../../src/mcp/connection.ts';
import { tools } from '../../../src/tools/catalogue.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

const HELD = { name: 'held', steps: [{ id: 'go', type: 'wait', signal: 'go' }] };
const ASKS = { name: 'asks', steps: [{ id: 'go', type: 'approval', message: 'Release it?' }] };

let scratch: Scratch;
const leaving = new AbortController();
const clients: Client[] = [];
beforeAll(() => {
  scratch = scratchBelay();
});
afterAll(async () => {
  for (const client of clients) await client.close();
  leaving.abort();
  scratch.close();
});

async function connected(asked: object[] = []): Promise<Client> {
  const [clientSide, transport] = InMemoryTransport.createLinkedPair();
  serveConnection(transport, {
    home: scratch.belay.home,
    open: async () => ok(scratch.belay),
    tools,
    version: '0.0.0',
    cwd: scratch.folder,
    leaving: leaving.signal,
  });
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: { form: {} } } });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params);
    return { action: 'accept', content: { approved: true } };
  });
  await client.connect(clientSide as unknown as Parameters<Client['connect']>[0]);
  clients.push(client);
  return client;
}

async function streamed(client: Client, name: string, args: object) {
  const call = { name, arguments: { ...args } };
  const options = { task: { ttl: 60_000 } };
  const messages = [];
  for await (const message of client.experimental.tasks.callToolStream(call, CallToolResultSchema, options))
    messages.push(message);
  return messages;
}

const start = (client: Client, definition: object) => {
  const params = { name: 'workflow_execute', arguments: { definition }, task: {} };
  return client.request({ method: 'tools/call', params }, CreateTaskResultSchema);
};

it('is offered for the calls that work for a while', async () => {
  const client = await connected();
  expect(client.getServerCapabilities()?.tasks).toEqual({ cancel: {}, requests: { tools: { call: {} } } });
  const { tools: listed } = await client.listTools();
  const support = listed.filter(({ execution }) => execution?.taskSupport === 'optional');
  expect(support.map(({ name }) => name)).toEqual(['workflow_execute', 'workflow_rollback']);
});

it('brings the result of the run, and its forms on the way', async () => {
  const asked: object[] = [];
  const messages = await streamed(await connected(asked), 'workflow_execute', { definition: ASKS });
  const [created] = messages;
  expect(created).toMatchObject({ type: 'taskCreated', task: { status: 'working', ttl: null } });
  const taskId = created?.type === 'taskCreated' ? created.task.taskId : '';
  const related = { 'io.modelcontextprotocol/related-task': { taskId } };
  expect(asked).toMatchObject([{ mode: 'form', _meta: related }]);
  expect(messages.at(-1)).toMatchObject({
    type: 'result',
    result: { structuredContent: { status: 'succeeded' }, _meta: related },
  });
});

it('is cancelled once', async () => {
  const client = await connected();
  const { task } = await start(client, HELD);
  expect(await client.experimental.tasks.getTask(task.taskId)).toMatchObject({ status: 'working' });
  expect(await client.experimental.tasks.cancelTask(task.taskId)).toMatchObject({ status: 'cancelled' });
  await expect(client.experimental.tasks.cancelTask(task.taskId)).rejects.toMatchObject({ code: -32_602 });
  const result = client.experimental.tasks.getTaskResult(task.taskId, CallToolResultSchema);
  await expect(result).rejects.toMatchObject({ code: -32_600 });
});

it.each([
  ['workflow_execute', { workflow: 'no-such-workflow' }, -32_602],
  ['workflow_execute', { nonsense: true }, -32_602],
  ['workflow_execute', { commands: ['true'], dry_run: true }, -32_601],
  ['workflow_list', {}, -32_601],
])('there is none for %s %j', async (name, args, code) => {
  const messages = await streamed(await connected(), name, args);
  expect(messages).toMatchObject([{ type: 'error', error: { code } }]);
});

it('is unknown where nobody has it', async () => {
  const client = await connected();
  await expect(client.experimental.tasks.getTask('none')).rejects.toMatchObject({ code: -32_602 });
  const result = client.experimental.tasks.getTaskResult('none', CallToolResultSchema);
  await expect(result).rejects.toMatchObject({ code: -32_602 });
});

it('leaves calls without `task` as they are', async () => {
  const client = await connected();
  const call = { name: 'workflow_execute', arguments: { commands: ['true'] } };
  expect(await client.callTool(call)).toMatchObject({ structuredContent: { status: 'succeeded' } });
});
