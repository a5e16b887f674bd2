/**
 * Tasks as 2025-11-25 has them, over the same runs: the client asks for one in its call, looks at it with `tasks/get`, and
 * waits with `tasks/result`, on which it is also sent the forms. The SDK only reads and writes these messages.
 */
import {
  ProtocolError,
  ProtocolErrorCode,
  RELATED_TASK_META_KEY,
  type Result,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ToolResult } from '../../tools/tool.ts';
import { elicit } from '../ask.ts';
import { clientOf } from '../client.ts';
import type { DetailedTask, TaskFields } from './detailed-task.ts';
import { type TaskSite, taskCaller } from './serve-tasks.ts';
import type { CreatedTask, TaskCaller, Tasks } from './tasks.ts';

const LOOK_MS = 1_000;
/** Longer than the grace between TERM and KILL. */
const CANCEL_MS_MAX = 10_000;

const named = z.looseObject({ taskId: z.string().max(200) });

/** The capability; there is no `tasks/list`: nobody learns of the tasks of others. */
export const LEGACY_TASKS = { cancel: {}, requests: { tools: { call: {} } } };

interface LegacyTask {
  readonly taskId: string;
  readonly status: DetailedTask['status'];
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly ttl: null;
  readonly pollInterval: number;
  readonly statusMessage?: string;
}

export type CreatedLegacyTask = { readonly task: LegacyTask };

/** The answer to a call that has asked for a task. Throws what the call was refused with: there is no task then. */
export function createdLegacyTask(created: CreatedTask | undefined, answer: ToolResult): CreatedLegacyTask {
  if (created) return { task: legacyTask(created, created.status) };
  const { message, hint } =
    answer.kind === 'error' ? answer.error : { message: NOTHING_BEGUN, hint: undefined };
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    hint === undefined ? message : `${message}\nhint: ${hint}`,
  );
}

const NOTHING_BEGUN = 'the call has begun nothing that a task could follow; call without `task`';

export const noLegacyTask = (tool: string): ProtocolError =>
  new ProtocolError(
    ProtocolErrorCode.MethodNotFound,
    `\`${tool}\` with these arguments is answered at once and is no task; call without \`task\``,
  );

export function serveLegacyTasks(server: Server, site: TaskSite): void {
  const { tasks } = site;
  const callerOf = (mcp: ServerContext): Promise<TaskCaller> =>
    taskCaller(site, clientOf('legacy', server, mcp), mcp.mcpReq.signal);
  server.setRequestHandler('tasks/get', { params: named }, async ({ taskId }, mcp) => {
    const task = await tasks.get(await callerOf(mcp), taskId);
    return { ...legacyTask(task, task.status) };
  });
  server.setRequestHandler('tasks/cancel', { params: named }, async ({ taskId }, mcp) => {
    const caller = await callerOf(mcp);
    const { status } = await tasks.get(caller, taskId);
    if (status !== 'working' && status !== 'input_required')
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `task \`${taskId}\` is ${status} already`);
    tasks.cancel(caller, taskId);
    return { ...legacyTask(await cancelled(tasks, caller, taskId), 'cancelled') };
  });
  server.setRequestHandler('tasks/result', { params: named }, async ({ taskId }, mcp) =>
    resultOf(tasks, await callerOf(mcp), taskId, mcp),
  );
}

/** Waits for the end; what the run asks meanwhile is asked on this request. */
async function resultOf(
  tasks: Tasks,
  caller: TaskCaller,
  taskId: string,
  mcp: ServerContext,
): Promise<Result> {
  const { signal } = caller.context;
  for (;;) {
    const task = await tasks.get(caller, taskId);
    if (task.status === 'completed') {
      const { resultType, ...result } = task.result;
      return { ...result, _meta: { ...result._meta, ...relatedTo(taskId) } };
    }
    if (task.status === 'failed') throw new ProtocolError(task.error.code, task.error.message);
    if (task.status === 'cancelled' || signal.aborted)
      throw new ProtocolError(
        ProtocolErrorCode.InvalidRequest,
        `task \`${taskId}\` has no result: it is ${task.status}`,
      );
    if (task.status === 'input_required') await askFor(tasks, caller, taskId, mcp);
    else await caller.belay.changes.next(Date.now() + LOOK_MS, signal);
  }
}

/** The answer says that it is cancelled, so it waits for that, within reason. */
async function cancelled(tasks: Tasks, caller: TaskCaller, taskId: string): Promise<DetailedTask> {
  const { belay, context } = caller;
  const untilMs = Date.now() + CANCEL_MS_MAX;
  let task = await tasks.get(caller, taskId);
  while (task.status === 'working' && Date.now() < untilMs && !context.signal.aborted) {
    await belay.changes.next(untilMs, context.signal);
    task = await tasks.get(caller, taskId);
  }
  return task;
}

async function askFor(tasks: Tasks, caller: TaskCaller, taskId: string, mcp: ServerContext): Promise<void> {
  const asks = tasks.asks(caller, taskId);
  const forms = asks.map(({ key, ask }) => ({ ...ask, id: key }));
  const responses = await elicit(forms, mcp, caller.context.signal, relatedTo(taskId));
  const none = Object.fromEntries(asks.map(({ key }) => [key, { action: 'cancel' }]));
  await tasks.update(caller, taskId, responses ?? none);
}

const relatedTo = (taskId: string) => ({ [RELATED_TASK_META_KEY]: { taskId } });

const legacyTask = (
  task: TaskFields & { readonly statusMessage?: string },
  status: DetailedTask['status'],
): LegacyTask => ({
  taskId: task.taskId,
  status,
  createdAt: task.createdAt,
  lastUpdatedAt: task.lastUpdatedAt,
  ttl: task.ttlMs,
  pollInterval: task.pollIntervalMs,
  ...(task.statusMessage !== undefined && { statusMessage: task.statusMessage }),
});
