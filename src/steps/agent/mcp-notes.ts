/** What the notes of an agent step say of MCP tools: which definitions a person has let through, which calls were made. */
import type { JsonObject } from '../../engine/core/model.ts';

const KIND = 'approved';

/** @param approval as `steps/mcp` notes it */
export const approvalNote = (server: string, approval: JsonObject): JsonObject => ({
  kind: KIND,
  server,
  ...approval,
});

export const isApproval = (note: JsonObject): boolean => note.kind === KIND;

/** Calls that have a result, by the name that the model knows. */
export function callsMade(notes: readonly JsonObject[]): readonly string[] {
  const made: string[] = [];
  let names: readonly string[] = [];
  for (const note of notes) {
    if (note.kind === 'reply')
      names = (note.calls as readonly { readonly name: string }[]).map(({ name }) => name);
    else if (note.kind === 'result') made.push(names[Number(note.call)] ?? '');
  }
  return made;
}
