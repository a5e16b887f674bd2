/** Why a label was suggested, in the counts that spoke for it. */
import { countOf } from './count-table.ts';
import type { LabelEntry } from './label-entry.ts';
import type { Ranking } from './ranker.ts';
import type { Situation } from './situation.ts';

const REASONS_MAX = 3;
/** Nothing here speaks for it, but it came elsewhere. */
const USUAL = 'usual after the command before, in the habits of agents that come with Belay';

/** At most three, the most telling first; empty for a label that only its frequency proposed. */
export function reasonsFor(
  { id }: LabelEntry,
  { own, ownSession, usual, situation }: Ranking,
): readonly string[] {
  const reasons: string[] = [];
  const [texts] = situation.votes;
  const share = texts && texts.total > 0 ? (texts.weights.get(id) ?? 0) / texts.total : 0;
  if (share > 0) reasons.push(`${Math.round(share * 100)} % of the nearest earlier steps by their words`);
  for (const order of [4, 3, 2, 1]) {
    const row = own[order - 1];
    const count = countOf(row, id);
    if (!row || count === 0) continue;
    reasons.push(`came ${count} of ${row.total} ${timesOf(row.total)} ${whereOf(order, situation)}`);
    break;
  }
  const times = countOf(ownSession, id);
  if (times > 0) reasons.push(`${times} ${timesOf(times)} in this session`);
  const isAfter = situation.trail.length > 0;
  if (reasons.length === 0 && isAfter && countOf(usual, id) > 0) reasons.push(USUAL);
  return reasons.slice(0, REASONS_MAX);
}

/** Before the first command of a session there is none. */
const whereOf = (order: number, { trail }: Situation): string => {
  if (order > 1) return `after the ${order} commands before`;
  return trail.length > 0 ? 'after the command before' : 'at the beginning of a session';
};

const timesOf = (count: number): string => (count === 1 ? 'time' : 'times');
