/**
 * What many people's packs say comes next, for whoever has little history of their own: the counts of all sources, each as
 * far as it is trusted, and their weight against own counts.
 */
import { readCommand } from '../shell/read-command.ts';
import type { Counts, Pack, PackSource } from './pack.ts';
import { packTemplate } from './pack-template.ts';

/** So many own observations weigh as much as all that others have seen. */
const OWN_HALF = 8;

export interface CollectiveNext {
  readonly template: string;
  /** Of all commands that others ran here. */
  readonly share: number;
  /** How often others ran it here, weighted. */
  readonly times: number;
  readonly sources: number;
}

interface Sum {
  times: number;
  sources: number;
}

export class CollectivePrior {
  readonly #pack: Pack;

  /** `own`: the source whose counts are in the own log already. */
  constructor(pack: Pack, own?: string) {
    this.#pack = new Map([...pack].filter(([name]) => name !== own));
  }

  /** What came after that command (undefined: at a session's beginning), the most frequent first. */
  after(command: string | undefined, limit: number): readonly CollectiveNext[] {
    const before = command === undefined ? '' : packTemplate(command);
    if (command !== undefined && before === '') return [];
    const sums = new Map<string, Sum>();
    let total = 0;
    const stub = command === undefined ? '' : readCommand(command).stub;
    for (const { weight, follows } of this.#pack.values()) {
      for (const [template, times] of followersOf(follows, before, stub)) {
        const sum = sums.get(template) ?? { times: 0, sources: 0 };
        sums.set(template, sum);
        sum.times += weight * times;
        sum.sources += 1;
        total += weight * times;
      }
    }
    return [...sums]
      .filter(([, { times }]) => times > 0)
      .map(([template, { times, sources }]) => ({ template, share: times / total, times, sources }))
      .sort((a, b) => b.times - a.times || (a.template < b.template ? -1 : 1))
      .slice(0, limit);
  }
}

/** Where a source does not know the template, what followed the others of its stub. */
function followersOf(follows: PackSource['follows'], before: string, stub: string): Counts {
  const exact = follows.get(before);
  if (exact || stub === '') return exact ?? new Map();
  const sums = new Map<string, number>();
  for (const [template, after] of follows) {
    if (template !== stub && !template.startsWith(`${stub} `)) continue;
    for (const [next, times] of after) sums.set(next, (sums.get(next) ?? 0) + times);
  }
  return sums;
}

/** A chance from own counts, drawn towards the collective's share as far as the own counts are few. */
export const shrunk = (ownTimes: number, ownTotal: number, collectiveShare: number): number =>
  (ownTimes + OWN_HALF * collectiveShare) / (ownTotal + OWN_HALF);
