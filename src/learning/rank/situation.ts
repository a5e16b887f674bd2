/**
 * What a ranker is told of the moment before a command: which count tables speak, which atoms the weights see.
 * Pure: the same moment gives the same keys everywhere. A key of 0 says that there is no such context now.
 */
import { hashText, mixHash } from './hash.ts';

/** The levels, as numbered everywhere below the model. */
export const STUB = 0;
export const TEMPLATE = 1;
export const RAW = 2;

/** A command that was learned: its label's hash at each level, how it ended, what it was made of. */
export interface TrailStep {
  readonly hashes: readonly number[];
  readonly ending: 'fine' | 'failed' | 'unknown';
  /** The stubs of its parts, joined by `&&`, `;` or `|`. */
  readonly parts: readonly number[];
  readonly words: readonly number[];
}

/** Labels voted for by neighbours, by number; `strength` says how near the neighbours are. */
export interface Vote {
  readonly weights: ReadonlyMap<number, number>;
  readonly total: number;
  readonly strength: number;
}

/** The words of a step, cut for use. */
export interface ToldText {
  readonly hash: number;
  /** Terms and pairs of the whole text, and of its last sentence, which says what is done now. */
  readonly terms: readonly string[];
  readonly sentence: readonly string[];
  /** Hashes of the first two terms of the last sentence, or 0. */
  readonly opening: readonly [number, number];
  readonly words: ReadonlySet<string>;
}

export interface Moment {
  readonly trail: readonly TrailStep[];
  /** There was more before the trail, and nobody knows what: its first command is not the first of a session. */
  readonly isCut: boolean;
  readonly place: number;
  readonly text: ToldText | undefined;
  readonly votes: readonly Vote[];
  /** The share of each label of the level above; absent at the top level. */
  readonly parents: ReadonlyMap<string, number> | undefined;
}

export interface Situation extends Moment {
  /** Orders 1 to 4 over the level's own labels; they make the base estimate. */
  readonly chain: readonly number[];
  readonly contexts: readonly number[];
  readonly sessionContexts: readonly number[];
  readonly atoms: readonly number[];
  readonly bucket: number;
}

/** How many there are of each kind; the features of a candidate are laid out by it. */
export const SHAPE = {
  chain: 4,
  contexts: 17,
  /** Of the contexts, the last ones: those of the step's words. */
  textContexts: 4,
  sessionContexts: 4,
  votes: 5,
  /** Of the votes, the first ones: those of the step's words. */
  textVotes: 3,
} as const;

const NOTHING = 0x51ed;
const BUCKETS = 61;
const REPEATS_MAX = 5;
const TEXT_TERMS_MAX = 120;
const LOWER_TERMS_MAX = 40;
const LOWER_WORDS_MAX = 12;
const STYLE_STEPS = 3;
const SESSION_STEPS = 10;
const ORDERS = 4;
const TOLD = 0x51237;

export function situationAt(level: number, moment: Moment): Situation {
  const { trail, text } = moment;
  const back: Back = (steps, of = level) => trail[trail.length - steps]?.hashes[of] ?? NOTHING;
  const depth = trail.length;
  return {
    ...moment,
    chain: [
      keyOf(1, back(1)),
      depth > 1 ? keyOf(2, back(2), back(1)) : 0,
      depth > 2 ? keyOf(3, back(3), back(2), back(1)) : 0,
      depth > 3 ? keyOf(4, back(4), back(3), back(2), back(1)) : 0,
    ],
    contexts: [...trailContexts(moment, back), ...textContexts(text, back(1))],
    sessionContexts: [
      keyOf(40),
      keyOf(41, back(1)),
      depth > 1 ? keyOf(42, back(2), back(1)) : 0,
      depth > 0 ? keyOf(43, back(1, RAW)) : 0,
    ],
    atoms: atomsOf(level, moment, back),
    bucket: back(1, STUB) % BUCKETS,
  };
}

type Back = (steps: number, level?: number) => number;

const ENDINGS = { fine: 0, failed: 1, unknown: 2 } as const;

const keyOf = (table: number, ...parts: readonly number[]): number =>
  parts.reduce(mixHash, mixHash(table, 0x2545f)) || 1;

