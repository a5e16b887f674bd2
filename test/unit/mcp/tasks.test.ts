/** The tasks extension of 2026-07-28 over real runs: a task is its run, whoever looks and whenever. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isCreateTaskResultV2,
  isDetailedTaskV2,
  isTaskStatusNotificationV2,
} from '@modelcontextprotocol/ext-tasks/core/v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { belayResources } from '../../../src/mcp/belay-resources.ts';
import { tools } from '../../../src/tools/catalogue.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { type RawClient, rawClient, TAKES_TASKS, TASKS } from './raw-client.ts';

let scratch: Scratch;
const leaving = new AbortController();
beforeAll(() => {
  scratch = scratchBelay();
});
afterAll(() => {
  leaving.abort();
  scratch.close();
});

const connected = (capabilities?: object) =>
  rawClient(
    {
      home: scratch.belay.home,
      open: async () => ok(scratch.belay),
      tools,
      resources: belayResources(async () => ok(scratch.belay)),
      version: '0.0.0',
      cwd: scratch.folder,
      leaving: leaving.signal,
    },
    capabilities,
  );

const HELD = { name: 'held', steps: [{ id: 'go', type: 'wait', signal: 'go' }] };
const ASKS = {
  name: 'asks',
  steps: [
    { id: 'go', type: 'approval', message: 'Release it?' },
    { id: 'done', command: 'echo released' },
  ],
};

async function call(client: RawClient, name: string, args: object) {
  const answer = await client.send('tools/call', { name, arguments: args });
  if (!answer.result) throw new Error(JSON.stringify(answer));
  return answer.result;
}

/** The id of the task that a call was answered with. */
async function taskOf(client: RawClient, name: string, args: object): Promise<string> {
  const created = await call(client, name, args);
  expect(created).toMatchObject({ resultType: 'task', status: 'working', ttlMs: null });
  expect(isCreateTaskResultV2(created)).toBe(true);
  expect(created).not.toHaveProperty('content');
  return created.taskId;
}

async function look(client: RawClient, taskId: string) {
  const { result, error } = await client.send('tasks/get', { taskId });
  if (error) throw new Error(error.message);
  expect(isDetailedTaskV2(result)).toBe(true);
  return result;
}

async function untilStatus(client: RawClient, taskId: string, status: string) {
  for (;;) {
    const task = await look(client, taskId);
    if (task.status === status) return task;
    if (task.status !== 'working') throw new Error(JSON.stringify(task));
    await scratch.belay.changes.next(Date.now() + 1_000, leaving.signal);
  }
}

const runIdOf = (taskId: string): string => taskId.split('.')[0] as string;

