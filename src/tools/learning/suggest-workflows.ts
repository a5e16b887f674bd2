/** Workflows for an intent, with the inputs that the intent names and those that are missing, and why each is offered. */
import { valueProblem } from '../../definition/input-value.ts';
import type { LibraryEntry } from '../../definition/library.ts';
import { matchPatterns } from '../../definition/pattern.ts';
import type { InputSpec, Json, JsonObject } from '../../engine/core/model.ts';
import type { WorkflowFailures } from '../../learning/failure/workflow-failures.ts';
import { extractInputs, type FoundInput } from '../../learning/intent/extract-inputs.ts';
import type { IntentMemory } from '../../learning/intent/intent-memory.ts';
import { intentTerms } from '../../learning/intent/intent-terms.ts';
import {
  hasWord,
  type RankedWorkflow,
  rankWorkflows,
  type WorkflowDocument,
  type WorkflowField,
} from '../../learning/intent/rank-workflows.ts';
import type { SlotModel } from '../../learning/slots/slot-model.ts';
import type { StepCatalogue } from '../step-catalogue.ts';
import { counted, endedWell } from './count-word.ts';
import { failureWarning } from './failure-warning.ts';
import { fillInputs } from './fill-inputs.ts';
import { rounded } from './suggest-commands.ts';
import { workflowWords } from './workflow-words.ts';

/** Each costs a part of a millisecond; words beyond count as not fitting. */
const PATTERN_CHECKS_MAX = 200;
const REASONS_MAX = 4;
/** All of them together below this: silence is better. */
const SUM_MIN = 0.15;
const BRANCH = /(?:^|[-_])branch$/i;

export interface WorkflowSuggestion {
  readonly workflow: string;
  readonly confidence: number;
  readonly reasons: readonly string[];
  readonly inputs: JsonObject;
  /** Required inputs without a value, and those whose value may not be given. */
  readonly missing: readonly string[];
}

/** What there is to suggest from. */
export interface KnownWorkflows {
  readonly entries: readonly LibraryEntry[];
  readonly catalogue: StepCatalogue;
}

/** What was learned of workflows. */
export interface WorkflowModels {
  readonly intents: IntentMemory;
  readonly slots: SlotModel;
  readonly workflows: WorkflowFailures;
}

/** What is known of the place beside the words. */
export interface IntentPlace {
  readonly branch?: string | undefined;
  readonly files?: readonly string[] | undefined;
}

/** Best first. */
export function suggestWorkflows(
  known: KnownWorkflows,
  { intents, slots, workflows }: WorkflowModels,
  intent: string,
  place: IntentPlace = {},
): readonly WorkflowSuggestion[] {
  const { ranked, found, misfits } = rankedFor(known, intents, intent);
  const suggested = ranked
    .map((each, rank) => {
      const trusted = intents.trust(each.confidence, rank);
      const confidence = rounded(Math.min(each.confidenceMax, trusted));
      const entry = known.entries.find(({ name }) => name === each.name) as LibraryEntry;
      const placed = withPlace(found.get(each.name) ?? new Map(), entry, place);
      const inputs = withEarlier(placed, entry, slots);
      const suggestion = withMisfits(
        suggestionOf({ ...each, confidence }, entry, inputs, intent),
        entry,
        misfits.get(each.name) ?? new Map(),
      );
      const { chance, reason } = workflows.predict(each.name, suggestion.inputs);
      return { ...suggestion, reasons: [...suggestion.reasons, ...failureWarning(chance, reason)] };
    })
    .sort((a, b) => b.confidence - a.confidence);
  // many that fit alike share what they know
  const sum = suggested.reduce((total, { confidence }) => total + confidence, 0);
  return sum < SUM_MIN ? [] : suggested;
}

/** Before the memory learns that the workflow was used for that goal: whether it would have been suggested. */
export function judgeSuggestion(
  known: KnownWorkflows,
  memory: IntentMemory,
  goal: string,
  workflow: string,
): void {
  if (!known.entries.some(({ name, problem }) => name === workflow && problem === undefined)) return;
  const { ranked } = rankedFor(known, memory, goal);
  const isKnown = ranked.some(({ name }) => name === workflow);
  memory.learnRank(ranked[0]?.confidence ?? 0, isKnown, ranked[0]?.name === workflow);
}

function rankedFor(
  { entries, catalogue }: KnownWorkflows,
  memory: IntentMemory,
  intent: string,
): {
  readonly ranked: readonly RankedWorkflow[];
  readonly found: ReadonlyMap<string, ReadonlyMap<string, FoundInput>>;
  /** By workflow and input: values that the intent names and that may not be given. */
  readonly misfits: ReadonlyMap<string, ReadonlyMap<string, Json>>;
} {
  const usable = entries.filter(({ problem }) => problem === undefined);
  const fits = fitting();
  const documents = usable.map((entry) => workflowWords(entry, catalogue));
  const misfits = new Map<string, ReadonlyMap<string, Json>>();
  const found = new Map(
    usable.map(({ name, inputs: specs }, at) => {
      const isOwn = (word: string): boolean => hasWord(documents[at] as WorkflowDocument, word);
      const earlier = (input: string): readonly Json[] => memory.valuesOf(name, input);
      const unfit = new Map<string, Json>();
      misfits.set(name, unfit);
      const misfit = (input: string, value: Json): unknown => unfit.set(input, value);
      return [name, extractInputs(intent, { specs, fits, earlier, isOwn, misfit })];
    }),
  );
  const wordsOf = (isGuess: boolean): ReadonlyMap<string, readonly string[]> =>
    new Map(
      [...found].map(([name, inputs]) => [
        name,
        [...inputs.values()].filter((one) => (one.isGuess ?? false) === isGuess).map(({ words }) => words),
      ]),
    );
  const ranked = rankWorkflows(documents, intent, wordsOf(false), memory.near(intent), wordsOf(true));
  return { ranked, found, misfits };
}

