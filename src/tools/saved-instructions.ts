/** The instructions of a manual rollback, as Markdown, as they were saved with the run. */
import type { RunState } from '../engine/core/state.ts';
import type { Instructions } from '../engine/host/instructions.ts';
import { cutText, RESOURCE_BYTES_MAX } from './answer-budget.ts';
import type { Belay } from './belay.ts';

/** Undefined for a run without. */
export function savedInstructions({ journal }: Belay, run: RunState): string | undefined {
  const saved = (run.unwind ?? run.unwound)?.instructions;
  const bytes = saved && journal.getBlob(saved.blob);
  if (!bytes) return undefined;
  const { markdown } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Instructions;
  return cutText(markdown, RESOURCE_BYTES_MAX, 'the rest is not shown');
}