describe('a client that takes tasks', () => {
  it('is told by discovery that they are there', async () => {
    const { result } = await (await connected()).send('server/discover');
    expect(result.capabilities.extensions).toHaveProperty([TASKS]);
  });

  it('gets one for a run, and in the end what the call would have answered', async () => {
    const client = await connected();
    const taskId = await taskOf(client, 'workflow_execute', { commands: ['echo one'] });
    const task = await untilStatus(client, taskId, 'completed');
    expect(task.result).toMatchObject({
      structuredContent: { status: 'succeeded', run_id: runIdOf(taskId), progress: { done: 1, total: 1 } },
    });
    expect(task.result.content[0].text).toContain('succeeded');
  });

  it('gets a failed run as a completed task', async () => {
    const client = await connected();
    const taskId = await taskOf(client, 'workflow_execute', { commands: ['false'] });
    const task = await untilStatus(client, taskId, 'completed');
    expect(task.result.structuredContent).toMatchObject({ status: 'failed' });
  });

  it('gets a plain answer where nothing is begun', async () => {
    const client = await connected();
    const plan = await call(client, 'workflow_execute', { commands: ['true'], dry_run: true });
    expect(plan).toMatchObject({ resultType: 'complete', structuredContent: { dry_run: true } });
    const wrong = await call(client, 'workflow_execute', { workflow: 'no-such-workflow' });
    expect(wrong).toMatchObject({ isError: true, structuredContent: { code: 'unknown_workflow' } });
    const listed = await call(client, 'workflow_list', {});
    expect(listed.resultType).toBe('complete');
  });

  it('is asked in the task, and answers there', async () => {
    const client = await connected();
    const taskId = await taskOf(client, 'workflow_execute', { definition: ASKS });
    const task = await untilStatus(client, taskId, 'input_required');
    const [[key, request]] = Object.entries(task.inputRequests) as [[string, object]];
    expect(request).toMatchObject({
      method: 'elicitation/create',
      params: { mode: 'form', message: expect.stringContaining('Release it?') },
    });
    const inputResponses = {
      [key]: { action: 'accept', content: { approved: true } },
      'r-none/q1': { action: 'accept', content: { approved: true } },
    };
    const { result } = await client.send('tasks/update', { taskId, inputResponses });
    expect(result).toMatchObject({ resultType: 'complete' });
    const done = await untilStatus(client, taskId, 'completed');
    expect(done.result.structuredContent).toMatchObject({ status: 'succeeded' });
    // the same again is late, and changes nothing
    expect((await client.send('tasks/update', { taskId, inputResponses })).error).toBeUndefined();
    expect((await look(client, taskId)).result).toEqual(done.result);
  });

  it('is not asked again what it has left open: the call answers as it would have', async () => {
    const client = await connected();
    const taskId = await taskOf(client, 'workflow_execute', { definition: ASKS });
    const { inputRequests } = await untilStatus(client, taskId, 'input_required');
    const inputResponses = { [Object.keys(inputRequests)[0] as string]: { action: 'cancel' } };
    await client.send('tasks/update', { taskId, inputResponses });
    const task = await look(client, taskId);
    expect(task).toMatchObject({
      status: 'completed',
      result: { structuredContent: { status: 'waiting', questions: [{ kind: 'approval' }] } },
    });
  });

  it('without forms gets the answer that names the question', async () => {
    const client = await connected({ extensions: { [TASKS]: {} } });
    const taskId = await taskOf(client, 'workflow_execute', { definition: ASKS });
    const task = await untilStatus(client, taskId, 'completed');
    expect(task.result.structuredContent).toMatchObject({ status: 'waiting' });
    const inputResponses = {
      [`${runIdOf(taskId)}/q1-go`]: { action: 'accept', content: { approved: true } },
    };
    await client.send('tasks/update', { taskId, inputResponses });
    expect((await look(client, taskId)).result.structuredContent).toMatchObject({ status: 'waiting' });
  });

  it('cancels, once and again', async () => {
    const client = await connected();
    const taskId = await taskOf(client, 'workflow_execute', { definition: HELD });
    expect((await client.send('tasks/cancel', { taskId })).result).toMatchObject({ resultType: 'complete' });
    await untilStatus(client, taskId, 'cancelled');
    expect((await client.send('tasks/cancel', { taskId })).error).toBeUndefined();
  });

  it('gets one for a rollback, and the task of the run stays as it ended', async () => {
    const client = await connected();
    const steps = [{ id: 'make', command: 'touch made', undo: 'rm made' }];
    const first = await taskOf(client, 'workflow_execute', {
      definition: { name: 'made', rollback: { confirm: 'never' }, steps },
    });
    const before = await untilStatus(client, first, 'completed');
    const args = { run_id: runIdOf(first), strategy: 'graceful' };
    const second = await taskOf(client, 'workflow_rollback', args);
    expect(second).not.toBe(first);
    const after = await untilStatus(client, second, 'completed');
    expect(after.result.structuredContent).toMatchObject({ status: 'rolled_back' });
    expect(await look(client, first)).toMatchObject({
      status: 'completed',
      lastUpdatedAt: before.lastUpdatedAt,
      result: { structuredContent: { status: 'succeeded' } },
    });
  });

  it('finds its task at another server on the same folder', async () => {
    const taskId = await taskOf(await connected(), 'workflow_execute', { definition: HELD });
    const other = await connected();
    expect(await look(other, taskId)).toMatchObject({ status: 'working' });
    await other.send('tasks/cancel', { taskId });
    await untilStatus(other, taskId, 'cancelled');
  });

  it.each(['nonsense', 'r-1.1.AAAAAAAAAAAAAAAAAAAAAA', ''])(
    'is told that task `%s` is unknown',
    async (taskId) => {
      const client = await connected();
      for (const method of ['tasks/get', 'tasks/cancel'])
        expect((await client.send(method, { taskId })).error).toMatchObject({ code: -32_602 });
      const { error } = await client.send('tasks/update', { taskId, inputResponses: {} });
      expect(error).toMatchObject({ code: -32_602 });
    },
  );

  it('cannot make up a task from a run that it knows', async () => {
    const client = await connected();
    const taskId = await taskOf(client, 'workflow_execute', { definition: HELD });
    const [runId, from, tag = ''] = taskId.split('.');
    for (const forged of [`${runId}.2.${tag}`, `${runId}.${from}.${[...tag].reverse().join('')}`])
      expect((await client.send('tasks/get', { taskId: forged })).error).toMatchObject({ code: -32_602 });
    await client.send('tasks/cancel', { taskId });
  });

  it.each(['tasks/list', 'tasks/result'])('finds no method `%s`', async (method) => {
    const { error } = await (await connected()).send(method, { taskId: 'x' });
    expect(error).toMatchObject({ code: -32_601 });
  });
});

