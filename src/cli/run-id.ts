/** Run ids as people type them: the beginning is enough while it is the beginning of one run only. */
import type { Belay } from '../tools/belay.ts';
import { usage } from './refusal.ts';

const NAMED_MAX = 5;

/** The whole id; one that no run has is given back for the tool to name the nearest. */
export function wholeRunId(belay: Belay, typed: string): string {
  if (typed === '' || belay.journal.run(typed)) return typed;
  const found = belay.journal.runIds(typed, NAMED_MAX + 1);
  if (found.length < 2) return found[0] ?? typed;
  const named = found.slice(0, NAMED_MAX).map((runId) => `\`${runId}\``);
  const more = found.length > named.length ? ' and more' : '';
  throw usage(`\`${typed}\` is the beginning of ${named.join(', ')}${more}`, 'type more of the run id');
}
