/**
 * Step events of the transition table: the only place where a step's status changes because of an event.
 * Each function returns what is wrong, before it has changed anything, or undefined.
 */

import type { Entry, Event, EventOf } from './events.ts';
import { takeArtifacts } from './evolve-artifact.ts';
import { cached, takeAttemptBack } from './evolve-cached.ts';
import { account, pinInputs, recordChanges } from './evolve-checkpoint.ts';
import { interrupted } from './evolve-interrupt.ts';
import {
  activeTasks,
  badEnd,
  haltBlock,
  newFrame,
  openList,
  settle,
  spawnIterations,
  spawnRound,
  unlist,
} from './frames.ts';
import { park, sleepOn } from './sleep.ts';
import type { RunState, StepState } from './state.ts';
import { taskCount } from './state.ts';
import { performedAnew, takeResult } from './step-result.ts';

type StepEvent = Extract<Event, { type: `step.${string}` }>;

export function evolveStep(run: RunState, entry: Entry, event: Event): string | undefined {
  const stepEvent = event as StepEvent;
  const step = run.byKey.get(stepEvent.step);
  if (!step) return `step \`${stepEvent.step}\` is not in this run`;
  const wrong = applyTo(run, step, entry, stepEvent);
  if (wrong === undefined) run.touched.add(step);
  return wrong;
}

function applyTo(run: RunState, step: StepState, entry: Entry, event: StepEvent): string | undefined {
  switch (event.type) {
    case 'step.scheduled':
      return scheduled(run, step, entry, event);
    case 'step.started':
      return started(run, step, entry, event);
    case 'step.succeeded':
      return succeeded(run, step, entry, event);
    case 'step.failed':
      return failed(run, step, entry, event);
    case 'step.retry_scheduled':
      return retryScheduled(run, step, entry, event);
    case 'step.noted':
      return noted(run, step, event);
    case 'step.sleeping':
      return sleepOn(run, step, event);
    case 'step.cached':
      return cached(run, step, entry, event);
    case 'step.skipped':
      if (!run.ready.has(step) || step.attempt > step.attemptBase)
        return `step \`${step.key}\` is ${step.status}, not ready`;
      step.reason = event.reason;
      settle(run, step, 'skipped', entry.at);
      return undefined;
    case 'step.stop_requested':
      return stopRequested(run, step, event);
    case 'step.interrupted':
      return interrupted(run, step, entry, event);
  }
}

/** Opens a block, or the next round of a `repeat` that was scheduled before. */
function scheduled(
  run: RunState,
  step: StepState,
  entry: Entry,
  event: EventOf<'step.scheduled'>,
): string | undefined {
  if (step.layer === 'task') return `step \`${step.key}\` is a task, not a block`;
  if (step.layer === 'repeat' && step.status === 'running') {
    if (step.retryAt === undefined) return `step \`${step.key}\` has no round to begin`;
    beginRound(run, step);
    return undefined;
  }
  if (!run.ready.has(step)) return `step \`${step.key}\` is ${step.status}, not ready`;
  if (step.layer === 'foreach' && (event.count === undefined || event.items === undefined)) {
    return `step \`${step.key}\` has no items`;
  }
  run.ready.delete(step);
  step.status = 'running';
  step.startedAt ??= entry.at;
  step.seq = entry.seq;
  delete step.endSeq;
  step.body = newFrame(step.frame.root, step.indices, step);
  if (event.timeout_at !== undefined) setTimeoutAt(run, step, event.timeout_at);
  if (step.layer === 'foreach') {
    step.items = event.items ?? [];
    step.body.items = step.items;
    step.count = event.count ?? 0;
    run.total += (step.count - 1) * taskCount(step.step);
    spawnIterations(run, step);
  } else if (step.layer === 'repeat') beginRound(run, step);
  else openList(run, step.body, step.step.body ?? []);
  return undefined;
}

function beginRound(run: RunState, step: StepState): void {
  delete step.retryAt;
  run.timers.drop(`round:${step.key}`);
  step.attempt += 1;
  spawnRound(run, step);
}

function setTimeoutAt(run: RunState, step: StepState, at: number): void {
  step.timeoutAt = at;
  run.timers.set(`timeout:${step.key}`, at);
}

function started(
  run: RunState,
  step: StepState,
  entry: Entry,
  event: EventOf<'step.started'>,
): string | undefined {
  if (step.layer !== 'task') return `step \`${step.key}\` is a block, not a task`;
  const mayStart = run.ready.has(step) || (step.status === 'pending' && step.retryAt !== undefined);
  if (!mayStart) return `step \`${step.key}\` is ${step.status}, not ready`;
  if (event.attempt !== step.attempt + 1)
    return `attempt ${event.attempt} of \`${step.key}\` cannot follow attempt ${step.attempt}`;
  run.ready.delete(step);
  run.timers.retries.drop(step.key);
  delete step.retryAt;
  step.status = 'running';
  step.attempt = event.attempt;
  if (!step.isCutOff) {
    step.performedFrom = event.attempt;
    delete step.notes;
  }
  delete step.isCutOff;
  const { seq, endSeq } = step;
  if (seq === undefined) delete step.previous;
  else step.previous = { seq, ...(endSeq !== undefined && { endSeq }) };
  if (!event.restores) pinInputs(run, step);
  step.seq = entry.seq;
  if (event.changes_before) account(run, [], false, event.changes_before);
  delete step.endSeq;
  takeTerms(run, step, event);
  step.startedAt ??= entry.at;
  delete step.wakeAt;
  delete step.timeoutAt;
  if (event.timeout_at !== undefined) setTimeoutAt(run, step, event.timeout_at);
  if (event.wake_at === undefined && event.signal === undefined) run.running.add(step);
  else park(run, step, event, entry.at);
  return undefined;
}

