/**
 * What the failure model sees of one command in its session: the keys whose failures are counted, each leaning on a
 * broader one; a few numbers; and groups of hashed traits.
 */
import { hashText, mixHash } from '../rank/hash.ts';
import { termsOf } from '../text/terms.ts';
import { readTold } from '../text/told-text.ts';
import { SLOTS } from './bayes-weights.ts';
import { type CommandShape, commandShape, type NamedFile } from './command-shape.ts';
import { type FailureSession, type Form, formsOf } from './failure-session.ts';
import { type ProgramKind, START_RATES } from './program-kind.ts';
import type { ShellDocument } from './shell-documents.ts';

/** Keys by name, each with the one that it leans on (where none, on what is known beforehand) and how much, in commands. */
export const KEYS = {
  all: { on: undefined, weight: 10 },
  kind: { on: undefined, weight: 15 },
  exit: { on: 'kind', weight: 5 },
  stub: { on: 'all', weight: 5 },
  template: { on: 'stub', weight: 3 },
  raw: { on: 'template', weight: 2 },
  parts: { on: 'stub', weight: 3 },
  stubAfterStub: { on: 'stub', weight: 3 },
  stubAfterOwn: { on: 'stub', weight: 3 },
  stubAfterEnding: { on: 'stub', weight: 3 },
  stubTold: { on: 'stub', weight: 3 },
  exitTarget: { on: 'exit', weight: 3 },
  exitRaw: { on: 'exit', weight: 3 },
  exitOwn: { on: 'exit', weight: 3 },
  exitFiles: { on: 'exit', weight: 3 },
  kindTarget: { on: 'kind', weight: 3 },
  kindRaw: { on: 'kind', weight: 3 },
  kindBefore: { on: 'kind', weight: 3 },
} as const satisfies Record<string, { readonly on: string | undefined; readonly weight: number }>;

export type KeyName = keyof typeof KEYS;
export const KEY_NAMES = Object.keys(KEYS) as readonly KeyName[];
/** How many numbers there are beside the keys. */
export const NUMBERS = 12;

export interface FailureView {
  readonly shape: CommandShape;
  /** In the order of `KEY_NAMES`. */
  readonly keys: readonly number[];
  /** Of a command of this kind before anything was seen. */
  readonly startRate: number;
  /** One of its files was removed before in the session. */
  readonly isRemoved: boolean;
  readonly numbers: readonly number[];
  readonly groups: readonly (readonly number[])[];
}

const TERMS_MAX = 80;
const FILES_TOLD_MAX = 4;
/** In place of an ending: the form has not come in this session. */
const NEVER = 9;
/** Of slots: what is hashed alike in two groups has a weight in each. */
const GROUP = {
  told: 31,
  word: 32,
  given: 33,
  flag: 34,
  name: 35,
  state: 36,
  stateOfExit: 37,
  kind: 38,
  chain: 39,
  term: 40,
  written: 41,
  trait: 42,
  traitOfExit: 43,
  traitAfter: 44,
} as const;
/** Whoever says so is about to see something fail, or to look after what did. */
const FAILURE_TERMS = ['fail', 'failur'];
const FAILURE_WEIGHT = 1.5;
const TRIES: readonly ProgramKind[] = ['test', 'run', 'lint', 'build'];

/** Slots whose weights are known before anything was seen. */
export const KNOWN_SLOTS: readonly (readonly [slot: number, weight: number])[] = TRIES.flatMap((kind) =>
  FAILURE_TERMS.map((term) => [toldSlot(hashText(kind), hashText(term)), FAILURE_WEIGHT] as const),
);

export function failureView(
  session: FailureSession,
  command: string,
  intent: string | undefined,
): FailureView {
  const shape = commandShape(command);
  const told = readTold(intent);
  const now = momentOf(session, shape);
  const sentence = told?.sentence.map(hashText) ?? [];
  const terms = termsOf(intent ?? '');
  return {
    shape,
    keys: keysOf(session, shape, now, told?.opening[0] ?? 0),
    startRate: START_RATES[shape.kind],
    isRemoved: now.isRemoved,
    numbers: numbersOf(session, shape, now),
    groups: [
      ...commandGroups(shape),
      stateGroup(session, shape, now),
      kindGroup(session, shape, now),
      ...documentGroups(session, shape, now),
      slots(GROUP.term, terms.slice(-TERMS_MAX).map(hashText)),
      sentence.map((term) => toldSlot(hashText(shape.kind), term)),
    ],
  };
}