function trailContexts({ trail, isCut, place }: Moment, back: Back): readonly number[] {
  const depth = trail.length;
  const last = trail.at(-1);
  const ending = (steps: number): number => ENDINGS[trail[depth - steps]?.ending ?? 'unknown'];
  const ended = ending(1) !== ENDINGS.unknown;
  let repeats = 1;
  while (repeats < Math.min(REPEATS_MAX, depth) && back(repeats + 1) === back(1)) repeats += 1;
  return [
    depth > 1 ? keyOf(10, back(2)) : 0,
    depth > 2 ? keyOf(11, back(3)) : 0,
    ended ? keyOf(12, back(1), ending(1)) : 0,
    ended && !(isCut && depth < 2) ? keyOf(13, back(1), ending(1), back(2), ending(2)) : 0,
    place ? keyOf(14, place) : 0,
    place ? keyOf(15, place, back(1)) : 0,
    last ? keyOf(18, back(1, TEMPLATE)) : 0,
    last ? keyOf(19, back(1, RAW)) : 0,
    depth > 1 ? keyOf(20, back(2, TEMPLATE), back(1, TEMPLATE)) : 0,
    last ? keyOf(21, last.parts.at(-1) ?? NOTHING, last.parts.length) : 0,
    isCut ? 0 : keyOf(22, Math.min(depth, 12)),
    isCut && repeats >= depth ? 0 : keyOf(23, back(1), repeats, back(repeats + 1)),
    isCut ? 0 : keyOf(24, back(1), Math.min(6, Math.floor(Math.log2(depth + 1)))),
  ];
}

function textContexts(text: ToldText | undefined, before: number): readonly number[] {
  const [first, second] = text?.opening ?? [0, 0];
  return [
    first ? keyOf(25, first) : 0,
    first ? keyOf(26, first, second) : 0,
    first ? keyOf(27, first, before) : 0,
    text ? keyOf(28, text.hash) : 0,
  ];
}

function atomsOf(level: number, { trail, isCut, text }: Moment, back: Back): readonly number[] {
  const ending = ENDINGS[trail.at(-1)?.ending ?? 'unknown'];
  const before = mixHash(back(1), back(2));
  // of the beginning of a session it is said that nothing was before; of one that was cut off nothing
  const known = isCut ? trail.length : ORDERS;
  const atoms = [1, mixHash(2, back(1)), mixHash(7, back(1, TEMPLATE))];
  if (known > 1) atoms.push(mixHash(3, back(2)), mixHash(32, before));
  if (known > 2) atoms.push(mixHash(6, back(3)), mixHash(33, mixHash(before, back(3))));
  atoms.push(mixHash(4, ending), mixHash(5, mixHash(back(1), ending)));
  const limit = level > STUB ? LOWER_WORDS_MAX : Number.POSITIVE_INFINITY;
  for (const word of (trail.at(-1)?.words ?? []).slice(0, limit)) atoms.push(mixHash(9, word));
  // Below the stub, the manner of the last steps counts: flags, redirections, pipes tend to stay.
  if (level > STUB) {
    for (const step of trail.slice(-STYLE_STEPS)) {
      for (const word of step.words.slice(0, LOWER_WORDS_MAX)) atoms.push(mixHash(21, word));
    }
  }
  for (const label of new Set(trail.slice(-SESSION_STEPS).map(({ hashes }) => hashes[level] as number)))
    atoms.push(mixHash(31, label));
  if (!text) return atoms;
  // Where the words are told they say most of it, so the same atoms weigh less: they have weights of their own.
  for (let i = 0; i < atoms.length; i += 1) atoms[i] = mixHash(atoms[i] as number, TOLD);
  for (const term of text.terms.slice(level > STUB ? -LOWER_TERMS_MAX : -TEXT_TERMS_MAX))
    atoms.push(mixHash(8, hashText(term)));
  for (const term of text.sentence.slice(0, level > STUB ? LOWER_TERMS_MAX : TEXT_TERMS_MAX))
    atoms.push(mixHash(17, hashText(term)));
  return atoms;
}
