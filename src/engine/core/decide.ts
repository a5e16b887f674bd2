/**
 * What may happen now: `decide(state, now)` reads a run and names the next commands, without changing anything.
 * The host turns each command into events (asking expressions, starting processes) and appends them; `evolve`
 * then takes the command away. A command that leaves no event yet (a process that is being stopped) comes again.
 * Cost: what is ready, closing, stopping, resolved or due, up to the free slots.
 */
import { type UnwindCommand, unwindCommands, unwindEnd } from './decide-unwind.ts';
import type { FinalStatus } from './events.ts';
import { isFinal } from './events.ts';
import type { Failure } from './failure.ts';
import { type Strategy, strategyOf } from './model.ts';
import { DEADLINE, deadlineReason } from './run-deadline.ts';
import { type Frame, type QuestionState, type RunState, type StepState, slotsTaken } from './state.ts';
import { heldByTags, type IsHeld } from './tag-limits.ts';

export type Command =
  /** Check what the run needs and begin. */
  | { readonly kind: 'begin' }
  /** Open a block: its condition, its items; or the next round of a `repeat`. */
  | { readonly kind: 'open'; readonly step: StepState }
  /** Begin the next attempt of a task. */
  | { readonly kind: 'start'; readonly step: StepState }
  /** A block's children are done; `failure` is the verdict when it failed. */
  | { readonly kind: 'close'; readonly step: StepState; readonly failure?: Failure }
  /** Ask `until` after a round. */
  | { readonly kind: 'again'; readonly step: StepState }
  | { readonly kind: 'wake'; readonly step: StepState }
  /** The signal that a step has waited for is there. */
  | { readonly kind: 'signal'; readonly step: StepState }
  | { readonly kind: 'timeout'; readonly step: StepState }
  /** The whole run's time is over. */
  | { readonly kind: 'time_out_run' }
  | { readonly kind: 'expire'; readonly question: QuestionState }
  /** A claim's time is over. */
  | { readonly kind: 'release'; readonly question: QuestionState }
  /** A question has its answer, or nobody gave one: the step goes on. */
  | { readonly kind: 'resolve'; readonly question: QuestionState }
  | { readonly kind: 'stop'; readonly step: StepState; readonly why: 'cancelled' | 'timeout' }
  | { readonly kind: 'pause'; readonly reason: string }
  | { readonly kind: 'start_cleanup' }
  | { readonly kind: 'finish_cleanup'; readonly failed: number }
  /** A failure's policy takes the run back. */
  | {
      readonly kind: 'request_unwind';
      readonly strategy: Strategy;
      readonly reason: string;
      readonly checkpoint?: string;
    }
  | UnwindCommand
  | {
      readonly kind: 'finish';
      readonly status: 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'rolled_back';
      readonly reason?: string;
    };

/**
 * @param slots task attempts that may be under way at once in this run
 * @param isHeld ready, but it waits for something outside of the run: it takes no slot from the others
 */
export function decide(
  run: RunState,
  now: number,
  slots: number,
  isHeld: IsHeld = () => false,
): readonly Command[] {
  if (isFinal(run.status) || run.status === 'paused') return [];
  if (run.status === 'queued') return run.cancel || run.pausing ? ending(run) : [{ kind: 'begin' }];
  if (run.rollbackDue && !run.unwind) return [requestUnwind(run, run.rollbackDue)];
  const commands: Command[] = [...unwinding(run, slots)];
  for (const step of run.stopping) commands.push({ kind: 'stop', step, why: step.stopping ?? 'cancelled' });
  for (const question of run.resolved) {
    if (!question.step.stopping) commands.push({ kind: 'resolve', question });
  }
  for (const step of run.signalled) if (!step.stopping) commands.push({ kind: 'signal', step });
  for (const step of run.closing) commands.push(closing(step));
  const isHeldNow = heldByTags(run, isHeld);
  if (mayStart(run)) starts(run, slots, isHeldNow, commands);
  timers(run, now, commands);
  if (mayStart(run)) retries(run, now, slots, isHeldNow, commands);
  return commands.length > 0 ? commands : ending(run);
}

function unwinding(run: RunState, slots: number): readonly UnwindCommand[] {
  if (run.phase !== 'unwind' || !run.unwind) return [];
  return unwindCommands(run.unwind, slots - slotsTaken(run) - run.ready.size);
}