/** How the forms of the command ended last in the session, and what is known of its files, as small codes. */
interface Moment extends Readonly<Record<Form, number>> {
  readonly ending: number;
  readonly files: number;
  readonly missing: number;
  readonly isRemoved: boolean;
}

function momentOf(session: FailureSession, shape: CommandShape): Moment {
  const ways = formsOf(shape).map(([form, hash]) => {
    const ending = session.endings(form, hash);
    return [form, ending ? 2 * outcome(ending.failed) + (session.edits > ending.edits ? 1 : 0) : NEVER];
  });
  const states = shape.files.map((file) => fileCode(session, file, shape.documents));
  return {
    ...(Object.fromEntries(ways) as Record<Form, number>),
    ending: outcome(session.outcomes.at(-1)),
    files: setHash(states),
    missing: states.filter((state) => MISSING.has(state)).length,
    isRemoved: states.includes(FILE.removed),
  };
}

const outcome = (failed: boolean | undefined): number => (failed === undefined ? 2 : failed ? 1 : 0);

/** `word`: the session's commands have said it, but not as a file. */
const FILE = { written: 1, removed: 2, named: 3, failed: 4, fine: 5, word: 6, pattern: 7, fresh: 8 } as const;
/** It may not be there. */
const MISSING: ReadonlySet<number> = new Set([FILE.removed, FILE.failed, FILE.fresh]);

function fileCode(session: FailureSession, file: NamedFile, documents: readonly ShellDocument[]): number {
  if (documents.some((document) => document.file === file.name)) return FILE.written;
  const state = session.file(file);
  if (!state) return session.isKnown(file.path) ? FILE.word : file.isPattern ? FILE.pattern : FILE.fresh;
  if (state.made !== 'named') return FILE[state.made];
  return state.failed === undefined ? FILE.named : state.failed ? FILE.failed : FILE.fine;
}

/** The same for the same codes in any order. */
const setHash = (codes: readonly number[]): number =>
  [...new Set(codes)].sort((a, b) => a - b).reduce(mixHash, 17);

function keysOf(
  { before }: FailureSession,
  shape: CommandShape,
  now: Moment,
  opening: number,
): readonly number[] {
  const { stub, exit } = shape;
  const kind = hashText(shape.kind);
  const keys: Record<KeyName, readonly number[]> = {
    all: [],
    kind: [kind],
    exit: [exit],
    stub: [stub],
    template: [shape.template],
    raw: [shape.raw],
    parts: [shape.parts],
    stubAfterStub: [stub, before?.stub ?? 0],
    stubAfterOwn: [stub, now.stub >> 1],
    stubAfterEnding: [stub, now.ending],
    stubTold: [stub, opening],
    exitTarget: [exit, now.target],
    exitRaw: [exit, now.raw],
    exitOwn: [exit, now.exit],
    exitFiles: [exit, now.files],
    kindTarget: [kind, now.target],
    kindRaw: [kind, now.raw],
    kindBefore: [kind, hashText(before?.kind ?? ''), now.ending],
  };
  return KEY_NAMES.map((name, i) => keys[name].reduce(mixHash, mixHash(i + 1, 1)));
}

