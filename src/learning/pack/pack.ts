/**
 * A pack of counts that people can hand to each other: which kind of command follows which, and how often, for each
 * source. It holds templates, never values, and it merges: a join of sources, each with an epoch and counters that only grow.
 * 1. `mergePacks` is commutative, associative and idempotent, so packs may come in any order and more than once.
 * 2. A source that has forgotten something begins a new epoch, which replaces its older counts wherever it arrives.
 */

/** How often something came. */
export type Counts = ReadonlyMap<string, number>;

export interface PackSource {
  /** Grows when the source has forgotten something. */
  readonly epoch: number;
  /** How far its counts are trusted, over 0 to 1. */
  readonly weight: number;
  /** By template. */
  readonly commands: Counts;
  /** By template before (`''` at a session's beginning), then by the template that came next. */
  readonly follows: ReadonlyMap<string, Counts>;
}

/** By the source's name. */
export type Pack = ReadonlyMap<string, PackSource>;

export function mergePacks(one: Pack, other: Pack): Pack {
  return joined(one, other, mergeSources);
}

/** The same, trusted no more than that. */
export const weighPack = (pack: Pack, weightMax: number): Pack =>
  new Map(
    [...pack].map(([name, source]) => [name, { ...source, weight: Math.min(source.weight, weightMax) }]),
  );

function mergeSources(one: PackSource, other: PackSource): PackSource {
  if (one.epoch !== other.epoch) return one.epoch > other.epoch ? one : other;
  return {
    epoch: one.epoch,
    weight: Math.max(one.weight, other.weight),
    commands: joined(one.commands, other.commands, Math.max),
    follows: joined(one.follows, other.follows, (here, there) => joined(here, there, Math.max)),
  };
}

function joined<T>(
  one: ReadonlyMap<string, T>,
  other: ReadonlyMap<string, T>,
  join: (one: T, other: T) => T,
): ReadonlyMap<string, T> {
  const all = new Map(one);
  for (const [key, value] of other) {
    const known = all.get(key);
    all.set(key, known === undefined ? value : join(known, value));
  }
  return all;
}
