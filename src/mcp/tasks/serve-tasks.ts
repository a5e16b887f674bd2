/** The methods of the tasks extension on a server of 2026-07-28. A client that has not declared it is told so. */
import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { OpenBelay } from '../../tools/belay.ts';
import { thrownProblem } from '../../tools/storage-problem.ts';
import { type Client, clientOf, TASKS } from '../client.ts';
import type { TaskCaller, Tasks } from './tasks.ts';

const TASK_ID_CHARS_MAX = 200;
const RESPONSES_MAX = 100;

const anything = z.looseObject({});
const named = z.looseObject({ taskId: z.string().max(TASK_ID_CHARS_MAX) });
/** The SDK takes `inputResponses` out of the params of every request, as those of a call that asked. */
const answered = z.object({
  inputResponses: z
    .record(z.string(), z.unknown())
    .refine((given) => Object.keys(given).length <= RESPONSES_MAX, `expected at most ${RESPONSES_MAX}`),
});

export interface TaskSite {
  readonly open: OpenBelay;
  readonly cwd: string;
  readonly leaving: AbortSignal;
  readonly tasks: Tasks;
}

export function serveTasks(server: Server, site: TaskSite): void {
  const { tasks } = site;
  const on = (method: string, act: (caller: TaskCaller, id: string, mcp: ServerContext) => Promise<object>) =>
    server.setRequestHandler(method, { params: anything }, async (given, mcp) => {
      const client = clientOf('modern', server, mcp);
      if (!client.takesTasks) throw tasksNotDeclared();
      const { taskId } = checked(method, named, given);
      try {
        return { ...(await act(await taskCaller(site, client, mcp.mcpReq.signal), taskId, mcp)) };
      } catch (error) {
        const problem = thrownProblem(error);
        throw problem ? new ProtocolError(ProtocolErrorCode.InternalError, problem.message) : error;
      }
    });
  on('tasks/get', (caller, taskId) => tasks.get(caller, taskId));
  on('tasks/update', async (caller, taskId, { mcpReq }) => {
    const given = checked('tasks/update', answered, { inputResponses: mcpReq.inputResponses });
    await tasks.update(caller, taskId, given.inputResponses);
    return {};
  });
  on('tasks/cancel', async (caller, taskId) => {
    tasks.cancel(caller, taskId);
    return {};
  });
}

/** After the question whether the caller has tasks at all: that answer comes first. */
function checked<Params extends z.ZodType>(method: string, params: Params, given: unknown): z.output<Params> {
  const read = params.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const message = `Invalid params for ${method}: ${issue?.path.join('.')}: ${issue?.message}`;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

/** Rejects with the protocol's `internal error` where the data folder cannot be opened. */
export async function taskCaller(
  { open, cwd, leaving }: TaskSite,
  client: Client,
  signal: ServerContext['mcpReq']['signal'],
): Promise<TaskCaller> {
  const opened = await open();
  if (!opened.ok) throw new ProtocolError(ProtocolErrorCode.InternalError, opened.error.message);
  const belay = opened.value;
  const context = {
    belay,
    cwd,
    signal: AbortSignal.any([signal, leaving]),
    human: false,
    canAsk: client.showsForms,
    caller: client.caller,
    ...(client.access && { roles: client.access.roles }),
    progress: () => {},
  };
  return { belay, client, context };
}

export const tasksNotDeclared = (): MissingRequiredClientCapabilityError =>
  new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [TASKS]: {} } } });