function numbersOf(session: FailureSession, shape: CommandShape, now: Moment): readonly number[] {
  const own = (form: Form, hash: number, weight: number): number => {
    const { failures = 0, times = 0 } = session.endings(form, hash) ?? {};
    return Math.log((failures + weight * 0.1) / (times - failures + weight * 0.9)) + 2.2;
  };
  const fresh = shape.given.filter((word) => !session.isKnown(word)).length;
  const target = mixHash(shape.exit, shape.files[0]?.path ?? 0);
  return [
    1,
    session.outcomes.at(-1) ? 1 : 0,
    session.failures / (session.steps + 1),
    session.outcomes.filter(Boolean).length / 5,
    own('exit', shape.exit, 2),
    own('target', target, 1),
    fresh / Math.max(1, shape.given.length),
    now.missing / Math.max(1, shape.files.length),
    shape.isGuarded ? 1 : 0,
    shape.isPiped ? 1 : 0,
    shape.isLong ? 1 : 0,
    Math.min(shape.chars / 500, 2),
  ];
}

function commandGroups(shape: CommandShape): readonly (readonly number[])[] {
  const { stub, exit, words, given, flags, names } = shape;
  return [
    slots(GROUP.word, words, stub),
    slots(GROUP.given, given, exit),
    slots(GROUP.flag, flags, exit),
    slots(GROUP.name, names, exit),
  ];
}

function stateGroup(session: FailureSession, { exit, files }: CommandShape, now: Moment): readonly number[] {
  const { before, earlier, outcomes, run } = session;
  const last = outcomes.slice(-3).map(outcome).reduce(mixHash, 3);
  const previous = mixHash(before?.stub ?? 0, now.ending);
  const known = setHash(
    files.slice(0, FILES_TOLD_MAX).map((file) => {
      const state = session.file(file);
      return state ? mixHash(hashText(state.made), outcome(state.failed)) : 0;
    }),
  );
  const plain = [
    mixHash(1, now.raw),
    mixHash(2, now.target),
    mixHash(3, now.exit),
    mixHash(4, known),
    mixHash(5, last),
    mixHash(6, Math.min(run, 5)),
    mixHash(7, previous),
  ];
  const own = [...plain.slice(0, 5), mixHash(8, previous), mixHash(9, mixHash(earlier, before?.stub ?? 0))];
  return [...slots(GROUP.state, plain), ...slots(GROUP.stateOfExit, own, exit)];
}

function kindGroup(session: FailureSession, shape: CommandShape, now: Moment): readonly number[] {
  const { chain, isGuarded, redirects, files } = shape;
  const own = [
    0,
    mixHash(1, isGuarded ? 1 : 0),
    mixHash(2, Math.min(chain.length, 6)),
    mixHash(3, now.raw),
    mixHash(4, now.target),
    mixHash(5, now.kind),
    mixHash(6, now.files),
    mixHash(7, redirects),
    mixHash(8, Math.min(files.length, 4)),
    mixHash(9, session.outcomes.slice(-2).map(outcome).reduce(mixHash, 2)),
    mixHash(10, mixHash(hashText(session.before?.kind ?? ''), now.ending)),
  ];
  return [...slots(GROUP.kind, own, hashText(shape.kind)), ...slots(GROUP.chain, chain.map(hashText))];
}

/** Of the script that the command runs: the one it brings, or one that was written before. */
function documentGroups(
  session: FailureSession,
  { files, documents, exit, exitName }: CommandShape,
  now: Moment,
): readonly (readonly number[])[] {
  const own = (name: number) => documents.find(({ file }) => file === name) ?? session.document(name);
  const script = exitName.includes('<<')
    ? documents[0]
    : files.map(({ name }) => own(name)).find((document) => document !== undefined);
  const { words = [], traits = [] } = script ?? {};
  return [
    slots(GROUP.written, words, exit),
    [
      ...slots(GROUP.trait, traits),
      ...slots(GROUP.traitOfExit, traits, exit),
      ...slots(GROUP.traitAfter, traits, now.target),
    ],
  ];
}

function toldSlot(kind: number, term: number): number {
  return mixHash(mixHash(GROUP.told, kind), term) & (SLOTS - 1);
}

/** Each once, for weights of their own in this group and with that partner. */
function slots(group: number, hashes: readonly number[], partner = 0): readonly number[] {
  const base = mixHash(group, partner);
  return [...new Set(hashes.map((hash) => mixHash(base, hash) & (SLOTS - 1)))];
}
