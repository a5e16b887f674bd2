/**
 * Values for the inputs of a workflow, read out of an intent: by name (`replicas=3`, `3 replicas`, `branch main`), by
 * the values an input may have or had before, by type. Owns finding; whether a value fits is the caller's word.
 * 1. A word is the value of one input at most.
 * 2. Nothing is guessed: where two words would do, neither is taken.
 */
import type { InputSpec, Json } from '../../engine/core/model.ts';
import { typeWord } from '../shell/type-word.ts';
import { findNamed, type Named } from './find-named.ts';
import { intentTerms } from './intent-terms.ts';
import { type IntentWord, intentWords, nameWords, numberOf } from './intent-words.ts';

export interface FoundInput {
  readonly value: Json;
  /** The words of the intent that it was read from. */
  readonly words: string;
  /** How it was found, for people. */
  readonly how: string;
  /** Any word would do in its place: that there is one says nothing about whether the workflow is meant. */
  readonly isGuess?: true;
}

export interface InputQuestion {
  readonly specs: { readonly [name: string]: InputSpec };
  /** What the input was given before, newest first. */
  readonly earlier: (name: string) => readonly Json[];
  /** The value may be given for that input. */
  readonly fits: (spec: InputSpec, value: Json) => boolean;
  /** Told of values that the words name and that may not be given. */
  readonly misfit?: (name: string, value: Json) => void;
  /** The word speaks of the workflow itself. */
  readonly isOwn: (word: string) => boolean;
}

interface Search extends InputQuestion {
  readonly words: readonly IntentWord[];
  readonly taken: Set<number>;
  readonly found: Map<string, FoundInput>;
}

type Finder = (
  search: Search,
  name: string,
  spec: InputSpec,
) => (FoundInput & { at: readonly number[] }) | undefined;

const WORDS_MAX = 200;
const ENUM_PREFIX_CHARS_MIN = 3;
const PATH_WORDS: ReadonlySet<string> = new Set(
  'in at under file folder directory path repo repository'.split(' '),
);
/** Fits where any word does. */
const ANY_WORD = 'word';
/** Join what is to be done, and are no value of it. */
const JOINTS: ReadonlySet<string> = new Set('and or then but so when while if before after'.split(' '));

/** The surest way first: what it finds is no longer there for the others. */
const FINDERS: readonly Finder[] = [
  byAssignment,
  byChoice,
  byName,
  byEarlierValue,
  byPattern,
  byType,
  byNumber,
  byRest,
];

export function extractInputs(intent: string, question: InputQuestion): ReadonlyMap<string, FoundInput> {
  const words = intentWords(intent).slice(0, WORDS_MAX);
  const found = new Map<string, FoundInput>();
  const search: Search = { ...question, words, taken: new Set(), found };
  for (const find of FINDERS) {
    for (const [name, spec] of Object.entries(question.specs)) {
      if (found.has(name)) continue;
      const one = find(search, name, spec);
      if (!one) continue;
      for (const at of one.at) search.taken.add(at);
      const words = one.at.map((at) => search.words[at]?.text ?? '').join(' ');
      const { value, how, isGuess } = one;
      found.set(name, { value, how, words: one.words || words, ...(isGuess && { isGuess }) });
    }
  }
  return found;
}

/** `env=prod`, `env: prod`, `--env prod`. */
function byAssignment({ words, fits, misfit }: Search, name: string, spec: InputSpec): ReturnType<Finder> {
  for (const [at, { text }] of words.entries()) {
    const match = /^-{0,2}([\w-]+)[=:](.+)$/.exec(text);
    const isNext = text === `--${name}` || text === `${name}:` || text === `${name}=`;
    const written = match?.[1] === name ? match[2] : isNext ? words[at + 1]?.text : undefined;
    const value = written === undefined ? undefined : readAs(spec, written);
    if (value !== undefined && fits(spec, value))
      return { value, words: '', how: 'given by name', at: isNext ? [at, at + 1] : [at] };
    if (value !== undefined) misfit?.(name, value);
  }
  return undefined;
}

