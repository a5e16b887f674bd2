/**
 * Workflows by how well they fit an intent: BM25F (Robertson, Zaragoza, Taylor 2004) over their words, as a share of the
 * best score that the intent could get, and the votes of earlier runs with a goal like it.
 */

import type { NearUse } from './intent-memory.ts';
import { intentTerms } from './intent-terms.ts';

const SATURATION = 0.3;
/** What a word is worth where it stands. */
const WEIGHTS = { name: 3, tags: 2, inputs: 2, description: 1.5, steps: 0.5 } as const;
/** How far a word vouches for a workflow where it stands; one alone in a step may be there by chance. */
const VOUCHES = { name: 1, tags: 0.5, description: 0.5, inputs: 0.3, steps: 0.25 } as const;
/** Beside a word in the name, what is enough that a word nobody knows may be a value. */
const VOUCHED_BESIDE = 0.5;
/** A letter alone is no word. */
const TERM_CHARS_MIN = 2;
/** A word that no workflow has tells against all of them, but people use many words. */
const NOBODY_SHARE = 0.5;
/** As many earlier runs as the words of a workflow count for. */
const WORDS_COUNT = 2;
/** Of each ending that has not come, as Krichevsky and Trofimov (1981) count it. */
const UNSEEN_COUNT = 0.5;
const CONFIDENCE_MIN = 0.08;
/** Shorter beginnings say little: `prod` and `product` are two words. */
const PREFIX_CHARS_MIN = 5;

export type WorkflowField = keyof typeof WEIGHTS;

/** The words of a workflow, cut into terms once. */
export interface WorkflowDocument {
  readonly name: string;
  readonly terms: ReadonlyMap<string, { readonly weight: number; readonly field: WorkflowField }>;
}

export interface RankedWorkflow {
  readonly name: string;
  /** The chance that it is what was meant. */
  readonly confidence: number;
  /** What so many earlier runs allow at most, however often such suggestions were right. */
  readonly confidenceMax: number;
  /** Words of the intent that it has too, by where. */
  readonly matched: readonly { readonly term: string; readonly field: WorkflowField }[];
  /** Earlier runs with a goal like it that used this workflow. */
  readonly uses: readonly NearUse[];
}

export function workflowDocument(
  name: string,
  texts: Readonly<Record<WorkflowField, string>>,
): WorkflowDocument {
  const terms = new Map<string, { weight: number; field: WorkflowField }>();
  for (const field of Object.keys(WEIGHTS) as WorkflowField[]) {
    for (const term of new Set(intentTerms(texts[field]))) {
      const known = terms.get(term);
      if (known) known.weight += WEIGHTS[field];
      else terms.set(term, { weight: WEIGHTS[field], field });
    }
  }
  return { name, terms };
}

/**
 * @param claimed by workflow: words of the intent that are values of its inputs
 * @param guessed those that may be values, since nothing else is known of them
 */
