/** What a replayed journal must come to: the run's end, its steps and its outputs. */
import type { JournalEvent } from '../../src/engine/core/events.ts';
import { foldEvents } from '../../src/engine/host/load-run.ts';

export function summary(events: readonly JournalEvent[]): object {
  const folded = foldEvents(events);
  if (!folded.ok) throw new Error(folded.error.message);
  const run = folded.value;
  return {
    status: run.status,
    reason: run.reason ?? null,
    outputs: run.outputs ?? null,
    progress: [run.done, run.total],
    steps: Object.fromEntries(
      [...run.byKey.values()].map((step) => [step.key, [step.status, step.attempt, step.outputs ?? null]]),
    ),
    questions: [...run.questions.values()].map((question) => [question.id, question.status]),
  };
}
