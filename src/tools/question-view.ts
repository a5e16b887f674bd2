/** A question in the shape of the public surface: what is asked, of whom, and what has been said so far. */
import { approvalsNeeded } from '../engine/core/answerers.ts';
import type { QuestionState, RunState } from '../engine/core/state.ts';
import { questionDigest } from './question-digest.ts';
import type { RunView } from './run-view-schema.ts';

type QuestionView = RunView['questions'][number];

const iso = (ms: number): string => new Date(ms).toISOString();

/** Of the answer that it is shown in. */
export interface QuestionSight {
  readonly nowMs: number;
  /** Whether the one who looks may answer it. */
  mayAnswer?(run: RunState, question: QuestionState): boolean;
}

export function questionView(
  run: RunState,
  question: QuestionState,
  { nowMs, mayAnswer }: QuestionSight,
): QuestionView {
  const { context, answerers = {}, claim, expiresAt } = question;
  const { by, roles, not_requester, capabilities } = answerers;
  const holds = claim !== undefined && claim.until > nowMs;
  return {
    question_id: question.id,
    kind: question.kind,
    step: question.step.key,
    prompt: question.prompt,
    ...(context !== undefined && { context }),
    schema: question.schema as never,
    digest: questionDigest(question),
    asked_of: question.askedOf,
    asked_at: iso(question.askedAt),
    ...(mayAnswer && { for_you: mayAnswer(run, question) }),
    ...(by && { by: [...by] }),
    ...(roles && { roles: [...roles] }),
    ...(not_requester && { not_requester }),
    ...(capabilities && { capabilities: [...capabilities] }),
    ...(approvalsNeeded(question) > 1 && { approvals: approvalsOf(question) }),
    ...(expiresAt !== undefined && { expires_at: iso(expiresAt) }),
    ...(holds && { claimed_by: claim.by, claimed_until: iso(claim.until) }),
    how_to_answer: howToAnswer(run, question),
  };
}

const approvalsOf = (question: QuestionState) => ({
  needed: approvalsNeeded(question),
  given: (question.approvals ?? []).map(({ by }) => by),
});

function howToAnswer({ runId }: RunState, { id, askedOf, answerers }: QuestionState): string {
  if (answerers?.capabilities)
    return `claim it with workflow_answer for run ${runId}, \`claim: true\` and the \`capabilities\` that you have; then answer with what fits the schema`;
  return askedOf === 'human'
    ? `a person answers it: in the client's form, or on a terminal with \`belay answer ${runId} ${id}\``
    : `call workflow_answer for run ${runId} with an \`answer\` that fits the schema; with \`claim: true\` first where others may work on it too`;
}
