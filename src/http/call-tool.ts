/** One REST call of a tool: parse once, ask whether the caller may, act once. What it would ask a person it leaves open. */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../engine/core/model.ts';
import { log } from '../engine/host/log.ts';
import { type Access, refusedCall, speaksForPerson } from '../tools/access.ts';
import { failed } from '../tools/answers.ts';
import { parseArguments } from '../tools/parse-arguments.ts';
import { thrownProblem } from '../tools/storage-problem.ts';
import type { Tool, ToolResult } from '../tools/tool.ts';
import { LOCAL_CALLER } from './keys/authenticate.ts';
import type { Site } from './site.ts';

interface RestCall {
  readonly tool: Tool;
  readonly given: JsonObject;
  readonly access: Access | undefined;
  /** W3C `traceparent`, as it came. */
  readonly trace?: string | undefined;
  /** The client has left. */
  readonly gone: AbortSignal;
}

export async function callTool(
  site: Site,
  { tool, given, access, trace, gone }: RestCall,
): Promise<ToolResult> {
  const parsed = parseArguments(tool, given);
  if (!parsed.ok) return { kind: 'error', error: parsed.error };
  const refused = access && refusedCall(access, tool.name, given);
  if (refused) return refused;
  try {
    const opened = await site.open();
    if (!opened.ok) return { kind: 'error', error: { ...opened.error } };
    const context = {
      belay: opened.value,
      signal: AbortSignal.any([gone, site.leaving]),
      caller: access?.caller ?? LOCAL_CALLER,
      // without a key nobody is known, so nobody can be believed to be a person
      human: access !== undefined && speaksForPerson(access),
      ...(access && { roles: access.roles }),
      canAsk: false,
      cwd: site.cwd,
      trace,
      progress: () => {},
    };
    const answer = await tool.run(context, parsed.value);
    return answer.kind === 'ask' ? answer.otherwise : answer;
  } catch (error) {
    return thrown(tool, error);
  }
}

/** Storage that refuses is the world's answer; anything else that is thrown is a bug. */
function thrown(tool: Tool, error: unknown): ToolResult {
  const problem = thrownProblem(error);
  if (problem) return failed(problem);
  const id = randomUUID();
  log.error({ err: error, id, tool: tool.name }, 'a tool broke');
  return failed({
    code: 'internal',
    message: `\`${tool.name}\` failed unexpectedly (error ${id})`,
    hint: 'this is a bug in Belay; its log on stderr has the details under that id',
    data: { id },
  });
}