/**
 * Does a command of an earlier answer still fit, now that others of the same answer have been carried out?
 * A step that failed may have stopped what was about to start beside it.
 */
export function stillStands(run: RunState, command: Command): boolean {
  switch (command.kind) {
    case 'open':
    case 'start':
      return run.ready.has(command.step) || command.step.retryAt !== undefined;
    case 'close':
      return run.closing.has(command.step) && verdict(command.step)?.message === command.failure?.message;
    case 'again':
      return run.closing.has(command.step) && verdict(command.step) === undefined;
    case 'wake':
      return run.parked.has(command.step) && !command.step.stopping && !command.step.signal;
    case 'signal':
      return run.signalled.has(command.step) && !command.step.stopping;
    case 'timeout':
      return !command.step.stopping && isUnderWay(command.step);
    case 'expire':
      return command.question.status === 'open';
    case 'release':
      return command.question.status === 'open' && command.question.claim !== undefined;
    case 'resolve':
      return run.resolved.has(command.question) && !command.question.step.stopping;
    case 'stop':
      return run.stopping.has(command.step);
    case 'undo':
    case 'instruct':
      return command.item.status === 'pending';
    case 'restore':
      return command.item.status === 'pending' || command.item.status === 'running';
    case 'close_undo':
      return run.unwind?.closing.has(command.item) ?? false;
    case 'time_out_run':
      return run.deadlineAt !== undefined;
    default:
      return !isFinal(run.status);
  }
}

const isUnderWay = (step: StepState): boolean => step.status === 'running' || step.status === 'waiting';

/**
 * The earliest moment after `now` at which `decide` would say something new by itself. While a retry is due and
 * waits for a slot, later retries change nothing.
 */
export function nextTimerAfter(run: RunState, now: number): number | undefined {
  const retryAt = run.timers.retries.next ?? Infinity;
  const at = Math.min(run.timers.nextAfter(now) ?? Infinity, retryAt > now ? retryAt : Infinity);
  return at === Infinity ? undefined : at;
}

/** A pause lets what is under way end; the cleanup always runs through. */
const mayStart = (run: RunState): boolean => run.pausing === undefined || run.phase !== 'steps';

function starts(run: RunState, slots: number, isHeld: IsHeld, commands: Command[]): void {
  let free = slots - slotsTaken(run);
  for (const step of run.ready) {
    if (step.layer !== 'task') commands.push({ kind: 'open', step });
    else if (isHeld(step)) continue;
    else if (free > 0) {
      free -= 1;
      commands.push({ kind: 'start', step });
    } else return;
  }
}

/** What is due and not ended, closed or resolved by another command already. */
function timers(run: RunState, now: number, commands: Command[]): void {
  const due = run.timers.due(now);
  if (due.length === 0) return;
  const taken = new Set(commands.map(stepOf));
  for (const timer of due) {
    const command = dueCommand(run, timer.key);
    if (!command || taken.has(stepOf(command))) continue;
    taken.add(stepOf(command));
    commands.push(command);
  }
}

const stepOf = (command: Command): StepState | undefined =>
  'step' in command ? command.step : 'question' in command ? command.question.step : undefined;

function dueCommand(run: RunState, timerKey: string): Command | undefined {
  if (timerKey === DEADLINE) return { kind: 'time_out_run' };
  const colon = timerKey.indexOf(':');
  const kind = timerKey.slice(0, colon);
  const name = timerKey.slice(colon + 1);
  if (kind === 'expire' || kind === 'claim') {
    const question = run.questions.get(name);
    return question && { kind: kind === 'expire' ? 'expire' : 'release', question };
  }
  const step = run.byKey.get(name);
  if (!step || step.stopping) return undefined;
  if (kind === 'timeout') return { kind: 'timeout', step };
  if (!mayStart(run)) return undefined;
  if (kind === 'wake') return { kind: 'wake', step };
  return { kind: 'open', step };
}

/** The next attempts that are due, as far as there are slots. */
function retries(run: RunState, now: number, slots: number, isHeld: IsHeld, commands: Command[]): void {
  if ((run.timers.retries.next ?? Infinity) > now) return;
  const starting = commands.filter((command) => command.kind === 'start').length;
  for (const { key } of run.timers.retries.firstDue(now, slots - slotsTaken(run) - starting)) {
    const step = run.byKey.get(key);
    if (step && !isHeld(step)) commands.push({ kind: 'start', step });
  }
}

