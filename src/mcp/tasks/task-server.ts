/**
 * The SDK's server, with one answer more to `tools/call`. The SDK checks every answer of a tool as a finished one, and
 * would give a task a `content` that the extension does not know; so a task goes around that check, and nothing else does.
 */
import { type JSONRPCRequest, type Result, Server, type ServerContext } from '@modelcontextprotocol/server';

type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

export class TaskServer extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    if (method !== 'tools/call') return super._wrapHandler(method, handler);
    return async (request, context) => {
      let task: Result | undefined;
      const checked = super._wrapHandler(method, async (...call) => {
        const answer = await handler(...call);
        if (answer.resultType !== 'task' && answer.task === undefined) return answer;
        task = answer;
        return { content: [] };
      });
      const answer = await checked(request, context);
      return task ?? answer;
    };
  }
}