export function rankWorkflows(
  documents: readonly WorkflowDocument[],
  intent: string,
  claimed: ReadonlyMap<string, readonly string[]>,
  near: readonly NearUse[],
  guessed: ReadonlyMap<string, readonly string[]> = new Map(),
): readonly RankedWorkflow[] {
  const terms = [...new Set(intentTerms(intent))].filter((term) => term.length >= TERM_CHARS_MIN);
  if (terms.length === 0) return [];
  const matches = documents.map((document) => matchesOf(document, terms, claimed.get(document.name) ?? []));
  const rarity = terms.map((_, at) => {
    const having = matches.filter((each) => each[at]).length;
    const rare = Math.log(1 + (documents.length - having + 0.5) / (having + 0.5));
    return having === 0 ? rare * NOBODY_SHARE : rare;
  });
  const vouched = matches.map((each) =>
    each.reduce((sum, match) => sum + (match ? VOUCHES[match.field] : 0), 0),
  );
  const fits = documents.map(({ name }, at) => {
    const open = new Set((guessed.get(name) ?? []).flatMap(intentTerms));
    // a word that may be a value tells against a workflow only as long as little else tells for it
    const forgiven = Math.min(1, Math.max(0, (vouched[at] as number) - 1) / VOUCHED_BESIDE);
    return fitOf(matches[at] as readonly Match[], rarity, (i) =>
      open.has(terms[i] as string) ? 1 - forgiven : 1,
    );
  });
  const called = nameIn(intent);
  const isCalled = documents.some(({ name }) => name === called);
  const squares = fits.reduce((sum, fit) => sum + fit * fit, 0);
  const votes = near.reduce((sum, { similarity }) => sum + similarity, 0);
  return documents
    .map(({ name }, at) => {
      const fit = fits[at] as number;
      const uses = near.filter(({ workflow }) => workflow === name);
      const own = uses.reduce((sum, { similarity }) => sum + similarity, 0);
      const shared = squares > 0 ? (Math.min(1, vouched[at] as number) * fit * fit * fit) / squares : 0;
      const byWords = isCalled ? Number(name === called) : shared;
      const matched = matchedIn(terms, matches[at] as readonly Match[]);
      return { name, ...confidenceOf(byWords, own, votes), matched, uses };
    })
    .filter(({ confidence }) => confidence >= CONFIDENCE_MIN)
    .sort((a, b) => b.confidence - a.confidence);
}

/** A workflow that was saved for a goal is called after it, also by words that say little. */
const nameIn = (intent: string): string | undefined =>
  intent
    .toLowerCase()
    .match(/[a-z0-9]+/g)
    ?.join('-');

/** `own` of the earlier runs, `votes` in all, used the workflow. */
function confidenceOf(
  byWords: number,
  own: number,
  votes: number,
): Pick<RankedWorkflow, 'confidence' | 'confidenceMax'> {
  const [count, all] = [WORDS_COUNT * byWords + own, WORDS_COUNT + votes];
  const confidence = Math.min(count / all, succession(count, all));
  // what calibration adds may be more than the words say, and never more than the runs do
  return { confidence, confidenceMax: succession(WORDS_COUNT + own, all) };
}

/** The chance that it comes again, however often it came: what has not come yet may. */
const succession = (count: number, all: number): number => (count + UNSEEN_COUNT) / (all + 2 * UNSEEN_COUNT);

/** Its score as a share of the best that it could get; `missed`: how much a word counts that it does not have. */
function fitOf(
  matches: readonly Match[],
  rarity: readonly number[],
  missed: (term: number) => number,
): number {
  let [score, best] = [0, 0];
  for (const [at, match] of matches.entries()) {
    const weight = match?.weight ?? 0;
    const rare = rarity[at] as number;
    score += (rare * weight) / (weight + SATURATION);
    best += match ? rare : rare * missed(at);
  }
  return best === 0 ? 0 : score / best;
}

const matchedIn = (terms: readonly string[], matches: readonly Match[]): RankedWorkflow['matched'] =>
  terms.flatMap((term, at) => {
    const match = matches[at];
    return match ? [{ term, field: match.field }] : [];
  });

type Match = { readonly weight: number; readonly field: WorkflowField } | undefined;

/** The workflow itself has the word, or one that begins like it. */
export const hasWord = (document: WorkflowDocument, word: string): boolean =>
  matchesOf(document, intentTerms(word), []).some((match) => match !== undefined);

/** For each term of the intent what the workflow has of it. */
function matchesOf(
  { terms: own }: WorkflowDocument,
  terms: readonly string[],
  claimed: readonly string[],
): readonly Match[] {
  const values = new Set(claimed.flatMap(intentTerms));
  return terms.map((term): Match => {
    if (values.has(term)) return { weight: WEIGHTS.inputs, field: 'inputs' };
    const same = own.get(term);
    if (same || term.length < PREFIX_CHARS_MIN) return same;
    for (const [other, match] of own) {
      const isNear = other.length >= PREFIX_CHARS_MIN && (other.startsWith(term) || term.startsWith(other));
      if (isNear) return match;
    }
    return undefined;
  });
}
