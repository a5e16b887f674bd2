/**
 * Tasks that sleep or wait for a signal: what they wait for, and what ends it. Called by `evolve` and its parts only.
 * 1. `awaiting` holds those without their signal, `signalled` those that have it and have not gone on.
 * 2. A signal is given once, to whoever has waited longest; one that nobody waits for is kept for the next.
 */
import type { EventOf } from './events.ts';
import { SIGNALS_KEPT_MAX } from './limits.ts';
import type { Json } from './model.ts';
import type { StepSleeping } from './question-events.ts';
import type { RunState, StepState } from './state.ts';

/** An attempt has begun that holds no slot. */
export function park(run: RunState, step: StepState, event: EventOf<'step.started'>, at: number): void {
  run.parked.add(step);
  step.sleepsSince = at;
  if (event.deadline_at === undefined) delete step.deadlineAt;
  else step.deadlineAt = event.deadline_at;
  if (event.wake_at !== undefined) wakeAt(run, step, event.wake_at);
  if (event.signal === undefined) return;
  step.status = 'waiting';
  step.awaits = event.signal;
  run.awaiting.add(step);
  const kept = run.signals.get(event.signal);
  const payload = kept?.shift();
  if (kept?.length === 0) run.signals.delete(event.signal);
  if (payload !== undefined) give(run, step, payload);
}

function wakeAt(run: RunState, step: StepState, at: number): void {
  step.wakeAt = at;
  run.timers.set(`wake:${step.key}`, at);
}

function give(run: RunState, step: StepState, payload: Json): void {
  step.signal = { payload };
  run.awaiting.delete(step);
  run.signalled.add(step);
  run.timers.drop(`wake:${step.key}`);
}

/** It goes on sleeping. */
export function sleepOn(run: RunState, step: StepState, event: StepSleeping): string | undefined {
  if (!run.parked.has(step) || step.wakeAt === undefined || step.awaits !== undefined)
    return `step \`${step.key}\` does not sleep`;
  if (event.attempt !== step.attempt)
    return `attempt ${event.attempt} of \`${step.key}\` is not the one under way (${step.attempt})`;
  wakeAt(run, step, event.wake_at);
  return undefined;
}

export function receiveSignal(run: RunState, event: EventOf<'signal.received'>): string | undefined {
  const waiting = [...run.awaiting].find((step) => step.awaits === event.name && !step.stopping);
  if (waiting) {
    give(run, waiting, event.payload);
    return undefined;
  }
  const kept = [...run.signals.values()].reduce((sum, payloads) => sum + payloads.length, 0);
  if (kept >= SIGNALS_KEPT_MAX)
    return `the run keeps ${kept} signals that no step has waited for, at most ${SIGNALS_KEPT_MAX}`;
  const payloads = run.signals.get(event.name);
  if (payloads) payloads.push(event.payload);
  else run.signals.set(event.name, [event.payload]);
  return undefined;
}

/** Whatever the step waited for, it does so no more. */
export function forgetSleep(run: RunState, step: StepState): void {
  run.awaiting.delete(step);
  run.signalled.delete(step);
  delete step.awaits;
  delete step.signal;
}
