/**
 * What the weights of pairs speak about: of a candidate its label, below the stub its words too, whether it came in this
 * session yet, and how it ended when it came last: what failed is tried again, what went well may be done with.
 */
import { mixHash } from './hash.ts';
import type { LabelEntry } from './label-entry.ts';
import { type Moment, RAW, STUB } from './situation.ts';

const NOT_YET = 5200;
const CAME = 5204;
const ENDED = { failed: 5202, fine: 5203 } as const;

/** For each candidate the hashes of its parts. A raw line seldom comes twice in a session: its last end says too little. */
export function partsOf(
  entries: readonly LabelEntry[],
  level: number,
  { trail, isCut }: Pick<Moment, 'trail' | 'isCut'>,
): readonly (readonly number[])[] {
  if (level === RAW) return entries.map(({ hashes }) => hashes);
  const endings = new Map(trail.map(({ hashes, ending }) => [hashes[level] as number, ending]));
  return entries.map(({ hashes }) => {
    const label = hashes[0] as number;
    const parts = level === STUB ? [label] : [...hashes];
    const ending = endings.get(label);
    if (ending !== undefined) parts.push(mixHash(label, CAME));
    // it may have come before what is known of the session
    else if (!isCut) parts.push(mixHash(label, NOT_YET));
    if (ending !== undefined && ending !== 'unknown') parts.push(mixHash(label, ENDED[ending]));
    return parts;
  });
}
