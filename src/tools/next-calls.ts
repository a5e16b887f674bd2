/** Which calls make sense now, by the status of a run. A person's questions are no work for an agent: it tells them once. */
import type { QuestionState, RunState, StepState } from '../engine/core/state.ts';
import { cutText } from './answer-budget.ts';
import { openQuestions } from './open-questions.ts';
import type { RunView } from './run-view-schema.ts';
import { stepsInOrder } from './steps-in-order.ts';
import { WAIT_SECONDS_MAX } from './wait-for-run.ts';

type NextCalls = RunView['next'];

const WAIT_SECONDS = 20;
/** A prompt is in the view; here it only says which question is meant. */
const WHY_BYTES_MAX = 200;

export function nextCalls(run: RunState): NextCalls {
  const run_id = run.runId;
  switch (run.status) {
    case 'queued':
    case 'running':
      return [
        {
          tool: 'workflow_status',
          arguments: { run_id, wait_seconds: WAIT_SECONDS },
          why: 'wait for the run to move on',
        },
        { tool: 'workflow_cancel', arguments: { run_id }, why: 'stop it' },
      ];
    case 'waiting':
      return waitingCalls(run);
    case 'paused':
      return [resumeCall(run, `go on (paused: ${run.reason ?? 'asked for'})`)];
    case 'failed':
    case 'cancelled':
    case 'stuck':
      return [
        { tool: 'workflow_status', arguments: { run_id, include: ['log'] }, why: 'read the logs' },
        resumeCall(run, 'run again what did not succeed, keeping what did'),
      ];
    case 'partial':
      return [partialCall(run)];
    default:
      return [];
  }
}

function waitingCalls(run: RunState): NextCalls {
  const questions = openQuestions(run);
  const forHuman = questions.filter((question) => question.askedOf === 'human');
  const forAgent = questions.filter((question) => question.askedOf === 'agent');
  const [first] = forHuman;
  return [
    ...(first ? [personCall(run, first, forHuman.length)] : []),
    ...forAgent.map(({ id, prompt }) => ({
      tool: 'workflow_answer',
      arguments: { run_id: run.runId, question_id: id },
      why: cutText(`answer: ${prompt}`, WHY_BYTES_MAX, 'see the question'),
    })),
  ];
}

/** One call however many questions there are, and a long wait: polling does not make a person faster. */
function personCall({ runId: run_id }: RunState, { id }: QuestionState, count: number): NextCalls[number] {
  const what = count === 1 ? `\`${id}\` waits` : `${count} questions wait`;
  return {
    tool: 'workflow_status',
    arguments: { run_id, wait_seconds: WAIT_SECONDS_MAX },
    why: `tell the person that ${what} for their answer (\`belay answer ${run_id} ${id}\` on a terminal); then wait once`,
  };
}

const resumeCall = ({ runId }: RunState, why: string): NextCalls[number] => ({
  tool: 'workflow_resume',
  arguments: { run_id: runId },
  why,
});

function partialCall(run: RunState): NextCalls[number] {
  const soft = stepsInOrder(run.steps).find(failedSoftly);
  const call = resumeCall(run, 'run again what failed');
  if (!soft) return call;
  return {
    ...call,
    arguments: { ...call.arguments, from_step: soft.key },
    why: `run \`${soft.key}\`, which failed, and everything after it again`,
  };
}

/** A loop that is soft only because of its iterations is not meant. */
const failedSoftly = (step: StepState): boolean =>
  step.status === 'soft_failed' && step.failure !== undefined;
