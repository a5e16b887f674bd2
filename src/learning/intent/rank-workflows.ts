/**
 * Workflows by how well they fit an intent: BM25F (Robertson, Zaragoza, Taylor 2004) over their words, as a share of the
 * best score that the intent could get, and the votes of earlier runs with a goal like it.
 */

import type { NearUse } from './intent-memory.ts';
import { intentTerms } from './intent-terms.ts';

const SATURATION = 0.3;
/** What a word is worth where it stands. */
const WEIGHTS = { name: 3, tags: 2, inputs: 2, description: 1.5, steps: 0.5 } as const;
/** A word that no workflow has tells against all of them, but people use many words. */
const NOBODY_SHARE = 0.5;
/** As many earlier runs as the words of a workflow count for. */
const WORDS_COUNT = 2;
const CONFIDENCE_MAX = 0.95;
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

/** @param claimed by workflow: words of the intent that are values of its inputs */
export function rankWorkflows(
  documents: readonly WorkflowDocument[],
  intent: string,
  claimed: ReadonlyMap<string, readonly string[]>,
  near: readonly NearUse[],
): readonly RankedWorkflow[] {
  const terms = [...new Set(intentTerms(intent))];
  if (terms.length === 0) return [];
  const matches = documents.map((document) => matchesOf(document, terms, claimed.get(document.name) ?? []));
  const rarity = terms.map((_, at) => {
    const having = matches.filter((each) => each[at]).length;
    const rare = Math.log(1 + (documents.length - having + 0.5) / (having + 0.5));
    return having === 0 ? rare * NOBODY_SHARE : rare;
  });
  const best = rarity.reduce((sum, each) => sum + each, 0);
  const fits = matches.map((each) =>
    each.reduce((sum, match, at) => {
      const weight = match?.weight ?? 0;
      return sum + ((rarity[at] as number) * weight) / (weight + SATURATION) / best;
    }, 0),
  );
  const squares = fits.reduce((sum, fit) => sum + fit * fit, 0);
  const votes = near.reduce((sum, { similarity }) => sum + similarity, 0);
  return documents
    .map(({ name }, at) => {
      const fit = fits[at] as number;
      const uses = near.filter(({ workflow }) => workflow === name);
      const own = uses.reduce((sum, { similarity }) => sum + similarity, 0);
      const byWords = squares > 0 ? (fit * fit * fit) / squares : 0;
      const confidence = Math.min(CONFIDENCE_MAX, (WORDS_COUNT * byWords + own) / (WORDS_COUNT + votes));
      const matched = terms.flatMap((term, i) => {
        const match = matches[at]?.[i];
        return match ? [{ term, field: match.field }] : [];
      });
      return { name, confidence, matched, uses };
    })
    .filter(({ confidence }) => confidence >= CONFIDENCE_MIN)
    .sort((a, b) => b.confidence - a.confidence);
}

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
