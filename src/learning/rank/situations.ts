/**
 * Turns the moment before a command into what a ranker is asked with: which contexts count at each level.
 */
import { hashText, mixHash } from './hash.ts';
import type { SessionCounts } from './ranker.ts';
import type { Situation, Vote } from './situation.ts';

/** A command that was learned, at every level, and how it ended. */
export interface TrailStep {
  readonly hashes: readonly number[];
  readonly failed: number;
  readonly place: number;
  readonly pieces: readonly number[];
}

export interface Moment {
  readonly trail: readonly TrailStep[];
  readonly place: number;
  readonly project: number;
  readonly text: readonly string[];
  readonly words: ReadonlySet<string>;
  readonly textHash: number;
  readonly goal: readonly string[];
  readonly votes: readonly Vote[];
  readonly parents?: ReadonlyMap<string, number>;
}

const opt = (globalThis as any).OPT ?? {};
const NONE = 0x51ed;
export const SHAPE = { chain: 4, contexts: 19, sessionContexts: 4, votes: 4 + ((globalThis as any).OPT?.v3 ? 1 : 0) + ((globalThis as any).OPT?.v4 ? 1 : 0) } as const;

export function situationAt(level: number, moment: Moment): Situation {
  const { trail, place, project, text } = moment;
  const label = (back: number, of = level): number => trail[trail.length - back]?.hashes[of] ?? NONE;
  const failed = (back: number): number => trail[trail.length - back]?.failed ?? 2;
  const key = (table: number, ...parts: number[]): number => parts.reduce(mixHash, mixHash(table, 0x2545f)) || 1;
  const depth = trail.length;
  let repeats = 1;
  while (repeats < 5 && repeats < depth && label(repeats + 1) === label(1)) repeats += 1;
  let other = repeats + 1;
  const before = label(other);
  const piece = trail[depth - 1]?.pieces.at(-1) ?? NONE;
  const opening = (opt.c1 ? (moment as any).opening : text) as string[];
  const first = opening[0] ? hashText(opening[0]) : 0;
  const second = opening[1] ? hashText(opening[1]) : 0;
  other = 0;
  return {
    chain: [
      key(1, label(1)),
      depth > 1 ? key(2, label(2), label(1)) : 0,
      depth > 2 ? key(3, label(3), label(2), label(1)) : 0,
      depth > 3 ? key(4, label(4), label(3), label(2), label(1)) : 0,
    ],
    contexts: [
      depth > 1 ? key(10, label(2)) : 0,
      depth > 2 ? key(11, label(3)) : 0,
      failed(1) === 2 ? 0 : key(12, label(1), failed(1)),
      failed(1) === 2 ? 0 : key(13, label(1), failed(1), label(2), failed(2)),
      place ? key(14, place) : 0,
      place ? key(15, place, label(1)) : 0,
      project ? key(16, project) : 0,
      project ? key(17, project, label(1)) : 0,
      depth > 0 ? key(18, label(1, 1)) : 0,
      depth > 0 ? key(19, label(1, 2)) : 0,
      depth > 1 ? key(20, label(2, 1), label(1, 1)) : 0,
      depth > 0 ? key(21, piece, trail[depth - 1]?.pieces.length ?? 0) : 0,
      key(22, Math.min(depth, 12)),
      key(23, label(1), repeats, before),
      key(24, label(1), Math.min(6, Math.floor(Math.log2(depth + 1)))),
      first ? key(25, first) : 0,
      first ? key(26, first, second) : 0,
      first ? key(27, first, label(1)) : 0,
      moment.textHash ? key(28, moment.textHash) : 0,
    ],
    sessionContexts: [
      key(40),
      key(41, label(1)),
      depth > 1 ? key(42, label(2), label(1)) : 0,
      depth > 0 ? key(43, label(1, 2)) : 0,
    ],
    atoms: atomsOf(level, moment, label, failed),
    votes: moment.votes,
    told: text.length > 0,
    words: moment.words,
    buckets: opt.nb ? (opt.nb === 2 ? [100 + (label(1, 0) % 61)] : []) : [10 + (text.length > 0 ? 1 : 0) * 10 + Math.min(depth, 3), 100 + (label(1, 0) % 61)],
    ...(moment.parents ? { parents: moment.parents } : {}),
  };
}

function atomsOf(level: number, moment: Moment, label: (back: number, of?: number) => number, failed: (back: number) => number): number[] {
  const atoms = [1, mixHash(2, label(1)), mixHash(3, label(2)), mixHash(4, failed(1)), mixHash(5, mixHash(label(1), failed(1)))];
  atoms.push(mixHash(6, label(3)), mixHash(7, label(1, 1)));
  for (const term of moment.text.slice(-(opt.nt ?? 120))) atoms.push(mixHash(8, hashText(term)));
  const last = moment.trail.at(-1) as any;
  if (opt.a1 && last) for (const w of last.words) atoms.push(mixHash(9, w));
  if (opt.a2) for (const x of new Set(moment.trail.map((t) => t.hashes[0] as number))) atoms.push(mixHash(10, x));
  if (opt.a3) for (let i = 4; i < 9; i++) if (moment.trail.length >= i) atoms.push(mixHash(11, label(i)));
  if (opt.a4) for (let i = 1; i < 6; i++) if (moment.trail.length >= i) atoms.push(mixHash(12, label(i)));
  if (opt.a5) { atoms.push(mixHash(13, Math.min(8, moment.trail.length)), mixHash(14, Math.floor(Math.log2(moment.trail.length + 1)))); if (moment.place) atoms.push(mixHash(15, moment.place)); }
  if (opt.a6) for (const t of moment.goal.slice(0, 60)) atoms.push(mixHash(16, hashText(t)));
  if (opt.a7) for (const t of (moment as any).lastSentence) atoms.push(mixHash(17, hashText(t)));
  if (opt.a8) for (const t of (moment as any).lastSentence.slice(0, 12)) atoms.push(mixHash(18, mixHash(hashText(t), label(1))));
  if (opt.b1 && level > 0) for (const t of moment.trail.slice(-opt.b1) as any[]) for (const w of t.words) atoms.push(mixHash(21, w));
  if (opt.a9) { if (moment.text.length) { atoms.push(mixHash(19, hashText(moment.text[0]!)), mixHash(20, hashText(moment.text[0] + ' ' + moment.text[1]))); } }
  return atoms;
}

export type { SessionCounts };
