/**
 * The evidence for each candidate, as features of the mixer: what each context table says beyond
 * the base estimate (interpolated absolute discounting), recency, votes, the level above, words in common.
 */
import type { CountRow } from './count-row.ts';
import type { LabelBook, LabelEntry } from './label-book.ts';
import type { RankerShape, SessionCounts } from './ranker.ts';
import type { Situation } from './situation.ts';

const PRIOR = 4;
const FADING_PRIOR = 1;
const DISCOUNT = 0.75;
const FIXED = 15;

export interface FeatureInput {
  readonly entries: readonly LabelEntry[];
  readonly chain: readonly (CountRow | undefined)[];
  readonly rows: readonly (CountRow | undefined)[];
  readonly all: CountRow;
  readonly session: SessionCounts;
  readonly situation: Situation;
  readonly labels: LabelBook;
  readonly shape: RankerShape;
  kids: any; ownKids: any;
}

export function featureWidth(shape: RankerShape): number {
  return 2 * (shape.chain + shape.contexts + shape.sessionContexts) + 2 * shape.votes + FIXED;
}

export function startWeights(shape: RankerShape): readonly number[] {
  const weights: number[] = [];
  const rows = shape.chain + shape.contexts + shape.sessionContexts;
  for (let i = 0; i < rows; i += 1) weights.push(i < shape.chain ? 0.2 : 0.12, 0.03);
  for (let i = 0; i < shape.votes; i += 1) weights.push(0.4, 0.3);
  weights.push(0.5, 0.25, 0.1, 0.1, -0.1, 0.1, 0.3, 0, 0.3, 0, 0, 0.3, 0.1, 0.1, 0.1);
  return weights;
}

export function fillFeatures(into: Float64Array, input: FeatureInput): void {
  const { entries, rows, shape } = input;
  const width = featureWidth(shape);
  const base = baseShares(input);
  const at = new Map(entries.map(({ id }, i) => [id, i]));
  const counts = new Float64Array(entries.length);
  const fading = new Float64Array(entries.length);
  let f = 0;
  for (const row of rows) {
    if (row) {
      counts.fill(0);
      fading.fill(0);
      for (let j = 0; j < row.ids.length; j += 1) {
        const c = at.get(row.ids[j] as number);
        if (c === undefined) continue;
        counts[c] = row.counts[j] as number;
        fading[c] = row.fading[j] as number;
      }
      for (let c = 0; c < entries.length; c += 1) {
        const p = base[c] as number;
        into[c * width + f] = Math.log(((counts[c] as number) + PRIOR * p) / (row.total + PRIOR) / p);
        into[c * width + f + 1] = Math.log(((fading[c] as number) + FADING_PRIOR * p) / (row.fadingTotal + FADING_PRIOR) / p);
      }
    }
    f += 2;
  }
  for (const vote of input.situation.votes) {
    if (vote.total > 0) {
      for (let c = 0; c < entries.length; c += 1) {
        const share = (vote.weights.get((entries[c] as LabelEntry).id) ?? 0) / vote.total;
        const evidence = Math.log((share + 0.02) / 1.02 / 0.02);
        into[c * width + f] = evidence;
        into[c * width + f + 1] = evidence * vote.strength;
      }
    }
    f += 2;
  }
  for (let c = 0; c < entries.length; c += 1) fillFixed(into, c * width + f, input, entries[c] as LabelEntry, base[c] as number);
}

function fillFixed(into: Float64Array, at: number, input: FeatureInput, entry: LabelEntry, base: number): void {
  const { session, labels, situation } = input;
  const ago = session.lastAt.get(entry.id);
  into[at] = Math.log(base);
  into[at + 1] = ago === undefined ? -0.5 : 2.5 - Math.log(1 + session.steps - ago);
  into[at + 2] = -Math.log(1 + labels.now - entry.lastAt) / 2;
  into[at + 3] = ago === undefined ? 0 : 1;
  into[at + 4] = ago === session.steps - 1 ? 1 : 0;
  into[at + 5] = entry.count === 1 ? 1 : 0;
  if (situation.parents) {
    const parent = situation.parents.get(entry.parent) ?? 0;
    into[at + 6] = Math.log(parent + 1e-4);
    into[at + 7] = parent;
    const kin = input.kids.get(entry.parent) as CountRow | undefined;
    if (kin) {
      const j = kin.ids.indexOf(entry.id);
      into[at + 11] = Math.log(((j < 0 ? 0 : kin.counts[j]!) + 0.1) / (kin.total + 1));
      into[at + 12] = Math.log(((j < 0 ? 0 : kin.fading[j]!) + 0.1) / (kin.fadingTotal + 1));
    }
    const own = input.ownKids(entry.parent) as CountRow | undefined;
    if (own) {
      const j = own.ids.indexOf(entry.id);
      into[at + 13] = Math.log(((j < 0 ? 0 : own.counts[j]!) + 0.2) / (own.total + 1));
      into[at + 14] = Math.log(((j < 0 ? 0 : own.fading[j]!) + 0.2) / (own.fadingTotal + 1));
    }
  }
  if (situation.words.size > 0 && entry.words.length > 0) {
    let common = 0;
    for (const word of entry.words) if (situation.words.has(word)) common += 1;
    into[at + 8] = common / entry.words.length;
    into[at + 9] = Math.min(common, 6) / 3;
    into[at + 10] = common === entry.words.length ? 1 : 0;
  }
}

/** Interpolated absolute discounting over the chain of orders, from the plain frequencies up. */
function baseShares({ entries, chain, all, labels }: FeatureInput): Float64Array {
  const known = all.ids.length + 1;
  const total = labels.now + 1;
  const shares = new Float64Array(entries.length);
  for (let c = 0; c < entries.length; c += 1) {
    const { count } = entries[c] as LabelEntry;
    shares[c] = (Math.max(count - 0.5, 0) + (0.5 * known) / (known + 1)) / total;
  }
  const at = new Map(entries.map(({ id }, i) => [id, i]));
  for (const row of chain) {
    if (!row) continue;
    const lambda = (DISCOUNT * row.ids.length) / row.total;
    for (let c = 0; c < entries.length; c += 1) shares[c] = lambda * (shares[c] as number);
    for (let j = 0; j < row.ids.length; j += 1) {
      const c = at.get(row.ids[j] as number);
      if (c !== undefined) shares[c] = (shares[c] as number) + Math.max((row.counts[j] as number) - DISCOUNT, 0) / row.total;
    }
  }
  for (let c = 0; c < entries.length; c += 1) shares[c] = Math.max(shares[c] as number, 1e-7);
  return shares;
}
