/**
 * Who may answer, claim or approve a question, for whoever calls a tool. It fails closed: a question for a human takes its
 * answer only from a context that has a human at the other end, one for certain people only from them.
 */
import { claimOfOther, isNamed, partProblem } from '../engine/core/answerers.ts';
import { lackingCapabilities } from '../engine/core/capability.ts';
import type { QuestionState, RunState } from '../engine/core/state.ts';
import { innerRuns } from './inner-runs.ts';
import { nearestText } from './nearest-text.ts';
import type { ToolContext, ToolError } from './tool.ts';

/** May do everything that another role may. */
const ADMIN = 'admin';

/** Runs that ask a question of one name, named in an error. */
const INNER_SHOWN_MAX = 5;

/** The open question of that name, or why there is none. */
export function findOpen(context: ToolContext, run: RunState, id: string): QuestionState | ToolError {
  const question = run.questions.get(id);
  if (!question) return askedInside(context, run, id) ?? neverAsked(run, id);
  if (question.status === 'open') return question;
  return {
    code: 'conflict',
    message: `question \`${id}\` is ${question.status}, not open`,
    hint: 'workflow_status shows how the run went on',
  };
}

const neverAsked = ({ runId, questions }: RunState, id: string): ToolError => ({
  code: 'unknown_question',
  message: `question \`${id}\` was never asked in run \`${runId}\`; ${nearestText(id, [...questions.keys()])}`,
  hint: 'workflow_status lists the open questions',
});

/** Shown with the outer run, it belongs to a run inside: several of them may have asked one of that name. */
function askedInside({ belay }: ToolContext, run: RunState, id: string): ToolError | undefined {
  const asking = innerRuns(belay.journal, run)
    .filter(({ questions }) => questions.get(id)?.status === 'open')
    .map(({ runId }) => runId)
    .slice(0, INNER_SHOWN_MAX);
  const [first] = asking;
  if (first === undefined) return undefined;
  const names = asking.map((runId) => `\`${runId}\``).join(', ');
  return {
    code: 'unknown_question',
    message: `question \`${id}\` is not of run \`${run.runId}\`, but of ${asking.length === 1 ? 'run' : 'runs'} ${names} inside it`,
    hint: `answer it there: workflow_answer with run_id \`${first}\``,
    next: asking.map((run_id) => ({
      tool: 'workflow_answer',
      arguments: { run_id, question_id: id },
      why: 'answer it in the run that asks',
    })),
  };
}

/** Why the caller may not answer it, whatever they would say. */
export function callerProblem(
  context: ToolContext,
  run: RunState,
  question: QuestionState,
): ToolError | undefined {
  const { id, askedOf, prompt } = question;
  if (askedOf === 'human' && !context.human) {
    return {
      code: 'human_required',
      message: `question \`${id}\` is for a person and cannot be answered by an agent: ${prompt}`,
      hint: `let a person run \`belay answer ${run.runId} ${id}\` on a terminal, then call workflow_status`,
    };
  }
  if (!isAmong(context, question)) {
    return {
      code: 'forbidden',
      message: `question \`${id}\` is for ${wanted(question)}; \`${context.caller}\` may not answer it`,
      hint: 'let one of them answer; the question stays open',
    };
  }
  const problem = partProblem(question, run.requesters, context.caller);
  if (problem !== undefined)
    return { code: 'forbidden', message: problem, hint: 'let somebody else answer; the question stays open' };
  return claimProblem(context, question);
}

function claimProblem(context: ToolContext, question: QuestionState): ToolError | undefined {
  const claim = claimOfOther(question, context.caller, context.belay.clock.now());
  return claim && claimedBy(question.id, claim);
}

/** Somebody works on it. */
export const claimedBy = (id: string, claim: NonNullable<QuestionState['claim']>): ToolError => {
  const until = new Date(claim.until).toISOString();
  return {
    code: 'claimed',
    message: `question \`${id}\` is claimed by \`${claim.by}\` until ${until}`,
    hint: 'take another one: workflow_status with include questions and no run_id lists those that are free',
    data: { claimed_by: claim.by, claimed_until: until },
  };
};

/** Why an agent that can do this may not take it; all that is wanted has to be there. */
export function capabilityProblem(
  { id, answerers }: QuestionState,
  stated: readonly string[],
): ToolError | undefined {
  const lacking = lackingCapabilities(answerers, stated);
  if (lacking.length === 0) return undefined;
  const names = (all: readonly string[]) => all.map((name) => `\`${name}\``).join(', ') || 'none';
  const wanted = answerers?.capabilities ?? [];
  return {
    code: 'not_capable',
    message: `question \`${id}\` wants an agent with the capabilities ${names(wanted)}; the claim states ${names(stated)}`,
    hint: `claim it with \`capabilities\` that include ${names(lacking)} if you have them; else leave it to another agent`,
    data: { wanted: [...wanted], lacking: [...lacking] },
  };
}

/** Where capabilities are wanted an agent claims first, and says that it has them. A person is not asked for that. */
export function unclaimedProblem(context: ToolContext, question: QuestionState): ToolError | undefined {
  const { id, answerers, claim } = question;
  if (context.human || !answerers?.capabilities) return undefined;
  if (claim?.by === context.caller && claim.until > context.belay.clock.now()) return undefined;
  return {
    code: 'not_claimed',
    message: `question \`${id}\` is answered by the agent that has claimed it; \`${context.caller}\` has not`,
    hint: `call workflow_answer with \`claim: true\` and \`capabilities\` first: it wants ${answerers.capabilities.join(', ')}`,
  };
}

/** Could the caller answer it, now or after others? */
export const isFor = (context: ToolContext, run: RunState, question: QuestionState): boolean =>
  (question.askedOf === 'agent' || context.human) &&
  isAmong(context, question) &&
  partProblem(question, run.requesters, context.caller) === undefined;

function isAmong(context: ToolContext, { answerers = {}, askedOf }: QuestionState): boolean {
  const { by, roles } = answerers;
  if (!by && !roles) return true;
  if (by && isNamed(by, context.caller, askedOf)) return true;
  return roles !== undefined && hasRole(context, roles);
}

/** Without keys whoever calls owns the data folder, and could write what they like into it. */
const hasRole = ({ roles: held }: ToolContext, roles: readonly string[]): boolean =>
  held === undefined || held.includes(ADMIN) || roles.some((role) => held.includes(role));

function wanted({ answerers = {} }: QuestionState): string {
  const { by = [], roles = [] } = answerers;
  return [...by.map((name) => `\`${name}\``), ...roles.map((role) => `role \`${role}\``)].join(', ');
}
