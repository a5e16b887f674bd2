/**
 * Commands for those with little history of their own: what others ran next, from imported packs, and what the bundled
 * examples say of a goal. The own log is asked how much it knows: the more, the less others count.
 */
import { shrunk } from '../../learning/pack/collective-prior.ts';
import { readCommand } from '../../learning/shell/read-command.ts';
import { shownStub } from '../../learning/shell/shown-form.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { collectivePrior } from '../packs/collective.ts';
import { bundledPrior } from './bundled-prior.ts';

export interface ColdQuestion {
  readonly home: string;
  readonly intent?: string | undefined;
  /** The command before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface ColdCommand {
  /** What is to be filled in stands as `<name>`. */
  readonly command: string;
  readonly confidence: number;
  readonly reasons: readonly string[];
}

/** Other people's next commands are a hint, however often they came. */
export const COLLECTIVE_CONFIDENCE_MAX = 0.4;
const CONFIDENCE_MIN = 0.05;
/** Whose the bundled examples are. */
export const ATTRIBUTION = 'an example of tldr-pages (CC-BY-4.0)';

/** Best first. */
export function coldCommands(
  log: Pick<LearningStore, 'followers'>,
  question: ColdQuestion,
): readonly ColdCommand[] {
  return [...fromPacks(log, question), ...fromExamples(question)]
    .filter(({ confidence }) => confidence >= CONFIDENCE_MIN)
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, question.limit);
}

/** What others ran after the command before. */
export function fromPacks(
  log: Pick<LearningStore, 'followers'>,
  { home, before, limit }: Omit<ColdQuestion, 'intent'>,
): readonly ColdCommand[] {
  const collective = before === undefined ? undefined : collectivePrior(home);
  if (before === undefined || !collective) return [];
  const { stub } = readCommand(before);
  const own = log.followers(stub);
  return collective.after(before, limit).map(({ template, share, times, sources }) => ({
    command: template,
    confidence: Math.min(
      COLLECTIVE_CONFIDENCE_MAX,
      shrunk(own.byStub.get(readCommand(template).stub) ?? 0, own.total, share),
    ),
    reasons: [
      `after ${shownStub(stub)} others ran it ${Math.round(times)} of ${Math.round(times / share)} times ` +
        `(${sources} ${sources === 1 ? 'source' : 'sources'} of imported packs)`,
    ],
  }));
}

function fromExamples({ intent, limit }: ColdQuestion): readonly ColdCommand[] {
  if (intent === undefined || intent.trim() === '') return [];
  return bundledPrior()
    .commandsFor(intent, limit)
    .map(({ command, goal, confidence }) => ({
      command,
      confidence,
      reasons: [`${goal}: ${ATTRIBUTION}`],
    }));
}
