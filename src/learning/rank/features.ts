/**
 * The evidence for each candidate, as features of the mixer: what each context table says beyond
 * the base estimate (interpolated absolute discounting), votes, recency, the level above, words in common.
 */
import { fillCounts, interpolate } from './count-evidence.ts';
import type { CountRow } from './count-table.ts';
import type { LabelEntry } from './label-entry.ts';
import type { SessionCounts } from './session-counts.ts';
import { SHAPE, type Situation, type Vote } from './situation.ts';

const PRIOR = 4;
const FADING_PRIOR = 1;
const BASE_MIN = 1e-7;
const VOTE_FLOOR = 0.02;
const FIXED = 15;

/** Features of one candidate: two for each table, two for each vote, the fixed ones. */
export const FEATURE_WIDTH =
  2 * (SHAPE.chain + SHAPE.contexts + SHAPE.sessionContexts) + 2 * SHAPE.votes + FIXED;
/** The contexts of words are the last ones, their votes the first. */
const TEXT_ROWS_TO = 2 * (SHAPE.chain + SHAPE.contexts);
const TEXT_ROWS_FROM = TEXT_ROWS_TO - 2 * SHAPE.textContexts;
const VOTES_FROM = TEXT_ROWS_TO + 2 * SHAPE.sessionContexts;
const PARENT_FROM = VOTES_FROM + 2 * SHAPE.votes + 6;
const WORDS_FROM = PARENT_FROM + 6;

export interface Evidence {
  readonly entries: readonly LabelEntry[];
  /** The rows of the chain first, then of the other contexts; a row that was never seen is undefined. */
  readonly rows: readonly (CountRow | undefined)[];
  readonly situation: Situation;
  readonly session: SessionCounts;
  /** Labels known and learned so far. */
  readonly known: number;
  readonly now: number;
  /** What followed a label of the level above, ever and in this session. */
  readonly kin: (parent: string) => CountRow | undefined;
  readonly ownKin: (parent: string) => CountRow | undefined;
}

/** Fills one row of `FEATURE_WIDTH` numbers for each entry; `into` has room for just these, and 0 everywhere. */
export function fillFeatures(evidence: Evidence, into: Float64Array): void {
  const { entries, rows, situation } = evidence;
  const at = new Map(entries.map(({ id }, c) => [id, c]));
  const base = baseShares(evidence, at);
  let column = 0;
  for (const row of rows) {
    if (row)
      fillCounts(into, row, at, base, {
        column,
        width: FEATURE_WIDTH,
        prior: PRIOR,
        fadingPrior: FADING_PRIOR,
      });
    column += 2;
  }
  for (const vote of situation.votes) {
    if (vote.total > 0) fillVote(into, column, vote, entries);
    column += 2;
  }
  for (let c = 0; c < entries.length; c += 1) {
    const entry = entries[c] as LabelEntry;
    const from = c * FEATURE_WIDTH + column;
    into[from] = Math.log(base[c] as number);
    fillRecency(into, from + 1, evidence, entry);
    if (situation.parents)
      fillParent(into, c * FEATURE_WIDTH + PARENT_FROM, evidence, entry, situation.parents);
    if (situation.text) fillCommonWords(into, c * FEATURE_WIDTH + WORDS_FROM, situation.text.words, entry);
  }
}

/**
 * Takes from filled rows what the step's words say, as if none had been told; `parents`: the shares of the level above,
 * that are others then.
 */
export function silenceFeatures(
  into: Float64Array,
  entries: readonly LabelEntry[],
  parents: ReadonlyMap<string, number> | undefined,
): void {
  for (let c = 0; c < entries.length; c += 1) {
    const from = c * FEATURE_WIDTH;
    into.fill(0, from + TEXT_ROWS_FROM, from + TEXT_ROWS_TO);
    into.fill(0, from + VOTES_FROM, from + VOTES_FROM + 2 * SHAPE.textVotes);
    into.fill(0, from + WORDS_FROM, from + FEATURE_WIDTH);
    if (parents) fillParentShare(into, from + PARENT_FROM, parents.get((entries[c] as LabelEntry).parent));
  }
}

function fillVote(
  into: Float64Array,
  column: number,
  { weights, total, strength }: Vote,
  entries: readonly LabelEntry[],
): void {
  const nothing = Math.log(1 / (1 + VOTE_FLOOR));
  for (let c = 0; c < entries.length; c += 1) {
    const weight = weights.get((entries[c] as LabelEntry).id);
    const says = weight ? Math.log((weight / total + VOTE_FLOOR) / (1 + VOTE_FLOOR) / VOTE_FLOOR) : nothing;
    into[c * FEATURE_WIDTH + column] = says;
    into[c * FEATURE_WIDTH + column + 1] = says * strength;
  }
}

function fillRecency(
  into: Float64Array,
  at: number,
  { session, now }: Evidence,
  { id, lastAt, count }: LabelEntry,
): void {
  const seenAt = session.lastAt.get(id);
  into[at] = seenAt === undefined ? -0.5 : 2.5 - Math.log(1 + session.steps - seenAt);
  into[at + 1] = -Math.log(1 + now - lastAt) / 2;
  into[at + 2] = seenAt === undefined ? 0 : 1;
  into[at + 3] = seenAt === session.steps - 1 ? 1 : 0;
  into[at + 4] = count === 1 ? 1 : 0;
}

function fillParent(
  into: Float64Array,
  at: number,
  { kin, ownKin }: Evidence,
  { id, parent }: LabelEntry,
  parents: ReadonlyMap<string, number>,
): void {
  fillParentShare(into, at, parents.get(parent));
  fillKinship(into, at + 2, kin(parent), id, 0.1);
  fillKinship(into, at + 4, ownKin(parent), id, 0.2);
}

function fillParentShare(into: Float64Array, at: number, share = 0): void {
  into[at] = Math.log(share + 1e-4);
  into[at + 1] = share;
}

function fillKinship(
  into: Float64Array,
  at: number,
  row: CountRow | undefined,
  id: number,
  floor: number,
): void {
  if (!row) return;
  const j = row.ids.indexOf(id);
  into[at] = Math.log(((row.counts[j] ?? 0) + floor) / (row.total + 1));
  into[at + 1] = Math.log(((row.fading[j] ?? 0) + floor) / (row.fadingTotal + 1));
}

function fillCommonWords(
  into: Float64Array,
  at: number,
  told: ReadonlySet<string>,
  { words }: LabelEntry,
): void {
  let common = 0;
  for (const word of words) if (told.has(word)) common += 1;
  into[at] = common / words.length;
  into[at + 1] = Math.min(common, 6) / 3;
  into[at + 2] = common === words.length ? 1 : 0;
}

/** Interpolated absolute discounting (Ney et al. 1994) over the chain of orders, from plain frequency up. */
function baseShares({ entries, rows, known, now }: Evidence, at: ReadonlyMap<number, number>): Float64Array {
  const unseen = (0.5 * known) / (known + 1);
  const shares = Float64Array.from(entries, ({ count }) => (Math.max(count - 0.5, 0) + unseen) / (now + 1));
  interpolate(shares, rows.slice(0, SHAPE.chain), at);
  return shares.map((share) => Math.max(share, BASE_MIN));
}
