/** What speaks for each value beside the counts: what the session did with it, what it looks like, what the words say. */

import type { CountRow } from '../rank/count-table.ts';
import { mixHash } from '../rank/hash.ts';
import type { SlotCandidate, SlotEvidence } from './slot-candidates.ts';
import { COLUMN, type SlotColumn, WIDTH } from './slot-columns.ts';
import { type HeldValue, idOf } from './slot-session.ts';
import type { SlotSituation } from './slot-situation.ts';
import { sourceOf } from './trust-sources.ts';
import { type Beside, besideOf, nearness, sharedNames } from './value-company.ts';
import { baseOf, directoryOf, likeness, shareOf, wordsIn } from './value-likeness.ts';

const RANK_MAX = 40;
const NAMED_CHARS_MIN = 3;
/** So many commands back a value counts as used just now. */
const JUST_NOW = 1;
const MANNER_FLOOR = 0.3;
const MANNER_SHIFT = 1.2;

type Put = (column: SlotColumn, value: number) => void;

/** What is the same for all candidates of one slot. */
interface View extends SlotEvidence {
  readonly ranks: ReadonlyMap<number, number>;
  readonly slotValues: readonly number[];
  readonly filled: ReadonlySet<number>;
  readonly filledOrder: number;
  readonly filledWords: ReadonlySet<string>;
  readonly lastWords: ReadonlySet<string>;
  readonly lastBases: ReadonlySet<string>;
  readonly lastDirectory: string | undefined;
  readonly filledDirectory: string | undefined;
  /** Values in the place of the slot in the session's last commands that begin as this one does. */
  readonly likeBeginnings: readonly number[];
  readonly ownLast: string | undefined;
  readonly ownLastAge: number;
  /** Values of the type in the last command. */
  readonly lastAlike: readonly string[];
  /** In which manner values of the slot, and of the program, were written in this session. */
  readonly manners: readonly (CountRow | undefined)[];
  /** The first written file that is still there and came after the one filled in last; 0 for none. */
  readonly nextWritten: number;
  /** Names and numbers of what is filled in. */
  readonly filledBeside: Beside;
}

/** Fills the candidates' rows of `into`; gives what the weights of pairs speak about, for each. */
export function fillValues(evidence: SlotEvidence, into: Float64Array): number[][] {
  const view = viewOf(evidence);
  return evidence.candidates.map((candidate, c) => {
    const put: Put = (column, value) => {
      into[c * WIDTH + COLUMN[column]] = value;
    };
    const about = [mixHash(candidate.id, 1)];
    for (const fill of [fillHeld, fillSlot, fillLooks, fillTold]) fill(view, candidate, put, about);
    return about;
  });
}

function viewOf(evidence: SlotEvidence): View {
  const { session, open, key, lastFilled } = evidence.situation;
  const { filled } = open;
  const last = session.commands.slice(0, 2).flatMap(({ slots }) => slots);
  const [own] = session.slotSequence.get(key) ?? [];
  const held = own === undefined ? undefined : session.held.get(own);
  return {
    ...evidence,
    ranks: new Map((session.ofType.get(open.type) ?? []).map((id, rank) => [id, rank])),
    slotValues: session.slotValues.get(key) ?? [],
    filled: new Set(filled.map(({ value }) => idOf(value))),
    filledOrder: session.held.get(lastFilled)?.order ?? Number.NaN,
    filledWords: new Set(filled.flatMap(({ value }) => wordsIn(value))),
    lastWords: new Set(last.flatMap(({ value }) => wordsIn(value))),
    lastBases: new Set(last.map(({ value }) => baseOf(value))),
    lastDirectory: directoryOf(session.commands[0]?.slots.find(({ type }) => type === 'path')?.value),
    filledDirectory: directoryOf(filled.at(-1)?.value),
    likeBeginnings: beginnings(evidence),
    ownLast: held?.value,
    lastAlike: (session.commands[0]?.slots ?? []).flatMap(({ type, value }) =>
      type === open.type ? [value] : [],
    ),
    manners: evidence.situation.manners.map((manner) => session.counts.get(manner)),
    nextWritten: nextWritten(evidence.situation),
    filledBeside: besideOf(filled.map(({ value }) => value)),
    ownLastAge: held ? session.steps - held.lastAt : Number.POSITIVE_INFINITY,
  };
}

function nextWritten({ session, open, lastFilled }: SlotSituation): number {
  const from =
    open.filled.length === 0 ? 0 : (session.held.get(lastFilled)?.order ?? Number.POSITIVE_INFINITY);
  const filled = new Set(open.filled.map(({ value }) => idOf(value)));
  let [next, least] = [0, Number.POSITIVE_INFINITY];
  for (const id of session.ofType.get(open.type) ?? []) {
    const held = session.held.get(id);
    if (!held || held.writtenAt < 0 || held.isRemoved || filled.has(id)) continue;
    if (held.order > from && held.order < least) [next, least] = [id, held.order];
  }
  return next;
}

function beginnings({ situation: { session, open } }: SlotEvidence): readonly number[] {
  const { filled, slot, type } = open;
  const found = session.commandsOf(open.stub).flatMap(({ slots, ids }) => {
    const next = slots[filled.length];
    const isSame =
      next?.slot === slot &&
      next.type === type &&
      filled.every((one, i) => slots[i]?.slot === one.slot && slots[i]?.value === one.value);
    return isSame ? [ids[filled.length] as number] : [];
  });
  return [...new Set(found)];
}

