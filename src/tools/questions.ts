/**
 * Open questions on their way to a person and back. It fails closed: a question for a human takes its answer only
 * from a context that has a human at the other end.
 */

import type { Event, EventOf } from '../engine/core/events.ts';
import { err, ok } from '../engine/core/failure.ts';
import type { Json, JsonObject } from '../engine/core/model.ts';
import type { RunState } from '../engine/core/state.ts';
import { request } from '../engine/host/run-requests.ts';
import { checkAnswer, checkValue } from '../steps/check-answer.ts';
import { cutText, PROMPT_BYTES_MAX, QUESTIONS_SHOWN_MAX } from './answer-budget.ts';
import { failed, nearestText, refusedRequest } from './answers.ts';
import { openQuestions } from './open-questions.ts';
import { requester } from './requester.ts';
import { hostProblem } from './storage-problem.ts';
import type { FormAsk, FormResponse, ToolContext, ToolError, ToolResult } from './tool.ts';

type Via = NonNullable<EventOf<'question.answered'>['via']>;

/** Forms for the human questions of a run, as many as one sitting bears; the others follow when these are answered. */
export const humanAsks = (run: RunState): readonly FormAsk[] =>
  openQuestions(run)
    .filter((question) => question.askedOf === 'human')
    .slice(0, QUESTIONS_SHOWN_MAX)
    .map(({ id, prompt, schema }) => ({
      id,
      message: cutText(prompt, PROMPT_BYTES_MAX, `whole in belay://runs/${run.runId}`),
      schema,
    }));

/** Records one answer; the result is an error for the caller, or undefined. */
export function recordAnswer(
  context: ToolContext,
  runId: string,
  questionId: string,
  answer: Json,
  via: Via = isOnTerminal(context) ? 'terminal' : 'tool',
): ToolResult | undefined {
  const problem = hostProblem(context.belay, 'the answer was not recorded');
  if (problem) return problem;
  const recorded = request(requester(context), runId, (run) => {
    const refused = answerProblem(context, run, questionId, answer);
    if (refused) return err(refused);
    return ok<Event>({ type: 'question.answered', question: questionId, answer, by: context.caller, via });
  });
  if (recorded.ok) {
    context.belay.host?.kick(runId);
    return undefined;
  }
  const refused = recorded.error;
  return 'hint' in refused ? failed(refused) : refusedRequest(context.belay, runId, refused as never);
}

const isOnTerminal = ({ human, caller }: ToolContext): boolean => human && caller.startsWith('cli:');

function answerProblem(context: ToolContext, run: RunState, id: string, answer: Json): ToolError | undefined {
  const question = run.questions.get(id);
  if (!question) {
    const known = [...run.questions.keys()];
    return {
      code: 'unknown_question',
      message: `question \`${id}\` was never asked in run \`${run.runId}\`; ${nearestText(id, known)}`,
      hint: 'workflow_status lists the open questions',
    };
  }
  if (question.status !== 'open') {
    return {
      code: 'conflict',
      message: `question \`${id}\` is ${question.status}, not open`,
      hint: 'workflow_status shows how the run went on',
    };
  }
  if (question.askedOf === 'human' && !context.human) {
    return {
      code: 'human_required',
      message: `question \`${id}\` is for a person and cannot be answered by an agent: ${question.prompt}`,
      hint: `let a person run \`belay answer ${run.runId} ${id}\` on a terminal, then call workflow_status`,
    };
  }
  const problems = answerMisfits(question.schema, answer);
  if (problems.length > 0) {
    return {
      code: 'invalid_answer',
      message: `the answer to \`${id}\` does not fit: ${problems.join('; ')}`,
      hint: 'the question stays open; answer again by its schema',
      data: { schema: question.schema },
    };
  }
  return undefined;
}

/** Most questions are forms; an instruction to tick off takes one word. */
function answerMisfits(schema: JsonObject, answer: Json): readonly string[] {
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
    return recordAnswer(context, run.runId, id, response.content ?? {}, 'form');
  const isApproval = run.questions.get(id)?.kind === 'approval';
  if (response.action !== 'decline' || !isApproval) return undefined;
  const rejection: JsonObject = { approved: false, reason: 'declined in the form' };
  return recordAnswer(context, run.runId, id, rejection, 'form');
}