/** What the words leave open and the place says: the branch, and the one file that matters. */
function withPlace(
  found: ReadonlyMap<string, FoundInput>,
  { inputs: specs }: LibraryEntry,
  { branch, files = [] }: IntentPlace,
): ReadonlyMap<string, FoundInput> {
  const fits = fitting();
  const open = Object.entries(specs).filter(
    ([input, { required, default: usual }]) => required && usual === undefined && !found.has(input),
  );
  const filled = open.flatMap(([input, spec]): readonly [string, FoundInput][] => {
    const isFile = spec.type === 'file' && files.length === 1;
    const value = isFile ? files[0] : BRANCH.test(input) ? branch : undefined;
    const how = isFile ? 'the only file of the context' : 'the branch of the context';
    return value !== undefined && fits(spec, value) ? [[input, { value, how, words: '' }]] : [];
  });
  return new Map([...found, ...filled]);
}

/** What is still open, from what the user gave it before. */
function withEarlier(
  found: ReadonlyMap<string, FoundInput>,
  { name, inputs: specs }: LibraryEntry,
  slots: SlotModel,
): ReadonlyMap<string, FoundInput> {
  const open = Object.entries(specs).filter(
    ([input, { required, default: usual }]) => required && usual === undefined && !found.has(input),
  );
  if (open.length === 0) return found;
  const given = Object.fromEntries([...found].map(([input, { value }]) => [input, value]));
  const filled = fillInputs(slots, name, open, given, fitting());
  const earlier = [...filled].map(([input, one]): [string, FoundInput] => [input, { ...one, words: '' }]);
  return new Map([...found, ...earlier]);
}

function fitting(): (spec: InputSpec, value: Json) => boolean {
  const known = new Map<string, boolean>();
  const slow = new Set<string>();
  return (spec, value) => {
    if (valueProblem(spec, value) !== undefined) return false;
    const { pattern } = spec;
    if (pattern === undefined || typeof value !== 'string') return true;
    const key = `${pattern}\n${value}`;
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    if (known.size >= PATTERN_CHECKS_MAX || slow.has(pattern)) return false;
    const [matched] = matchPatterns([{ pattern, value }]);
    if (matched === 'slow') slow.add(pattern);
    known.set(key, matched === true);
    return matched === true;
  };
}

function suggestionOf(
  ranked: RankedWorkflow,
  { name, inputs: specs }: LibraryEntry,
  found: ReadonlyMap<string, FoundInput>,
  intent: string,
): WorkflowSuggestion {
  const read = [...found].map(
    ([input, { value, how }]) => `\`${input}\` is ${JSON.stringify(value)}: ${how}`,
  );
  return {
    workflow: name,
    confidence: ranked.confidence,
    reasons: [...usesReason(ranked), ...wordsReason(ranked, intent), ...read].slice(0, REASONS_MAX),
    inputs: Object.fromEntries([...found].map(([input, { value }]) => [input, value])),
    missing: Object.entries(specs)
      .filter(([input, { required, default: usual }]) => required && usual === undefined && !found.has(input))
      .map(([input]) => input),
  };
}

/** What the intent wants and cannot have is said, and asked for: a default would be something else. */
function withMisfits(
  suggestion: WorkflowSuggestion,
  { inputs: specs }: LibraryEntry,
  misfits: ReadonlyMap<string, Json>,
): WorkflowSuggestion {
  const open = [...misfits].filter(([input]) => suggestion.inputs[input] === undefined);
  const reasons = open.map(([input, value]) => {
    const problem = valueProblem(specs[input] as InputSpec, value)?.message ?? 'does not fit its pattern';
    return `\`${input}\` ${problem}`;
  });
  const missing = new Set([...suggestion.missing, ...open.map(([input]) => input)]);
  return { ...suggestion, reasons: [...suggestion.reasons, ...reasons], missing: [...missing] };
}

/** `three earlier runs with this goal used fix-validation, all succeeded`. */
function usesReason({ name, uses }: RankedWorkflow): readonly string[] {
  if (uses.length === 0) return [];
  const well = uses.filter(({ ending }) => ending === 'succeeded' || ending === 'partial').length;
  const goal = uses.every(({ similarity }) => similarity === 1) ? 'this goal' : 'a goal like this';
  const runs = counted(uses.length, 'earlier run');
  return [`${runs} with ${goal} used ${name}, ${endedWell(well, uses.length)}`];
}

const PLACES: { readonly [field in WorkflowField]: string } = {
  name: 'name',
  tags: 'tags',
  inputs: 'inputs',
  description: 'description',
  steps: 'steps',
};

/** What stands around a word in a sentence. */
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/** In the words of the intent, not as they are compared. */
function wordsReason({ matched }: RankedWorkflow, intent: string): readonly string[] {
  const words = [...new Set(intent.split(/\s+/).map((word) => word.replace(EDGES, '')))];
  const parts = (Object.keys(PLACES) as WorkflowField[]).flatMap((field) => {
    const terms = new Set(matched.filter((match) => match.field === field).map(({ term }) => term));
    const shown = words.filter((word) => intentTerms(word).some((term) => terms.has(term)));
    return shown.length > 0
      ? [`${shown.map((word) => `\`${word}\``).join(', ')} in its ${PLACES[field]}`]
      : [];
  });
  return parts.length > 0 ? [parts.join('; ')] : [];
}
