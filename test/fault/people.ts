/** The people outside of the runs: they answer questions, cancel, ask for rollbacks and resume. */
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Event } from '../../src/engine/core/events.ts';
import { isFinal } from '../../src/engine/core/events.ts';
import type { RunState } from '../../src/engine/core/state.ts';
import { Place } from './saga.ts';
import { sagaOf } from './saga-cases.ts';

/** What somebody outside wants of a run that looks like this; undefined when all are content. */
export function wish(run: RunState): Event | undefined {
  const saga = sagaOf(run.workflow.name);
  if (saga) return saga.people?.(run, new Place(dirname(run.cwd)));
  if (isFinal(run.status)) return undefined;
  const open = [...run.questions.values()].find((question) => question.status === 'open');
  if (open) return { type: 'question.answered', question: open.id, answer: true, by: 'ann' };
  if (run.cancel) writeFileSync(`${run.cwd}/go`, '');
  const cancels = run.workflow.name === 'cancelled' && (run.byKey.get('slow')?.attempt ?? 0) > 0;
  if (cancels && !run.cancel) return { type: 'run.cancel_requested', mode: 'graceful', by: 'ann' };
  return undefined;
}
