/** Which calls make sense now, by the status of a run. A person's questions are no work for an agent: it tells them once. */
import { conflictsOf, isActionable, unwindProblem } from '../engine/core/rollback-state.ts';
import type { QuestionState, RunState, StepState } from '../engine/core/state.ts';
import { unwindItems } from '../engine/core/unwind.ts';
import { cutText } from './answer-budget.ts';
import { openQuestions } from './open-questions.ts';
import type { RunView } from './run-view-schema.ts';
import { stepsInOrder } from './steps-in-order.ts';
import { WAIT_SECONDS_MAX } from './wait-for-run.ts';

type NextCalls = RunView['next'];

const WAIT_SECONDS = 20;
/** A prompt is in the view; here it only says which question is meant. */
const WHY_BYTES_MAX = 200;

/** @param isFilesBack the files are as they were before the last rollback */
export function nextCalls(run: RunState, isFilesBack = false): NextCalls {
  const run_id = run.runId;
  switch (run.status) {
    case 'queued':
    case 'running':
    case 'rolling_back':
      return [
        {
          tool: 'workflow_status',
          arguments: { run_id, wait_seconds: WAIT_SECONDS },
          why: 'wait for the run to move on',
        },
        // a rollback always runs through
        ...(run.unwind ? [] : [{ tool: 'workflow_cancel', arguments: { run_id }, why: 'stop it' }]),
      ];
    case 'waiting':
      return waitingCalls(run);
    case 'paused':
      return [
        resumeCall(run, `go on (paused: ${run.reason ?? 'asked for'})`),
        ...(isBackAtCheckpoint(run) && !isFilesBack ? [filesBack(run)] : takeBack(run)),
      ];
    case 'stuck': {
      const again = rollbackAgain(run);
      return again.length > 0 ? again : failedCalls(run);
    }
    case 'failed':
    case 'cancelled':
      return failedCalls(run);
    case 'partial':
      return [...innerFailure(stepsInOrder(run.steps)), partialCall(run), ...takeBack(run)];
    case 'rolled_back':
      return run.rescue && !isFilesBack ? [filesBack(run)] : [];
    default:
      return [];
  }
}

const failedCalls = (run: RunState): NextCalls => [
  ...innerFailure(stepsInOrder(run.steps)),
  { tool: 'workflow_status', arguments: { run_id: run.runId, include: ['log'] }, why: 'read the logs' },
  resumeCall(run, 'run again what did not succeed, keeping what did'),
  ...takeBack(run),
];

/** What went wrong in a run inside stands there, not in the log of the step that started it. */
function innerFailure(steps: readonly StepState[]): NextCalls {
  const step = steps.find(({ innerRun, failure }) => innerRun && failure);
  if (!step?.innerRun) return [];
  return [
    {
      tool: 'workflow_status',
      arguments: { run_id: step.innerRun.id },
      why: `see what failed in the run of step \`${step.key}\``,
    },
  ];
}

/** Offered where there is something to take back. */
function takeBack(run: RunState): NextCalls {
  if (!unwindItems(run).some(isActionable)) return [];
  const given = { run_id: run.runId, strategy: 'graceful', dry_run: true };
  return [{ tool: 'workflow_rollback', arguments: given, why: 'see what taking it back would do' }];
}

/** A rollback that could not finish goes on where it stands when it is asked for again. */
function rollbackAgain(run: RunState): NextCalls {
  const { unwound, runId: run_id } = run;
  if (!unwound || unwindProblem(unwound) === undefined) return [];
  const { strategy, target } = unwound;
  const given = { run_id, strategy, ...(target !== undefined && { checkpoint: target }) };
  const look = {
    tool: 'workflow_status',
    arguments: { run_id, include: ['log'] },
    why: 'read the logs of what failed',
  };
  const undos = (unwound.items ?? []).flatMap((item) =>
    item.kind !== 'restore' && item.status === 'failed' && item.body ? stepsInOrder(item.body) : [],
  );
  if (conflictsOf(unwound) === 0)
    return [
      ...innerFailure(undos),
      look,
      { tool: 'workflow_rollback', arguments: given, why: 'go on when the cause is mended' },
    ];
  return (['keep', 'overwrite'] as const).map((on_conflict) => ({
    tool: 'workflow_rollback',
    arguments: { ...given, on_conflict },
    why:
      on_conflict === 'keep' ? 'leave the files that others changed' : 'bring these files back all the same',
  }));
}

const isBackAtCheckpoint = (run: RunState): boolean =>
  run.rescue !== undefined && [...run.checkpoints.values()].some(({ restored }) => restored);

const filesBack = ({ runId }: RunState): NextCalls[number] => ({
  tool: 'workflow_rollback',
  arguments: { run_id: runId, undo: true },
  why: 'bring the files back to what they were before the rollback',
});

function waitingCalls(run: RunState): NextCalls {
  const questions = openQuestions(run);
  const forHuman = questions.filter((question) => question.askedOf === 'human');
  const forAgent = questions.filter(({ askedOf, claim }) => askedOf === 'agent' && !claim);
  const signals = new Set([...run.awaiting].flatMap(({ awaits }) => awaits ?? []));
  const [first] = forHuman;
  return [
    ...(first ? [personCall(run, first, forHuman.length)] : []),
    ...forAgent.map(({ id, prompt }) => ({
      tool: 'workflow_answer',
      arguments: { run_id: run.runId, question_id: id },
      why: cutText(`answer: ${prompt}`, WHY_BYTES_MAX, 'see the question'),
    })),
    ...[...signals].map((signal) => ({
      tool: 'workflow_answer',
      arguments: { run_id: run.runId, signal },
      why: 'tell the waiting step that it has happened',
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
