/** Found patterns as suggestions: those that what was just done begins, or whose words are those of the intent. */
import type { JsonObject } from '../../engine/core/model.ts';
import { intentTerms } from '../../learning/intent/intent-terms.ts';
import { occurrences } from '../../learning/mine/mine-sequences.ts';
import { readCommand } from '../../learning/shell/read-command.ts';
import { shownStub } from '../../learning/shell/shown-form.ts';
import type { FoundPattern, FoundPatterns } from './pattern-miner.ts';
import { rounded } from './suggest-commands.ts';

export interface NewWorkflowSuggestion {
  readonly pattern: string;
  readonly definition: JsonObject;
  readonly confidence: number;
  readonly reasons: readonly string[];
}

export interface NewWorkflowQuestion {
  readonly recent: readonly string[];
  readonly intent?: string | undefined;
  /** Of the newest of the recent commands. */
  readonly lastExitCode?: number | undefined;
}

const GAP_MAX = 2;
/** Share of the intent's words that a pattern has to have. */
const WORDS_MIN = 0.5;

/** Best first; without an intent and recent commands by how usual they are. */
export function suggestNewWorkflows(
  { patterns, sessions }: FoundPatterns,
  { recent, intent, lastExitCode = 0 }: NewWorkflowQuestion,
): readonly NewWorkflowSuggestion[] {
  const isFree = intent === undefined && recent.length === 0;
  // where the newest command failed, nothing says that the rest comes
  const stubs = lastExitCode === 0 ? recent.map((command) => readCommand(command).stub) : [];
  return patterns
    .flatMap((pattern) => suggestionOf(pattern, sessions, { stubs, intent, isFree }) ?? [])
    .sort((a, b) => b.confidence - a.confidence);
}

function suggestionOf(
  pattern: FoundPattern,
  sessions: number,
  {
    stubs,
    intent,
    isFree,
  }: { readonly stubs: readonly string[]; readonly intent: string | undefined; readonly isFree: boolean },
): NewWorkflowSuggestion | undefined {
  const { id, mined, seen, times, succeeded, definition } = pattern;
  const begun = begunSteps(mined, stubs);
  const words = intent === undefined ? 0 : sharedWords(pattern, intent);
  if (!isFree && begun === 0 && words < WORDS_MIN) return undefined;
  const began = begun > 0 ? (pattern.begun[begun - 1] ?? seen) : sessions;
  // the share of times that it came, with one more time that it did and one that it did not
  const share = (seen + 1) / (began + 2);
  const reasons = [
    `seen in ${seen} of ${sessions} sessions`,
    ...(begun > 0
      ? [`after ${mined.slice(0, begun).map(shownStub).join(', ')} the rest came ${seen} of ${began} times`]
      : []),
    // histories of shells do not say how commands ended
    ...(times > 0 ? [`${succeeded} of ${times} times all steps ended well`] : []),
  ];
  return { pattern: id, definition, confidence: rounded(begun > 0 ? share : share * (words || 1)), reasons };
}

/** How many of its steps have just been done, in order; all of them is over, not begun. */
function begunSteps(steps: readonly string[], recent: readonly string[]): number {
  for (let count = steps.length - 1; count > 0; count -= 1) {
    const places = occurrences(steps.slice(0, count), recent, GAP_MAX);
    if (places.some((place) => (place.at(-1) as number) >= recent.length - 1 - GAP_MAX)) return count;
  }
  return 0;
}

function sharedWords({ definition, steps }: FoundPattern, intent: string): number {
  const told = (definition.steps as readonly JsonObject[]).map(({ description }) => description ?? '');
  const own = new Set(intentTerms([definition.name, ...steps, ...told].join(' ')));
  const asked = [...new Set(intentTerms(intent))];
  return asked.length === 0 ? 0 : asked.filter((term) => own.has(term)).length / asked.length;
}