/** One of the values it may have, or the beginning of one. */
function byChoice({ words, taken, fits }: Search, _: string, spec: InputSpec): ReturnType<Finder> {
  const choices = spec.enum ?? [];
  const hits = words.flatMap(({ lower }, at) => {
    if (taken.has(at)) return [];
    const exact = choices.find((choice) => String(choice).toLowerCase() === lower);
    const near = choices.filter((choice) => isBeginning(String(choice).toLowerCase(), lower));
    const value = exact ?? (near.length === 1 ? near[0] : undefined);
    return value === undefined ? [] : [{ value, at, isExact: exact !== undefined }];
  });
  const exact = hits.filter(({ isExact }) => isExact);
  const [hit, ...others] = exact.length > 0 ? exact : hits;
  if (!hit || others.some(({ value }) => value !== hit.value) || !fits(spec, hit.value)) return undefined;
  return { value: hit.value, words: '', how: 'one of its values', at: [hit.at] };
}

const isBeginning = (choice: string, word: string): boolean =>
  Math.min(choice.length, word.length) >= ENUM_PREFIX_CHARS_MIN &&
  (choice.startsWith(word) || word.startsWith(choice));

/** Beside its name: `3 replicas`, `replicas to 3`, `branch main`, `without cache`. */
function byName(search: Search, name: string, spec: InputSpec): ReturnType<Finder> {
  const { words, taken, fits, misfit } = search;
  const named = findNamed(words, nameWords(name), taken);
  if (!named) return undefined;
  if (spec.type === 'boolean') {
    const value = !named.isDenied;
    return fits(spec, value) ? { value, words: '', how: 'named', at: named.at } : undefined;
  }
  const isNumber = isNumeric(spec);
  for (const at of isNumber ? named.around : placesOf(spec, named, words)) {
    const word = words[at];
    const isFree = word && !taken.has(at) && !(word.isPlain && JOINTS.has(word.lower));
    const value = isFree ? readAs(spec, word.text) : undefined;
    if (value === undefined || (isNumber && hasAlternative(words, at))) continue;
    const how = 'beside its name';
    if (fits(spec, value))
      return { value, words: '', how, at: [...named.at, at], ...guessedWhere(spec, fits) };
    if (isNumber) misfit?.(name, value);
  }
  return undefined;
}

/** Where any word fits. */
const guessedWhere = (spec: InputSpec, fits: InputQuestion['fits']): Pick<FoundInput, 'isGuess'> =>
  (spec.type === 'string' || spec.type === 'file') && fits(spec, ANY_WORD) ? { isGuess: true } : {};

/** A list may stand before its name: `a,b regions`. */
const placesOf = (
  { type }: InputSpec,
  { around, behind }: Named,
  words: readonly IntentWord[],
): readonly number[] => (type === 'array' && words[around[0] ?? -1]?.text.includes(',') ? around : behind);

/** `2 or 3`: nobody has decided. */
function hasAlternative(words: readonly IntentWord[], at: number): boolean {
  const isOther = (or: number, other: number): boolean =>
    words[or]?.lower === 'or' && numberOf(words[other]?.text ?? '') !== undefined;
  return isOther(at - 1, at - 2) || isOther(at + 1, at + 2);
}

/** A word that it was given before. */
function byEarlierValue(
  { words, taken, earlier, fits }: Search,
  name: string,
  spec: InputSpec,
): ReturnType<Finder> {
  if (spec.type === 'boolean') return undefined;
  const known = earlier(name);
  for (const [at, { text, lower }] of words.entries()) {
    if (taken.has(at)) continue;
    const value = known.find((each) => each === text || String(each).toLowerCase() === lower);
    if (value !== undefined && typeof value === 'string' && fits(spec, value))
      return { value, words: '', how: 'a value that it had before', at: [at] };
  }
  return undefined;
}

/** The one word that its pattern lets through, where the pattern tells words apart. */
function byPattern({ words, taken, fits }: Search, _: string, spec: InputSpec): ReturnType<Finder> {
  if (spec.pattern === undefined || spec.enum || spec.type !== 'string') return undefined;
  const free = [...words.keys()].filter((at) => !taken.has(at) && !words[at]?.isPlain);
  const fitting = free.filter((at) => fits(spec, (words[at] as IntentWord).text));
  const [only, ...others] = fitting;
  if (only === undefined || others.length > 0) return undefined;
  return {
    value: (words[only] as IntentWord).text,
    words: '',
    how: 'the only word that fits its pattern',
    at: [only],
    ...guessedWhere(spec, fits),
  };
}

