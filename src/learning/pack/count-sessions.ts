/** The counts of one source, from its sessions. What came once says little of others and too much of one: it is left out. */
import { PACK_COUNTS_MAX } from '../../engine/core/limits.ts';
import type { LearnedSession } from '../learned-session.ts';
import type { PackSource } from './pack.ts';
import { packTemplate } from './pack-template.ts';

const TIMES_MIN = 2;
/** Between the two templates of a pair; no template has it. */
const THEN = '\n';

export function countSessions(sessions: Iterable<Pick<LearnedSession, 'steps'>>, epoch: number): PackSource {
  const commands = new Map<string, number>();
  const pairs = new Map<string, number>();
  for (const { steps } of sessions) {
    let before = '';
    for (const { command } of steps) {
      const template = packTemplate(command);
      if (template !== '') {
        count(commands, template);
        count(pairs, `${before}${THEN}${template}`);
      }
      before = template;
    }
  }
  return { epoch, weight: 1, commands: new Map(frequent(commands)), follows: byFirst(frequent(pairs)) };
}

const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const frequent = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts]
    .filter(([, times]) => times >= TIMES_MIN)
    .sort((a, b) => b[1] - a[1])
    .slice(0, PACK_COUNTS_MAX / 2);

function byFirst(pairs: readonly (readonly [string, number])[]): Map<string, Map<string, number>> {
  const follows = new Map<string, Map<string, number>>();
  for (const [pair, times] of pairs) {
    const cut = pair.indexOf(THEN);
    const before = pair.slice(0, cut);
    const after = follows.get(before) ?? new Map<string, number>();
    follows.set(before, after.set(pair.slice(cut + 1), times));
  }
  return follows;
}
