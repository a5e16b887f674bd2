/**
 * How a command line goes on for those with little history of their own: by imported packs, the bundled examples, and
 * the workflows that are there to be run.
 */
import type { Belay } from '../belay.ts';
import { bundledPrior } from './bundled-prior.ts';
import { ATTRIBUTION, COLLECTIVE_CONFIDENCE_MAX, type ColdCommand, fromPacks } from './cold-commands.ts';

export interface ColdPrefix {
  readonly prefix: string;
  /** The command before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** One letter says nothing yet. */
const PREFIX_CHARS_MIN = 2;
/** Of what others ran next, those that are looked through. */
const FOLLOWERS_MAX = 200;
const RUN = 'belay run ';
/** Less than that may become anything. */
const RUN_CHARS_MIN = 4;
const RUN_CONFIDENCE_MAX = 0.3;

/** Best first. */
export function coldCompletions(
  { learning, home, library }: Belay,
  { prefix, before, limit }: ColdPrefix,
): readonly ColdCommand[] {
  if (prefix.trim().length < PREFIX_CHARS_MIN) return [];
  const packs = givenPrefix(fromPacks(learning.store, { home, before, limit: FOLLOWERS_MAX }), prefix);
  const examples = bundledPrior()
    .startingWith(prefix, limit)
    .map(({ command, goal, confidence }) => ({
      command,
      confidence,
      reasons: [`${goal}: ${ATTRIBUTION}`],
    }));
  return [...packs, ...workflowRuns(library.list(), prefix), ...examples]
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, limit);
}

/** The chance of each, given that the command begins so. */
function givenPrefix(commands: readonly ColdCommand[], prefix: string): readonly ColdCommand[] {
  const fitting = commands.filter(({ command }) => command.startsWith(prefix));
  const all = fitting.reduce((sum, { confidence }) => sum + confidence, 0);
  return fitting.map((each) => ({
    ...each,
    confidence: (COLLECTIVE_CONFIDENCE_MAX * each.confidence) / all,
  }));
}

/** `belay run NAME`, with what it has to be given. */
function workflowRuns(entries: ReturnType<Belay['library']['list']>, prefix: string): readonly ColdCommand[] {
  if (prefix.length < RUN_CHARS_MIN) return [];
  const fitting = entries.filter(
    ({ name, problem }) => problem === undefined && `${RUN}${name}`.startsWith(prefix),
  );
  return fitting.map(({ name, description, inputs }) => {
    const needed = Object.entries(inputs)
      .filter(([, { required, default: usual }]) => required && usual === undefined)
      .map(([input]) => ` -i ${input}=<${input}>`);
    return {
      command: `${RUN}${name}${needed.join('')}`,
      confidence: RUN_CONFIDENCE_MAX / fitting.length,
      reasons: [
        description === undefined ? 'a workflow that is here' : `a workflow that is here: ${description}`,
      ],
    };
  });
}
