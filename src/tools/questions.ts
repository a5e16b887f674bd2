/**
 * Open questions on their way to a person and back, and what is recorded of an answer. Who may give one is
 * `question-rules.ts`; the engine counts again.
 */
import { approvalsNeeded, isApproving } from '../engine/core/answerers.ts';
import type { Event, EventOf } from '../engine/core/events.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { Json, JsonObject } from '../engine/core/model.ts';
import type { QuestionState, RunState } from '../engine/core/state.ts';
import { request } from '../engine/host/run-requests.ts';
import { fitAnswer } from '../steps/agent/answer-schema.ts';
import { answerObject, checkAnswer, checkValue } from '../steps/check-answer.ts';
import { QUESTIONS_SHOWN_MAX } from './answer-budget.ts';
import { failed, refusedRequest } from './answers.ts';
import { openQuestions } from './open-questions.ts';
import { questionDigest } from './question-digest.ts';
import { callerProblem, findOpen, isFor, unclaimedProblem } from './question-rules.ts';
import { questionText } from './question-text.ts';
import { requester } from './requester.ts';
import { hostProblem } from './storage-problem.ts';
import type { FormAsk, FormResponse, ToolContext, ToolError, ToolResult } from './tool.ts';

type Via = NonNullable<EventOf<'question.answered'>['via']>;

/** Forms for what this person may answer of a run, as many as one sitting bears; the others follow when these are answered. */
export const humanAsks = (context: ToolContext, run: RunState): readonly FormAsk[] =>
  openQuestions(run)
    .filter((question) => question.askedOf === 'human' && isFor({ ...context, human: true }, run, question))
    .slice(0, QUESTIONS_SHOWN_MAX)
    .map((question) => ({
      id: question.id,
      message: questionText(question, `whole in belay://runs/${run.runId}`),
      schema: question.schema,
      runId: run.runId,
    }));

interface GivenAnswer {
  readonly answer: Json;
  /** Of the question that was read. */
  readonly digest?: string | undefined;
  readonly via?: Via;
}

/** Records one answer; the result is an error for the caller, or undefined. */
export const recordAnswer = (
  context: ToolContext,
  runId: string,
  questionId: string,
  given: GivenAnswer,
): ToolResult | undefined =>
  recordEvent(context, runId, 'the answer was not recorded', (run) =>
    answerEvent(context, run, questionId, given),
  );

/**
 * Appends what `decide` says about the run as it is, and wakes its host.
 * @param lost what did not happen when storage refuses
 */
export function recordEvent(
  context: ToolContext,
  runId: string,
  lost: string,
  decide: (run: RunState) => Result<Event, ToolError>,
): ToolResult | undefined {
  const problem = hostProblem(context.belay, lost);
  if (problem) return problem;
  const recorded = request(requester(context), runId, decide);
  if (recorded.ok) {
    context.belay.host?.kick(runId);
    return undefined;
  }
  const refused = recorded.error;
  return 'hint' in refused ? failed(refused) : refusedRequest(context.belay, runId, refused as never);
}

const isOnTerminal = ({ human, caller }: ToolContext): boolean => human && caller.startsWith('cli:');

function answerEvent(
  context: ToolContext,
  run: RunState,
  id: string,
  { answer, digest, via = isOnTerminal(context) ? 'terminal' : 'tool' }: GivenAnswer,
): Result<Event, ToolError> {
  const question = findOpen(context, run, id);
  if ('code' in question) return err(question);
  const problem =
    callerProblem(context, run, question) ??
    unclaimedProblem(context, question) ??
    answerProblem(question, answer, digest);
  if (problem) return err(problem);
  const others = (question.approvals?.length ?? 0) + 1 < approvalsNeeded(question);
  return ok({
    type: isApproving(answer) && others ? 'question.approved' : 'question.answered',
    question: id,
    answer,
    by: context.caller,
    via,
    digest: questionDigest(question),
  });
}

function answerProblem(
  question: QuestionState,
  answer: Json,
  digest: string | undefined,
): ToolError | undefined {
  const { id, schema } = question;
  const asked = questionDigest(question);
  if (digest !== undefined && digest !== asked) {
    return {
      code: 'digest_mismatch',
      message: `question \`${id}\` is not the one that was read: its digest is ${asked}, found ${digest}`,
      hint: 'read it again with workflow_status, and answer with the `digest` that stands there',
      data: { digest: asked },
    };
  }
  const problems = answerMisfits(question, answer);
  if (problems.length === 0) return undefined;
  return {
    code: 'invalid_answer',
    message: `the answer to \`${id}\` does not fit: ${problems.join('; ')}`,
    hint: 'the question stays open; answer again by its schema',
    data: { schema },
  };
}

/** Most questions are forms; an instruction to tick off takes one word, and an agent is asked for anything. */
function answerMisfits({ schema, kind, instruction }: QuestionState, answer: Json): readonly string[] {
  if (kind === 'agent' && instruction === undefined) {
    const fit = fitAnswer(schema, answerObject(schema, answer));
    return fit.ok ? [] : fit.error;
  }
  if (schema.properties !== undefined) return checkAnswer(schema, answer);
  const problem = checkValue(schema, answer);
  return problem === undefined ? [] : [problem];
}

/**
 * Takes in what a person said in a form. A declined approval is a rejection; everything else that was not
 * accepted leaves the question open.
 */
export function takeResponse(
  context: ToolContext,
  run: RunState,
  id: string,
  response: FormResponse,
): ToolResult | undefined {
  if (response.action === 'accept')
    return recordAnswer(context, run.runId, id, { answer: response.content ?? {}, via: 'form' });
  const isApproval = run.questions.get(id)?.kind === 'approval';
  if (response.action !== 'decline' || !isApproval) return undefined;
  const rejection: JsonObject = { approved: false, reason: 'declined in the form' };
  return recordAnswer(context, run.runId, id, { answer: rejection, via: 'form' });
}