describe('a client that takes none', () => {
  it('is answered when the run has ended, and has no methods for tasks', async () => {
    const client = await connected({});
    const answer = await call(client, 'workflow_execute', { commands: ['true'] });
    expect(answer).toMatchObject({ resultType: 'complete', structuredContent: { status: 'succeeded' } });
    const missing = { code: -32_021, data: { requiredCapabilities: { extensions: { [TASKS]: {} } } } };
    for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update'])
      expect((await client.send(method, { taskId: 'x', inputResponses: {} })).error).toMatchObject(missing);
    const { error } = await client.send('subscriptions/listen', { notifications: { taskIds: ['x'] } });
    expect(error).toMatchObject(missing);
  });
});

describe('a client that listens', () => {
  it('is told how its task stands and when it moves, and nothing of others', async () => {
    const client = await connected();
    const taskId = await taskOf(client, 'workflow_execute', { definition: ASKS });
    const uri = `belay://runs/${runIdOf(taskId)}`;
    const notifications = { taskIds: [taskId, 'nonsense'], resourceSubscriptions: [uri, 'belay-task:x.1.y'] };
    void client.send('subscriptions/listen', { notifications });
    const accepted = await client.heard((method) => method === 'notifications/subscriptions/acknowledged');
    expect(accepted.notifications).toEqual({ taskIds: [taskId], resourceSubscriptions: [uri] });
    const asked = await client.heard(
      (method, params) => method === 'notifications/tasks' && params.status === 'input_required',
    );
    const inputResponses = {
      [Object.keys(asked.inputRequests)[0] as string]: { action: 'accept', content: { approved: true } },
    };
    await client.send('tasks/update', { taskId, inputResponses });
    const done = await client.heard(
      (method, params) => method === 'notifications/tasks' && params.status === 'completed',
    );
    const { _meta, ...task } = done;
    expect(_meta).toEqual(accepted._meta);
    expect(await look(client, taskId)).toMatchObject(task);
    await client.heard((method) => method === 'notifications/resources/updated');
    for (const each of client.told.filter(({ method }) => method === 'notifications/tasks'))
      expect(isTaskStatusNotificationV2({ jsonrpc: '2.0', ...each })).toBe(true);
    expect(JSON.stringify(client.told)).not.toContain('belay-task:');
  });

  it('is told of questions of runs inside, and answers them', async () => {
    const folder = join(scratch.folder, '.belay', 'workflows');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'inner.yaml'),
      'name: inner\nsteps: [{ id: go, type: approval, message: Inside? }]\n',
    );
    const client = await connected();
    const definition = { name: 'outer', steps: [{ id: 'sub', type: 'workflow', workflow: 'inner' }] };
    const taskId = await taskOf(client, 'workflow_execute', { definition });
    void client.send('subscriptions/listen', { notifications: { taskIds: [taskId] } });
    const asked = await client.heard((_method, params) => params?.status === 'input_required');
    const [key = ''] = Object.keys(asked.inputRequests);
    expect(key.startsWith(runIdOf(taskId))).toBe(false);
    const inputResponses = { [key]: { action: 'accept', content: { approved: true } } };
    await client.send('tasks/update', { taskId, inputResponses });
    const done = await client.heard((_method, params) => params?.status === 'completed');
    expect(done.result.structuredContent).toMatchObject({ status: 'succeeded' });
  });

  it('of a task that has ended is told so at once', async () => {
    const client = await connected(TAKES_TASKS);
    const taskId = await taskOf(client, 'workflow_execute', { commands: ['true'] });
    await untilStatus(client, taskId, 'completed');
    void client.send('subscriptions/listen', { notifications: { taskIds: [taskId] } });
    const told = await client.heard((method) => method === 'notifications/tasks');
    expect(told).toMatchObject({ taskId, status: 'completed' });
  });
});
