/** Waiting for a run with a bound: until it rests, the time is over, or the caller has gone. Tells progress on the way. */
import type { Event } from '../engine/core/events.ts';
import type { Result } from '../engine/core/failure.ts';
import { ok } from '../engine/core/failure.ts';
import type { RunState } from '../engine/core/state.ts';
import type { LoadProblem } from '../engine/host/load-run.ts';
import { foldEvents, loadRun } from '../engine/host/load-run.ts';
import { isAtRest } from './is-at-rest.ts';
import type { ToolContext } from './tool.ts';

/** Longest a tool call may hold its caller. */
export const WAIT_SECONDS_MAX = 300;

export async function waitForRun(
  context: ToolContext,
  runId: string,
  waitSeconds: number,
): Promise<Result<RunState, LoadProblem>> {
  const { belay, signal } = context;
  const untilMs = Date.now() + waitSeconds * 1_000;
  let loaded = loadRun(belay.journal, runId);
  while (loaded.ok && !isAtRest(belay.journal, loaded.value) && Date.now() < untilMs && !signal.aborted) {
    await belay.changes.next(untilMs, signal);
    const run = loaded.value;
    const read = belay.journal.read(runId, run.seq);
    // damage on the way: the full load words it
    if (!read.ok) return loadRun(belay.journal, runId);
    if (read.value.length === 0) continue;
    const folded = foldEvents(read.value, run);
    if (!folded.ok) return folded;
    const last = read.value.at(-1)?.event;
    if (last) tell(context, folded.value, last);
    loaded = ok(folded.value);
  }
  return loaded;
}

function tell(context: ToolContext, run: RunState, event: Event): void {
  const text = textOf(run, event);
  if (text !== undefined) context.progress(run.done, run.total, text);
}

function textOf(run: RunState, event: Event): string | undefined {
  if (event.type === 'unwind.started') return 'rolling back';
  if (event.type === 'restore.started') return `files go back to checkpoint ${event.checkpoint}`;
  const step = 'step' in event && event.step !== undefined ? run.byKey.get(event.step) : undefined;
  return step && `step ${step.key}: ${step.status}`;
}
