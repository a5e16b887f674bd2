/** A step that is not performed: the event that says so, and the attempt that brings its files back before. */
import type { Event, EventOf } from '../core/events.ts';
import { Bug } from '../core/failure.ts';
import { keptBytes } from '../core/kept-bytes.ts';
import { RUN_OUTPUTS_BYTES_MAX } from '../core/limits.ts';
import type { StepState } from '../core/state.ts';
import type { CacheHit } from '../core/step-cache.ts';
import type { Outcome } from '../core/step-type.ts';
import type { StoredArtifacts } from './artifact-wishes.ts';
import type { CallEnd } from './run-calls.ts';
import type { Readiness, Realized, RunSource } from './run-source.ts';
import { settleTask } from './settle-task.ts';
import { stoppedFailure } from './stopped-failure.ts';

/** There is room in the run for what it left. */
export const hasRoomFor = ({ run }: RunSource, { result }: CacheHit): boolean =>
  run.outputBytes + keptBytes(result) <= RUN_OUTPUTS_BYTES_MAX;

/** The event without a start, or an attempt that brings files back first. */
export function useHit(step: StepState, hit: CacheHit, ready: Readiness): Realized {
  if (hit.files.length === 0) return { events: [cachedEvent(step, hit)], effects: [] };
  const started = {
    type: 'step.started' as const,
    step: step.key,
    attempt: step.attempt + 1,
    // to bring back what is there already does no harm
    call: { repeatable: true as const },
    restores: true as const,
    ...(ready.changes && { changes_before: ready.changes }),
  };
  return { events: [started], effects: [{ kind: 'bring_back', step, hit }] };
}

/** Files that came back. */
export interface Return {
  readonly end: CallEnd;
  readonly hit: CacheHit;
  /** What the step hands out of them. */
  readonly stored?: StoredArtifacts;
}

/** What the step would say if it had been performed; undefined where its files did not come back. */
export function returnOutcome({ end, hit }: Return): Outcome | undefined {
  if (end.kind !== 'outcome' || !end.outcome.ok) return undefined;
  const { outputs, exit_code: exitCode, stdout, stderr } = hit.result;
  return {
    ok: true,
    ...(outputs && { outputs }),
    ...(exitCode !== undefined && { exitCode }),
    ...(stdout !== undefined && { stdout }),
    ...(stderr !== undefined && { stderr }),
  };
}

/** What could not be brought back, or handed out, is made anew. */
export function returnEvent(source: RunSource, step: StepState, { end, hit, stored }: Return): Event {
  if (end.kind === 'bug') throw new Bug(`bringing back the files of step ${step.key} threw: ${end.message}`);
  if (end.kind === 'outcome' && end.outcome.ok && stored?.ok !== false) {
    const artifacts = [...(stored?.value.notes.values() ?? [])];
    return { ...cachedEvent(step, hit), ...(artifacts.length > 0 && { artifacts }) };
  }
  const why = end.kind === 'stopped' ? end.why : step.stopping;
  if (why) return settleTask(source, step, { ok: false, failure: stoppedFailure(step, why) });
  const { key, attempt } = step;
  return { type: 'step.interrupted', step: key, attempt, cause: 'not_restored', again: true };
}

function cachedEvent({ key: step }: StepState, hit: CacheHit): EventOf<'step.cached'> {
  const { key, from, tookMs, result } = hit;
  return {
    type: 'step.cached',
    step,
    ...result,
    key,
    from,
    ...(tookMs !== undefined && { saved_ms: tookMs }),
  };
}
