/**
 * What a client can do with its tasks: have one for a call, look at it, answer what it asks, cancel it.
 * 1. Each act is checked against the caller: somebody else's task is as unknown as one that never was.
 * 2. State is in the journal. Only forms that were declined are remembered here, so that they are not shown again; a
 *    process that does not know of it shows them once more.
 */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { cancelRun } from '../../engine/host/run-requests.ts';
import { refusedCall } from '../../tools/access.ts';
import type { Belay } from '../../tools/belay.ts';
import { continueRun } from '../../tools/follow-run.ts';
import { requester } from '../../tools/requester.ts';
import type { ToolContext, ToolResult } from '../../tools/tool.ts';
import { isAnswered, readResponse } from '../ask.ts';
import type { Client } from '../client.ts';
import { answerMeta } from '../view/view-meta.ts';
import {
  type DetailedTask,
  detailedTask,
  type TaskAsk,
  type TaskFields,
  taskAsks,
  taskFields,
} from './detailed-task.ts';
import { lastRollback, loadTask, type RunTask } from './run-task.ts';
import { TaskIds, type TaskRef } from './task-id.ts';

/** Calls that are answered with a task. */
export const TASK_TOOLS: ReadonlySet<string> = new Set(['workflow_execute', 'workflow_rollback']);
const DECLINED_MAX = 10_000;

export type CreatedTask = TaskFields & { readonly resultType: 'task'; readonly status: 'working' };

/** Who looks at a task, and with what. */
export interface TaskCaller {
  readonly belay: Belay;
  readonly client: Client;
  readonly context: ToolContext;
}

export class Tasks {
  readonly #ids: TaskIds;
  readonly #declined = new Set<string>();

  constructor(home: string) {
    this.#ids = new TaskIds(home);
  }

  /** Can the call be answered with a task? A plan is answered at once, and so is what brings files back. */
  isFor(tool: string, input: { readonly [name: string]: unknown }): boolean {
    return TASK_TOOLS.has(tool) && input.dry_run !== true && input.undo !== true;
  }

  /**
   * The task of a call that has begun something; undefined where the answer itself is all there will be.
   * @param must a task is wanted also where it has ended already
   */
  create(caller: TaskCaller, tool: string, answer: ToolResult, must = false): CreatedTask | undefined {
    const runId = answer.kind === 'done' ? answer.structured.run_id : undefined;
    if (typeof runId !== 'string') return undefined;
    const { journal } = caller.belay;
    const ref = tool === 'workflow_rollback' ? lastRollback(journal, runId) : { runId, from: 1 };
    const loaded = ref && loadTask(journal, ref);
    if (!loaded?.ok || (loaded.value.isOver && !must) || !isOwn(caller, loaded.value)) return undefined;
    const fields = taskFields(this.#ids.of(loaded.value.ref), loaded.value);
    return { resultType: 'task', ...fields, status: 'working' };
  }

  /** Throws the protocol's `invalid params` for a task that is not the caller's. */
  async get(caller: TaskCaller, taskId: string): Promise<DetailedTask> {
    const task = this.#find(caller, taskId, 'workflow_status');
    if ('failure' in task) return task.failure;
    const meta = answerMeta(caller.client, 'workflow_execute');
    return detailedTask(caller.context, taskId, task, { asks: this.#asks(caller, task), meta });
  }

  /** The forms that the caller can be shown now. */
  asks(caller: TaskCaller, taskId: string): readonly TaskAsk[] {
    const task = this.#find(caller, taskId, 'workflow_answer');
    return 'failure' in task ? [] : this.#asks(caller, task);
  }

  /** Takes in what a person said in forms; keys that are not open now are left out, as the extension wants it. */
  async update(
    caller: TaskCaller,
    taskId: string,
    responses: { readonly [key: string]: unknown },
  ): Promise<void> {
    const task = this.#find(caller, taskId, 'workflow_answer');
    if ('failure' in task) return;
    for (const { key, runId, ask } of this.#asks(caller, task)) {
      if (!Object.hasOwn(responses, key)) continue;
      const given = { [ask.id]: readResponse(responses[key]) };
      const answer = await continueRun({ ...caller.context, human: isAnswered(given) }, runId, given, 0);
      if (answer.kind === 'error')
        throw new ProtocolError(ProtocolErrorCode.InternalError, answer.error.message);
      if (given[ask.id]?.action !== 'accept') this.#decline(key);
    }
  }

  /** Asks the run to stop. One that has ended, or that is being taken back, goes its way. */
  cancel(caller: TaskCaller, taskId: string): void {
    const task = this.#find(caller, taskId, 'workflow_cancel');
    if ('failure' in task || task.isOver) return;
    const { belay, context } = caller;
    const { runId } = task.ref;
    const cancelled = cancelRun(requester(context), runId, {
      mode: 'immediate',
      reason: 'asked for by tasks/cancel',
    });
    if (!cancelled.ok && cancelled.error !== 'done' && cancelled.error.code === 'storage')
      throw new ProtocolError(ProtocolErrorCode.InternalError, cancelled.error.message);
    belay.host?.kick(runId);
  }

  /** Whose changes a task's subscribers want to hear of; undefined for a task that is not the caller's. */
  follow(caller: TaskCaller, taskId: string): TaskRef | undefined {
    try {
      const task = this.#find(caller, taskId, 'workflow_status');
      return 'failure' in task ? undefined : task.ref;
    } catch (error) {
      if (error instanceof ProtocolError) return undefined;
      throw error;
    }
  }

  #find(caller: TaskCaller, taskId: string, tool: string): RunTask | { readonly failure: DetailedTask } {
    const { client, belay } = caller;
    const ref = this.#ids.read(taskId);
    const loaded = ref && loadTask(belay.journal, ref);
    if (loaded?.ok === false && loaded.error.code === 'corrupt')
      return { failure: damaged(taskId, loaded.error.message) };
    if (!loaded?.ok || !isOwn(caller, loaded.value)) throw unknownTask(taskId);
    const refused = client.access && refusedCall(client.access, tool, {});
    if (refused?.kind === 'error')
      throw new ProtocolError(ProtocolErrorCode.InvalidRequest, refused.error.message);
    return loaded.value;
  }

  #asks({ context }: TaskCaller, task: RunTask): readonly TaskAsk[] {
    return taskAsks(context, task).filter(({ key }) => !this.#declined.has(key));
  }

  #decline(key: string): void {
    if (this.#declined.size >= DECLINED_MAX) this.#declined.clear();
    this.#declined.add(key);
  }
}

/** Where nobody is recognized, whoever calls has the data folder, and names are only what clients call themselves. */
const isOwn = ({ client }: TaskCaller, { owner }: RunTask): boolean =>
  client.access === undefined || client.access.caller === owner;

const ID_CHARS_SHOWN_MAX = 120;

const unknownTask = (taskId: string): ProtocolError =>
  new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `task \`${taskId.slice(0, ID_CHARS_SHOWN_MAX)}\` is not known; workflow_history lists the runs`,
  );

const damaged = (taskId: string, message: string): DetailedTask => {
  const now = new Date().toISOString();
  return {
    taskId,
    createdAt: now,
    lastUpdatedAt: now,
    ttlMs: null,
    pollIntervalMs: 1_000,
    status: 'failed',
    statusMessage: message,
    error: { code: ProtocolErrorCode.InternalError, message },
  };
};
