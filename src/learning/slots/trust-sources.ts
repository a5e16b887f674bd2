/** Where in the session a value comes from, and how far values from there were right before: in this slot, then at all. */
import { hashText, mixHash } from '../rank/hash.ts';
import type { SlotCandidate, SlotEvidence } from './slot-candidates.ts';
import type { SlotSituation } from './slot-situation.ts';

const AGE_MAX = 6;
const RANK_MAX = 5;
const EARLIER_COMMANDS = 3;
const EARLIER_SLOTS = 6;

export interface TrustSource {
  readonly kind: 'trustInSource' | 'trustInRank' | 'trustInEarlier';
  /** The candidate that comes from there. */
  readonly candidate: number;
  /** From the broadest to the narrowest. */
  readonly keys: readonly number[];
}

/** The slot that the value was in last and how long ago; its rank among values of its type; each slot of the last commands. */
export function trustSources({ situation, candidates }: SlotEvidence): readonly TrustSource[] {
  const { session, open } = situation;
  const sources: TrustSource[] = [];
  const ranks = new Map((session.ofType.get(open.type) ?? []).map((id, rank) => [id, rank]));
  const places = new Map(candidates.map(({ id }, c) => [id, c]));
  for (const [candidate, { id, held }] of candidates.entries()) {
    if (!held) continue;
    const age = Math.min(session.steps - held.lastAt, AGE_MAX);
    const rank = Math.min(ranks.get(id) ?? RANK_MAX, RANK_MAX);
    const ranked = mixHash(mixHash(age, rank), held.writtenAt < 0 ? 2 : 3);
    sources.push(
      { kind: 'trustInSource', candidate, keys: keysOf(situation, sourceOf({ held, age })) },
      { kind: 'trustInRank', candidate, keys: keysOf(situation, ranked) },
    );
  }
  for (const [ago, { stub, slots, ids }] of session.commands.slice(0, EARLIER_COMMANDS).entries()) {
    const from = ago === 0 ? 0 : hashText(stub);
    for (const [i, { slot }] of slots.slice(0, EARLIER_SLOTS).entries()) {
      const candidate = places.get(ids[i] as number);
      if (candidate === undefined) continue;
      const name = mixHash(mixHash(hashText(slot), 4 + ago), from);
      sources.push({ kind: 'trustInEarlier', candidate, keys: keysOf(situation, name) });
    }
  }
  return sources;
}

/** The slot that held it last, and how many commands ago. */
export const sourceOf = ({
  held,
  age,
}: {
  readonly held: NonNullable<SlotCandidate['held']>;
  readonly age: number;
}): number => mixHash(mixHash(held.source, Math.min(age, AGE_MAX)), 1);

function keysOf({ type, key, before }: SlotSituation, name: number): readonly number[] {
  const own = mixHash(name, key);
  return [name, mixHash(name, type), own, mixHash(own, before)];
}