/** The one path for a file, the one version, address or quoted text for what is called so. */
function byType({ words, taken, fits }: Search, name: string, spec: InputSpec): ReturnType<Finder> {
  if (spec.type !== 'file' && spec.type !== 'string') return undefined;
  const wanted = spec.type === 'file' ? 'path' : TYPE_NAMES.find(([pattern]) => pattern.test(name))?.[1];
  if (!wanted) return undefined;
  const fitting = [...words.keys()].filter((at) => {
    const word = words[at] as IntentWord;
    if (taken.has(at) || !fits(spec, word.text)) return false;
    if (wanted === 'text') return word.isQuoted;
    return typeWord(word.text) === wanted && (wanted !== 'path' || isPath(word.text, words[at - 1]?.lower));
  });
  const [only, ...others] = fitting;
  if (only === undefined || others.length > 0) return undefined;
  return { value: (words[only] as IntentWord).text, words: '', how: `the only ${wanted}`, at: [only] };
}

/** The one number, where one number is missing: other words would say which they are for. */
function byNumber(
  { words, taken, fits, specs, found }: Search,
  name: string,
  spec: InputSpec,
): ReturnType<Finder> {
  const open = Object.entries(specs).filter(([other, each]) => isNumeric(each) && isOpen(other, each, found));
  if (open.length !== 1 || open[0]?.[0] !== name) return undefined;
  const [only, ...others] = [...words.keys()].filter(
    (at) => !taken.has(at) && /^[-+]?\d/.test((words[at] as IntentWord).text),
  );
  const value = only === undefined ? undefined : numberOf((words[only] as IntentWord).text);
  if (only === undefined || value === undefined || others.length > 0 || !fits(spec, value)) return undefined;
  return { value, words: '', how: 'the only number', at: [only] };
}

const isNumeric = ({ type }: InputSpec): boolean => type === 'integer' || type === 'number';

const isOpen = (name: string, { required, default: usual }: InputSpec, found: Search['found']): boolean =>
  required && usual === undefined && !found.has(name);

/** A branch has a slash too. */
const isPath = (word: string, before = ''): boolean =>
  /^[.~/]|\.\w{1,5}$/.test(word) || PATH_WORDS.has(before);

/** Where one required value is missing and one word says nothing else, that is it. */
function byRest(
  { words, taken, fits, isOwn, specs, found }: Search,
  name: string,
  spec: InputSpec,
): ReturnType<Finder> {
  const open = Object.entries(specs).filter(([other, each]) => isOpen(other, each, found));
  if (open.length !== 1 || open[0]?.[0] !== name || spec.type !== 'string' || spec.enum) return undefined;
  const free = [...words.keys()].filter((at) => !taken.has(at) && saysSomething(words[at] as IntentWord));
  const rest = free.filter((at) => !isOwn((words[at] as IntentWord).text));
  const [only, ...others] = rest;
  // an intent that says nothing of the workflow is about something else; its first word says what to do
  if (only === undefined || only === 0 || others.length > 0 || free.length < 2) return undefined;
  // `3 replicas`: what is counted is a thing, and no value
  if (numberOf(words[only - 1]?.text ?? '') !== undefined) return undefined;
  const value = (words[only] as IntentWord).text;
  const how = 'the only word left';
  return fits(spec, value) ? { value, words: '', how, at: [only], isGuess: true } : undefined;
}

const saysSomething = ({ text, isQuoted }: IntentWord): boolean => isQuoted || intentTerms(text).length > 0;

const TYPE_NAMES: readonly (readonly [RegExp, string])[] = [
  [/version|release|tag/i, 'version'],
  [/url|address|endpoint|link/i, 'url'],
  [/path|file|folder|dir|repo/i, 'path'],
  [/commit|sha|revision|hash/i, 'hash'],
  [/message|title|text|comment|command|test|query/i, 'text'],
];

/** Undefined where the word is no value of that type. */
function readAs({ type }: InputSpec, word: string): Json | undefined {
  if (type === 'string' || type === 'file') return word;
  if (type === 'boolean')
    return /^(?:true|yes|on)$/i.test(word) ? true : /^(?:false|no|off)$/i.test(word) ? false : undefined;
  if (type === 'number' || type === 'integer') return numberOf(word);
  return type === 'array' ? word.split(',').filter((each) => each !== '') : undefined;
}