function fillHeld(view: View, { id, held }: SlotCandidate, put: Put, about: number[]): void {
  const { session } = view.situation;
  if (!held) {
    about.push(2);
    return;
  }
  const age = session.steps - held.lastAt;
  const rank = view.ranks.get(id) ?? RANK_MAX;
  put('isHeld', 1);
  put('age', fading(age));
  if (age === 0) put('isOfLastCommand', 1);
  else if (age === 1) put('isOfCommandBefore', 1);
  else if (age < 5) put('isOfThirdToFifth', 1);
  put('rankOfType', fading(rank));
  if (rank === 0) put('isNewestOfType', 1);
  if (held.count === 1) put('isHeldOnce', 1);
  if (held.isRemoved) put('isRemoved', 1);
  if (held.order === view.filledOrder + 1) put('isNextInOrder', 1);
  if (held.order === view.filledOrder - 1) put('isPreviousInOrder', 1);
  const isWritten = held.writtenAt >= 0;
  if (isWritten) {
    put('isWritten', 1);
    put('writtenAge', fading(session.steps - held.writtenAt));
    if (session.lastWritten === id) put('isLastWritten', 1);
    if (held.count === 0) put('isWrittenUnused', 1);
  }
  const near = mixHash(Math.min(rank, 6), Math.min(age, 6));
  about.push(
    sourceOf({ held, age }),
    mixHash(mixHash(held.source, 2), isWritten ? 1 : 0),
    mixHash(mixHash(near, 3), held.count > 1 ? 1 : 0),
  );
  fillWritten(view, id, held, put, about);
  fillCompany(view, held.company, put, about);
}

function fillWritten(
  { nextWritten: next }: View,
  id: number,
  held: HeldValue,
  put: Put,
  about: number[],
): void {
  if (id === next) put('isNextWritten', 1);
  const written = (id === next ? 4 : 0) + (held.writtenAt < 0 ? 0 : 2) + (held.isRemoved ? 1 : 0);
  about.push(mixHash(written, 14));
}

function fillCompany(
  { situation, filledBeside }: View,
  company: readonly Beside[],
  put: Put,
  about: number[],
): void {
  if (situation.open.filled.length === 0) return;
  const [names, numbers] = [sharedNames(filledBeside, company), nearness(filledBeside, company)];
  put('namesOfCompany', names);
  put('numbersOfCompany', numbers);
  about.push(mixHash(5 * Math.ceil(3 * numbers) + Math.ceil(4 * names), 15));
}

function fillSlot(view: View, { id }: SlotCandidate, put: Put, about: number[]): void {
  const { session, key, open } = view.situation;
  const usedAt = session.slotValueAt.get(mixHash(key, id));
  if (usedAt === undefined) about.push(mixHash(id, 4), 4);
  else {
    const age = 1 + session.steps - usedAt;
    const step = Math.floor(1.5 * Math.log2(age));
    put('ageInSlot', fading(age - 1));
    about.push(mixHash(mixHash(id, 5), step), mixHash(5, step));
  }
  const rank = view.slotValues.indexOf(id);
  const column = (['isSlotsLast', 'isSlotsSecond', 'isSlotsThird'] as const)[rank];
  if (column) put(column, 1);
  about.push(mixHash(rank + 1, 6));
  if (view.filled.has(id)) put('isFilled', 1);
  const beginning = view.likeBeginnings.indexOf(id);
  if (beginning >= 0) {
    put('sameBeginning', 1 / (1 + beginning));
    put('sameLongBeginning', open.filled.length / (1 + beginning));
    about.push(mixHash(beginning, 7));
  }
}

function fillLooks(view: View, { value, looks }: SlotCandidate, put: Put, about: number[]): void {
  const { words, manner, directory } = looks;
  if (directory !== undefined) {
    if (directory === view.lastDirectory) put('directoryOfLast', 1);
    if (directory === view.filledDirectory) put('directoryOfFilled', 1);
    if (view.lastBases.has(looks.base)) put('isBaseOfLastCommands', 1);
  }
  if (view.ownLast !== undefined) {
    const like = likeness(value, view.ownLast);
    put('likeSlotsLast', like);
    if (view.ownLastAge <= JUST_NOW) put('likeSlotsLastJustNow', like);
  }
  let like = 0;
  for (const other of view.lastAlike) like = Math.max(like, likeness(value, other));
  put('likeLastCommand', like);
  put('wordsOfLastCommands', shareOf(words, view.lastWords));
  put('wordsOfFilled', shareOf(words, view.filledWords));
  const [ofSlot, ofProgram] = view.manners;
  put('mannerOfSlot', mannerShare(ofSlot, manner));
  put('mannerOfProgram', mannerShare(ofProgram, manner));
  if (view.situation.open.type === 'path')
    about.push(mixHash(looks.directoryHash, 8), mixHash(looks.endHash, 9));
  about.push(mixHash(manner, 10));
}

function mannerShare(row: CountRow | undefined, manner: number): number {
  if (!row) return 0;
  const count = row.counts[row.ids.indexOf(manner)] ?? 0;
  return Math.log((count + MANNER_FLOOR) / (row.total + 1)) + MANNER_SHIFT;
}

function fillTold({ told }: View, { value, looks }: SlotCandidate, put: Put, about: number[]): void {
  const { text, words, sentence } = told;
  if (text === '') return;
  const share = shareOf(looks.words, sentence);
  put('wordsTold', share);
  if (share === 1) put('isWhollyTold', 1);
  if (words.includes(value)) put('isToldWord', 1);
  if (value.length < NAMED_CHARS_MIN) return;
  const at = text.lastIndexOf(value);
  if (at >= 0) {
    put('isTold', 1);
    put('toldAt', at / text.length);
    about.push(11);
    return;
  }
  const { base } = looks;
  if (base === value || base.length < NAMED_CHARS_MIN || !text.includes(base)) return;
  put('isBaseTold', 1);
  about.push(12);
}

/** From 2 downwards, the slower the longer ago. */
const fading = (age: number): number => 2 - Math.log(1 + age);
