/**
 * Whether a tool may be called as it is defined now: compared with its pin, and shown to a person where the step says so.
 * An approval holds for this attempt: a note of it spares asking again when the host dies.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { QUESTION_CONTEXT_BYTES_MAX } from '../../engine/core/limits.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import { answerObject } from '../check-answer.ts';
import { CONSENT } from './forward-question.ts';
import type { McpCall } from './mcp-call.ts';
import { definitionChanged, definitionRejected, definitionUnanswered } from './mcp-messages.ts';
import { pinDifference, type ToolDefinition } from './tool-definition.ts';
import type { Work } from './work.ts';

export interface ApprovalTerms {
  readonly call: McpCall;
  readonly tool: string;
  readonly server: string;
  readonly definition: ToolDefinition;
  readonly expiresAtMs: number | undefined;
}

/** Failures `definition_changed`, `rejected`, `expired`. */
export async function approveDefinition(
  { call, tool, server, definition, expiresAtMs }: ApprovalTerms,
  work: Pick<Work, 'ask' | 'note'>,
): Promise<Result<void, Failure>> {
  const difference = call.pin === undefined ? undefined : pinDifference(call.pin, definition);
  if (call.pin !== undefined && !difference) return ok(undefined);
  if (!call.asks)
    return difference ? err(definitionChanged(tool, difference, definition.pin)) : ok(undefined);
  const approval: JsonObject = { approved: definition.sha256 };
  if (call.notes.some((note) => (note as JsonObject).approved === approval.approved)) return ok(undefined);
  const changed = difference?.changed ?? [];
  const what = changed.length > 0 ? ` Changed: ${changed.join(', ')}.` : '';
  const then = difference
    ? `is not as it was pinned.${what} Found: \`${definition.sha256}\`.`
    : `has the digest \`${definition.sha256}\`.`;
  const answer = await work.ask({
    kind: 'approval',
    prompt: `Call tool \`${tool}\` of ${server}? Its definition ${then} To be asked no more, write \`pin: ${definition.pin}\``,
    context: shown(definition.text),
    schema: CONSENT,
    askedOf: 'human',
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  });
  if (answer === undefined) return err(definitionUnanswered(tool));
  const { approved, reason = '' } = answerObject(CONSENT, answer) as { approved?: unknown; reason?: unknown };
  if (approved !== true) return err(definitionRejected(tool, String(reason)));
  await work.note(approval);
  return ok(undefined);
}

/** Where not all can be shown it is said first: what is to be hidden would stand at the end. */
function shown(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= QUESTION_CONTEXT_BYTES_MAX) return text;
  const head = `(cut: ${bytes.length} bytes in all, which stand in the log of the step)\n`;
  return head + bytes.subarray(0, QUESTION_CONTEXT_BYTES_MAX - 2 * head.length).toString('utf8');
}