/** What does the work, and what becomes of it. */
function takeTerms(run: RunState, step: StepState, event: EventOf<'step.started'>): void {
  if (event.process) step.process = event.process;
  else delete step.process;
  if (event.call) step.call = event.call;
  else delete step.call;
  if (event.run) {
    step.innerRun = event.run;
    if (!event.run.roll_back) {
      step.innerRuns ??= [];
      step.innerRuns.push(event.run.id);
    }
    run.delegating.add(step);
  } else delete step.innerRun;
  if (event.restores) step.isRestoring = true;
  else delete step.isRestoring;
  if (event.cache_key === undefined) delete step.cacheKey;
  else step.cacheKey = event.cache_key;
}

function noted(run: RunState, step: StepState, event: EventOf<'step.noted'>): string | undefined {
  if (!run.running.has(step) || !step.call || event.attempt !== step.attempt)
    return `attempt ${event.attempt} of \`${step.key}\` makes no call now`;
  step.notes ??= [];
  step.notes.push(event.note);
  run.outputBytes += Buffer.byteLength(JSON.stringify(event.note));
  return undefined;
}

const bringsBack = ({ key, isRestoring }: StepState): string | undefined =>
  isRestoring && `step \`${key}\` is not performed: what it left in an earlier run is brought back`;

/** A task under way, or a block whose children have finished. */
function ending(run: RunState, step: StepState, attempt: number): string | undefined {
  if (step.status !== 'running' && step.status !== 'waiting')
    return `step \`${step.key}\` is ${step.status}, not running`;
  if (step.layer !== 'task' && !run.closing.has(step))
    return `block \`${step.key}\` has steps that have not finished`;
  if (attempt !== step.attempt)
    return `attempt ${attempt} of \`${step.key}\` is not the one under way (${step.attempt})`;
  return undefined;
}

function succeeded(
  run: RunState,
  step: StepState,
  entry: Entry,
  event: EventOf<'step.succeeded'>,
): string | undefined {
  const wrong = ending(run, step, event.attempt) ?? bringsBack(step);
  if (wrong !== undefined) return wrong;
  performedAnew(run, step);
  takeResult(run, step, event);
  takeArtifacts(run, entry, event.artifacts, step.key);
  delete step.failure;
  if (event.warnings) step.warnings = event.warnings;
  const isLoop = step.layer === 'foreach' || step.layer === 'repeat';
  settle(run, step, isLoop && (step.body?.soft ?? 0) > 0 ? 'soft_failed' : 'succeeded', entry.at);
  return undefined;
}

function failed(
  run: RunState,
  step: StepState,
  entry: Entry,
  event: EventOf<'step.failed'>,
): string | undefined {
  // what a step needs to begin (its condition, its items) may fail before its first attempt
  const wrong = run.ready.has(step) ? undefined : ending(run, step, event.attempt);
  if (wrong !== undefined) return wrong;
  if (step.isRestoring) takeAttemptBack(step);
  else if (!run.ready.has(step)) performedAnew(run, step);
  takeResult(run, step, event);
  step.failure = event.failure;
  settle(run, step, event.failure.code === 'cancelled' ? 'cancelled' : badEnd(step), entry.at);
  return undefined;
}

function retryScheduled(
  run: RunState,
  step: StepState,
  entry: Entry,
  event: EventOf<'step.retry_scheduled'>,
): string | undefined {
  if (step.layer !== 'task' && step.layer !== 'repeat') return `block \`${step.key}\` is not retried`;
  const wrong = ending(run, step, event.attempt - 1) ?? bringsBack(step);
  if (wrong !== undefined) return wrong;
  performedAnew(run, step);
  recordChanges(run, step, event.changes, event.changes_later);
  if (event.failure) step.failure = event.failure;
  if (event.exit_code !== undefined) step.exitCode = event.exit_code;
  if (step.layer === 'repeat') {
    run.closing.delete(step);
    run.timers.set(`round:${step.key}`, event.at);
  } else {
    if (step.stopping || step.frame.halted) {
      settle(run, step, badEnd(step), entry.at);
      return undefined;
    }
    unlist(run, step);
    step.status = 'pending';
    run.timers.retries.set(step.key, event.at);
  }
  step.retryAt = event.at;
  return undefined;
}

function stopRequested(
  run: RunState,
  step: StepState,
  event: EventOf<'step.stop_requested'>,
): string | undefined {
  if (!step.body || step.status !== 'running') return `block \`${step.key}\` is ${step.status}, not running`;
  if (step.stopping) return `block \`${step.key}\` is being stopped already`;
  step.stopping = event.why;
  run.timers.drop(`timeout:${step.key}`);
  haltBlock(run, step, step.body);
  for (const task of activeTasks(step.body)) {
    task.stopping ??= event.why;
    run.stopping.add(task);
  }
  return undefined;
}
