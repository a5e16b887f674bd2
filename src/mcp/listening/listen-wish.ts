/**
 * `subscriptions/listen` with tasks. The SDK serves these streams but knows no tasks: so a task that somebody listens for
 * goes to the SDK as a resource of a name of its own, and what the SDK says of that resource becomes `notifications/tasks`.
 */
import type { ProtocolError } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { log } from '../../engine/host/log.ts';
import type { Access } from '../../tools/access.ts';
import { clientOfMeta } from '../client.ts';
import { type TaskSite, taskCaller, tasksNotDeclared } from '../tasks/serve-tasks.ts';
import type { TaskCaller } from '../tasks/tasks.ts';

const TASK_URI = 'belay-task:';
/** Of one stream; the others of a longer list are not followed, and the acknowledgement does not name them. */
const RESOURCES_MAX = 100;
const TASKS_MAX = 100;
/** A longer name is nothing's name. */
const URI_CHARS_MAX = 2_000;
const RESOURCE_UPDATED = 'notifications/resources/updated';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

const uris = z.array(z.string());
const listen = z.looseObject({
  method: z.literal('subscriptions/listen'),
  params: z.looseObject({
    _meta: z.record(z.string(), z.unknown()),
    notifications: z.looseObject({ resourceSubscriptions: uris.optional(), taskIds: uris.optional() }),
  }),
});

export type Message = { readonly [name: string]: unknown };

export interface ListenWish {
  /** As the SDK understands it. */
  readonly message: Message;
  /** What is said of the message's stream, as the client understands it: none, one, or more than one message. */
  translate(said: Message): Promise<readonly Message[]>;
}

/** Undefined for every other message, and for one that the SDK will refuse. */
export async function listenWish(
  site: TaskSite,
  message: unknown,
  access: Access | undefined,
  signal: AbortSignal,
): Promise<Result<ListenWish, ProtocolError> | undefined> {
  const asked = listen.safeParse(message);
  if (!asked.success) return undefined;
  const { params } = asked.data;
  const { taskIds, resourceSubscriptions = [], ...others } = params.notifications;
  const client = clientOfMeta(params._meta, access);
  if (taskIds !== undefined && !client.takesTasks) return err(tasksNotDeclared());
  const caller = taskIds === undefined ? undefined : await taskCaller(site, client, signal);
  const own = caller ? ownTasks(site, caller, taskIds ?? []) : [];
  const resources = [
    ...[...new Set(resourceSubscriptions)].filter(isResource).slice(0, RESOURCES_MAX),
    ...own.map((taskId) => `${TASK_URI}${taskId}`),
  ];
  const notifications = { ...others, ...(resources.length > 0 && { resourceSubscriptions: resources }) };
  const stream = new TaskStream(site, caller);
  return ok({
    message: { ...asked.data, params: { ...params, notifications } },
    translate: (said) => stream.translate(said),
  });
}

const isResource = (uri: string): boolean => uri.length <= URI_CHARS_MAX && !uri.startsWith(TASK_URI);

const ownTasks = ({ tasks }: TaskSite, caller: TaskCaller, taskIds: readonly string[]): readonly string[] =>
  [...new Set(taskIds)].slice(0, TASKS_MAX).filter((taskId) => tasks.follow(caller, taskId) !== undefined);

class TaskStream {
  readonly #site: TaskSite;
  readonly #caller: TaskCaller | undefined;
  /** Nothing more happens to these. */
  readonly #ended = new Set<string>();

  constructor(site: TaskSite, caller: TaskCaller | undefined) {
    this.#site = site;
    this.#caller = caller;
  }

  async translate(said: Message): Promise<readonly Message[]> {
    const params = (said.params ?? {}) as { uri?: string; notifications?: Message; _meta?: object };
    if (said.method === ACKNOWLEDGED) return this.#acknowledged(said, params);
    const taskId = said.method === RESOURCE_UPDATED ? taskIn(params.uri) : undefined;
    return taskId === undefined ? [said] : this.#told(taskId, params._meta);
  }

  /** What happened before the stream began is told at once: nobody waits for what is over. */
  async #acknowledged(
    said: Message,
    params: { notifications?: Message; _meta?: object },
  ): Promise<readonly Message[]> {
    const { resourceSubscriptions, ...others } = params.notifications ?? {};
    const accepted = (resourceSubscriptions ?? []) as readonly string[];
    const resources = accepted.filter((uri) => taskIn(uri) === undefined);
    const taskIds = accepted.map(taskIn).filter((taskId) => taskId !== undefined);
    const notifications = {
      ...others,
      ...(resources.length > 0 && { resourceSubscriptions: resources }),
      ...(taskIds.length > 0 && { taskIds }),
    };
    const now = await Promise.all(taskIds.map((taskId) => this.#told(taskId, params._meta)));
    return [{ ...said, params: { ...params, notifications } }, ...now.flat()];
  }

  async #told(taskId: string, meta: object | undefined): Promise<readonly Message[]> {
    if (this.#caller === undefined || this.#ended.has(taskId)) return [];
    try {
      const task = await this.#site.tasks.get(this.#caller, taskId);
      if (task.status !== 'working' && task.status !== 'input_required') this.#ended.add(taskId);
      return [{ jsonrpc: '2.0', method: 'notifications/tasks', params: { ...task, _meta: meta } }];
    } catch (err) {
      log.debug({ err }, 'a task cannot be told');
      return [];
    }
  }
}

const taskIn = (uri: string | undefined): string | undefined =>
  uri?.startsWith(TASK_URI) ? uri.slice(TASK_URI.length) : undefined;
