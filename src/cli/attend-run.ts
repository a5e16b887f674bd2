/**
 * Staying with a run until it is final or waits for somebody who is not here: progress, open questions asked on the
 * terminal, and interrupts.
 * 1. The first interrupt lets go of the run, a second one soon after it cancels the run, a third one leaves at once.
 * 2. The answer that is printed is the status tool's, whatever was shown before.
 */
import type { RunState } from '../engine/core/state.ts';
import { questionText } from '../tools/question-text.ts';
import type { RunView } from '../tools/run-view-schema.ts';
import type { Cli } from './cli.ts';
import { EXIT, exitCodeOfRun } from './exit-code.ts';
import { askForm } from './form.ts';
import { Interrupts } from './interrupts.ts';
import { Progress } from './progress.ts';
import { Refusal } from './refusal.ts';
import { outcomeText } from './run-text.ts';
import { watchRun } from './watch-run.ts';

/** Time to interrupt again before this program leaves. */
const SECOND_INTERRUPT_MS = 1_500;

/**
 * @param afterSeq events up to this one have been seen before and are not told
 * @param exitCodeOf what the status means to this command
 * @returns the exit code; the run's view has been printed
 */
export async function attendRun(
  cli: Cli,
  runId: string,
  afterSeq: number,
  exitCodeOf: (status: RunView['status']) => number = exitCodeOfRun,
): Promise<number> {
  const visit = {
    cli,
    runId,
    progress: new Progress(cli.terminal, cli.json ? 'err' : 'out'),
    interrupts: new Interrupts(cli.terminal),
    asked: new Set<string>(),
  };
  try {
    const left = (await attend(visit, afterSeq)) === 'left';
    const view = await viewOf(cli, runId);
    cli.print(view, left ? '' : outcomeText(view, cli.terminal.style('out')));
    return left ? EXIT.interrupted : exitCodeOf(view.status);
  } finally {
    visit.progress.clear();
    visit.interrupts.stop();
  }
}

interface Visit {
  readonly cli: Cli;
  readonly runId: string;
  readonly progress: Progress;
  readonly interrupts: Interrupts;
  /** Questions that the person was asked: one that needs others too stays open. */
  readonly asked: Set<string>;
}

/** `left`: the run goes on without this program. */
async function attend(visit: Visit, afterSeq: number): Promise<'rests' | 'left'> {
  const { cli, runId, progress, interrupts } = visit;
  const belay = await cli.belay();
  let seq = afterSeq;
  let cancelled = false;
  for (;;) {
    const signal = AbortSignal.any([interrupts.signal, cli.terminal.gone]);
    const run = await watchRun(belay, runId, { afterSeq: seq, signal, onEvent: progress.event });
    seq = run.seq;
    progress.clear();
    if (signal.aborted) {
      if (cancelled || !(await isCancelled(visit))) return 'left';
      cancelled = true;
    } else if (!mayAsk(run) || !(await answerQuestions(visit))) {
      return 'rests';
    }
  }
}

/** It asks itself, or a run may that does the work of one of its steps. */
const mayAsk = ({ status, delegating }: RunState): boolean =>
  status === 'waiting' || (status === 'running' && delegating.size > 0);

/** After an interrupt: tells how to go on, and cancels the run if the person insists. */
async function isCancelled({ cli, runId, progress, interrupts }: Visit): Promise<boolean> {
  if (cli.terminal.gone.aborted) return false;
  progress.line(`run ${runId} goes on in the background: belay status ${runId} --watch`);
  progress.line('interrupt again to cancel it');
  if (!(await interrupts.another(SECOND_INTERRUPT_MS))) return false;
  interrupts.forget();
  await cli.call(
    'workflow_cancel',
    { run_id: runId, reason: 'interrupted on the terminal' },
    { wait: false },
  );
  return true;
}

async function viewOf(cli: Cli, runId: string): Promise<RunView> {
  const { structured } = await cli.call('workflow_status', { run_id: runId }, { wait: false });
  return structured as unknown as RunView;
}

/** Asks what a person has to answer; false when nobody can, or wants to. */
async function answerQuestions({ cli, runId, progress, asked }: Visit): Promise<boolean> {
  if (!cli.terminal.interactive) return false;
  const { questions } = await viewOf(cli, runId);
  const forPeople = questions.filter(
    ({ asked_of, for_you, question_id }) =>
      asked_of === 'human' && for_you !== false && !asked.has(question_id),
  );
  for (const { run_id = runId, question_id, schema, digest, ...question } of forPeople) {
    asked.add(question_id);
    const text = questionText(question, `whole in belay status ${run_id} --json`);
    const answer = await askForm(cli.terminal, text, schema);
    if (answer === undefined) return false;
    try {
      await cli.call('workflow_answer', { run_id, question_id, answer, digest }, { wait: false });
    } catch (error) {
      // answered elsewhere, or expired, while the person typed
      if (!(error instanceof Refusal)) throw error;
      progress.line(error.message);
    }
  }
  return forPeople.length > 0;
}
