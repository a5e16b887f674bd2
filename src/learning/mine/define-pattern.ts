/**
 * A definition out of a mined sequence: the most frequent form that its commands had together. Values that varied become
 * inputs; one that was new each time has no default.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../engine/core/model.ts';
import { varyingInputs, withInputs } from './command-inputs.ts';
import { commandValues } from './command-values.ts';
import { defineCommands } from './define-commands.ts';
import { occurrences } from './mine-sequences.ts';
import { isWork, workIn } from './work-in-sequence.ts';

/** One command of a session that was mined; `stub` is what was mined. */
export interface MinedStep {
  readonly stub: string;
  readonly command: string;
  readonly exitCode?: number | undefined;
  readonly intent?: string | undefined;
}

export interface DefinedPattern {
  readonly id: string;
  readonly steps: readonly string[];
  readonly definition: JsonObject;
  /** The newest times of which is known how they ended, and of those the ones in which every step ended well. */
  readonly times: number;
  readonly succeeded: number;
}

const GAP_MAX = 2;
const TIMES_MAX = 100;
const COMMAND_CHARS_MAX = 500;
const ALIKE_MIN = 2;
/** In the place of a value; no text has it. */
const VALUE = '\0';

/** The same for the same steps, whatever else is mined. */
export const patternId = (steps: readonly string[]): string =>
  `p-${createHash('sha256').update(JSON.stringify(steps)).digest('hex').slice(0, 12)}`;

/** Undefined where it is no workflow, or no time is fit to be shown: a command too long, or of several lines. */
export function definePattern(
  mined: readonly string[],
  sessions: readonly (readonly MinedStep[])[],
): DefinedPattern | undefined {
  const steps = workIn(mined);
  if (!steps) return undefined;
  const times = sessions
    .flatMap((session) => timesIn(mined, session))
    .map((time) => time.filter(({ stub }) => isWork(stub)))
    .filter((time) => time.every(isFit))
    .slice(-TIMES_MAX);
  const shown = alike(times);
  // commands that never were the same twice, values aside, are a habit rather than a workflow
  if (shown.length < ALIKE_MIN) return undefined;
  const definition = defineTimes(shown);
  const succeeded = times.filter((time) => time.every(({ exitCode }) => exitCode === 0)).length;
  const failed = times.filter((time) => time.some(({ exitCode = 0 }) => exitCode !== 0)).length;
  return { id: patternId(steps), steps, definition, times: succeeded + failed, succeeded };
}

/** Of those times the ones that had the most frequent form together. */
export function alike<Step extends { readonly command: string }>(
  times: readonly (readonly Step[])[],
): readonly (readonly Step[])[] {
  const shapes = times.map((time) => JSON.stringify(time.map(({ command }) => shapeOf(command))));
  const usual = mostFrequent(shapes);
  return times.filter((_, at) => shapes[at] === usual);
}

/** Out of times that are alike, one at least, newest last; named after what is done unless told. */
export function defineTimes(
  times: readonly (readonly { readonly command: string; readonly intent?: string | undefined }[])[],
  told: { readonly name?: string; readonly description?: string } = {},
): JsonObject {
  const commands = times.map((time) => time.map(({ command }) => command));
  const newest = commands.at(-1) ?? [];
  return defineCommands({
    ...told,
    commands: newest,
    // of one time nobody knows what would vary
    ...(times.length > 1 && { found: varyingInputs(commands) }),
    descriptions: newest.map((_, at) => usualWords(times.map((time) => time[at]?.intent))),
  });
}

const isFit = ({ command }: MinedStep): boolean =>
  command.length <= COMMAND_CHARS_MAX && !command.includes('\n');

/** A step repeated at once was mined as one: the last of them counts. */
function timesIn(steps: readonly string[], session: readonly MinedStep[]): readonly (readonly MinedStep[])[] {
  const runs = session.filter(({ stub }, at) => stub !== session[at + 1]?.stub);
  return occurrences(
    steps,
    runs.map(({ stub }) => stub),
    GAP_MAX,
  ).map((place) => place.map((at) => runs[at] as MinedStep));
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Commands of one shape differ in nothing but their values. */
function shapeOf(command: string): string {
  const places = commandValues(command).map(({ from, to }, at) => ({ name: String(at), from, to }));
  return withInputs(command, places, () => VALUE).replace(/\s+/g, ' ');
}

/** What was told of one time says nothing of the next. */
function usualWords(told: readonly (string | undefined)[]): string | undefined {
  const most = mostFrequent(told.filter((words) => words !== undefined));
  return told.filter((words) => words === most).length > told.length / 2 ? most : undefined;
}
