/**
 * Why the id of a pattern cannot be forgotten, and what can be in its place: a pattern is made anew of what was learned, so
 * only that can go.
 */
import type { Belay } from '../belay.ts';
import { goalSources } from '../learning/suggest-goal-commands.ts';
import type { ToolError } from '../tool.ts';

const MINED = /^p-[0-9a-f]{12}$/;
const GOAL = /^g-\d[\d-]*$/;
/** It only makes the words better. */
const WAIT_MS = 1_000;
const NAMED_MAX = 5;

/** Undefined where the text is no such id. */
export async function patternRefusal(
  { learning, catalogue }: Pick<Belay, 'learning' | 'catalogue'>,
  text: string,
): Promise<ToolError | undefined> {
  if (GOAL.test(text)) return goalRefusal(text, goalSources(learning.store, text));
  if (!MINED.test(text)) return undefined;
  const miner = await learning.miner(catalogue);
  const { steps } = (await miner.pattern(text, WAIT_MS)) ?? {};
  if (steps === undefined) return unknownPattern(text);
  return {
    code: 'usage',
    message: `\`${text}\` is a pattern, made anew as long as ${listed(steps)} come again; expected what it is made of`,
    hint: `belay learn --forget '${steps[0]}' forgets every command with that text anywhere in it, and with \`*\` for any text fewer of them`,
  };
}

function goalRefusal(text: string, sources: readonly string[]): ToolError {
  if (sources.length === 0) return unknownPattern(text);
  return {
    code: 'usage',
    message: `\`${text}\` is made of ${listed(sources)}; expected one of these, or a text in its commands`,
    hint: `belay learn --forget ${sources[0]} forgets the first of them`,
  };
}

const unknownPattern = (text: string): ToolError => ({
  code: 'usage',
  message: `nothing is learned with \`${text}\` in it, and no pattern of that id is known`,
  hint: 'belay learn lists what can be forgotten; belay suggest shows the patterns that there are',
});

function listed(texts: readonly string[]): string {
  const named = texts.slice(0, NAMED_MAX).map((text) => `\`${text}\``);
  const more = texts.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
