/**
 * An `mcp` step at work: connects, does the one thing that it is there for, and leaves. A connection is for one call, so
 * that nothing is shared between steps, and nothing left behind.
 * 1. Nothing that leaves this folder holds a secret of the call: not the log, not a question, not an outcome.
 */
import type { CallIo, Outcome } from '../../engine/core/step-type.ts';
import { answerServer } from './answer-server.ts';
import { failed } from './call-outcome.ts';
import { callTool } from './call-tool.ts';
import { getPrompt } from './get-prompt.ts';
import type { McpCall } from './mcp-call.ts';
import { readResource } from './read-resource.ts';
import { Session } from './session.ts';
import { type Work, workOf } from './work.ts';

/** Rejects when the signal is given, or on a bug. */
export async function performMcp(call: McpCall, io: CallIo): Promise<Outcome> {
  io.signal.throwIfAborted();
  const work = workOf(call, io);
  const opened = await Session.open(work, (client, server) => answerServer(client, server, work));
  if (!opened.ok) return failed(call, opened.error);
  const session = opened.value;
  try {
    work.log(`${session.label} speaks MCP ${session.client.getNegotiatedProtocolVersion()}\n`);
    return await performOn(session, work);
  } finally {
    await session.close();
  }
}

function performOn(session: Session, work: Work): Promise<Outcome> {
  const { target } = work.call;
  if (target.kind === 'tool') return callTool(session, target, work);
  return target.kind === 'resource' ? readResource(session, target, work) : getPrompt(session, target, work);
}