/** What a block whose children have finished does next. */
function closing(step: StepState): Command {
  const failure = verdict(step);
  if (failure) return { kind: 'close', step, failure };
  const isRepeat = step.layer === 'repeat';
  return isRepeat ? { kind: 'again', step } : { kind: 'close', step };
}

function verdict(step: StepState): Failure | undefined {
  const frame = step.body;
  if (step.stopping === 'timeout') {
    return { code: 'timeout', retry: 'again', message: `block \`${step.key}\` ran out of time` };
  }
  if (frame?.failed) return failureOf(frame, frame.failed);
  if (frame?.halted) {
    return { code: 'cancelled', retry: 'final', message: `block \`${step.key}\` was stopped before its end` };
  }
  return undefined;
}

function failureOf(frame: Frame, failed: StepState): Failure {
  const cancelled = failed.status === 'cancelled';
  const cause = failed.failure?.message ?? 'failed';
  return {
    code: cancelled ? 'cancelled' : 'block_failed',
    retry: 'final',
    message:
      frame.owner?.layer === 'group' || frame.owner?.layer === 'foreach'
        ? `step \`${failed.key}\`: ${cause}`
        : cause,
  };
}

/** Nothing moves any more: the run pauses, cleans up or ends. */
function ending(run: RunState): readonly Command[] {
  if (run.running.size > 0) return [];
  if (run.phase === 'steps' && run.steps.open > 0) {
    return run.pausing === undefined ? [] : [{ kind: 'pause', reason: run.pausing }];
  }
  if (run.phase === 'cleanup' && (run.cleanup?.open ?? 0) > 0) return [];
  if (run.unwind) {
    const end = unwindEnd(run, run.unwind);
    return end ? [end] : [];
  }
  const policy = strategyOf(run.onFailure);
  const failed = failureOfRun(run);
  if (policy && run.phase === 'steps' && failed !== undefined && !run.cancel)
    return [requestUnwind(run, { strategy: policy, reason: failed })];
  if (run.phase === 'steps' && run.workflow.cleanup.length > 0 && run.startedAt !== undefined)
    return [{ kind: 'start_cleanup' }];
  if (run.phase === 'cleanup') return [{ kind: 'finish_cleanup', failed: run.cleanupFailed }];
  return [{ kind: 'finish', ...outcomeOf(run) }];
}

/** Without a checkpoint to go back to, everything is taken back. */
function requestUnwind(run: RunState, due: NonNullable<RunState['rollbackDue']>): Command {
  const checkpoint = due.strategy === 'checkpoint' ? [...run.checkpoints.keys()].at(-1) : undefined;
  const isLost = due.strategy === 'checkpoint' && checkpoint === undefined;
  return {
    kind: 'request_unwind',
    strategy: isLost ? 'graceful' : due.strategy,
    reason: due.reason,
    ...(checkpoint !== undefined && { checkpoint }),
  };
}

function failureReason(step: StepState): string {
  const { retry } = step.step;
  const tries = step.attempt - step.attemptBase;
  const after =
    step.layer === 'task' && retry && tries > 0 ? ` on attempt ${tries} of ${retry.attempts}` : '';
  return `step \`${step.key}\` failed${after}: ${step.failure?.message ?? step.status}`;
}

/** Why the run has failed, if it has. */
function failureOfRun(run: RunState): string | undefined {
  if (run.timedOut) return deadlineReason(run);
  return run.steps.failed && failureReason(run.steps.failed);
}

/** How the run ends, from what happened to its steps. */
function outcomeOf(run: RunState): {
  readonly status: Extract<FinalStatus, 'succeeded' | 'partial' | 'failed' | 'cancelled'>;
  readonly reason?: string;
} {
  if (run.cancel)
    return { status: 'cancelled', reason: run.cancel.reason ?? `asked for by ${run.cancel.by}` };
  const failed = failureOfRun(run);
  if (failed !== undefined) return { status: 'failed', reason: failed };
  if (run.soft > 0 || run.cleanupFailed > 0) {
    const parts = [];
    if (run.soft > 0) parts.push(`${run.soft} ${run.soft === 1 ? 'step' : 'steps'} failed softly`);
    if (run.cleanupFailed > 0)
      parts.push(`${run.cleanupFailed} cleanup ${run.cleanupFailed === 1 ? 'step' : 'steps'} failed`);
    return { status: 'partial', reason: parts.join(', ') };
  }
  return { status: 'succeeded' };
}
