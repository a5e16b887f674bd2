/** Why a label was suggested, in the counts that spoke for it. */
import { countOf } from './count-table.ts';
import type { LabelEntry } from './label-entry.ts';
import type { Ranking } from './ranker.ts';
import { SHAPE } from './situation.ts';

const REASONS_MAX = 3;

/** At most three, the most telling first; empty for a label that only its frequency proposed. */
export function reasonsFor({ id }: LabelEntry, { rows, situation }: Ranking): readonly string[] {
  const reasons: string[] = [];
  const [texts] = situation.votes;
  const share = texts && texts.total > 0 ? (texts.weights.get(id) ?? 0) / texts.total : 0;
  if (share > 0) reasons.push(`${Math.round(share * 100)} % of the nearest earlier steps by their words`);
  for (const order of [4, 3, 2, 1]) {
    const row = rows[order - 1];
    const count = countOf(row, id);
    if (!row || count === 0) continue;
    const after = order === 1 ? 'the command before' : `the ${order} commands before`;
    reasons.push(`came ${count} of ${row.total} ${timesOf(row.total)} after ${after}`);
    break;
  }
  const own = countOf(rows[SHAPE.chain + SHAPE.contexts], id);
  if (own > 0) reasons.push(`${own} ${timesOf(own)} in this session`);
  return reasons.slice(0, REASONS_MAX);
}

const timesOf = (count: number): string => (count === 1 ? 'time' : 'times');
