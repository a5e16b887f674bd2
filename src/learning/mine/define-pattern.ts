/**
 * A definition out of a mined sequence: for each step its most frequent form, with the words of the newest time that all
 * steps had that form. Values that varied become inputs; those that always varied together become one.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../engine/core/model.ts';
import { readCommand, readSlots, type SlotValue } from '../shell/read-command.ts';
import { commandsDescription, commandsName, defineCommands, isPlainNumber } from './define-commands.ts';
import { occurrences } from './mine-sequences.ts';
import { isShareable, type SharedValue, valueName } from './shared-values.ts';
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
  /** The newest times that it was found, and of those the ones in which every step ended well. */
  readonly times: number;
  readonly succeeded: number;
}

const GAP_MAX = 2;
const TIMES_MAX = 100;
const OTHERS_SHOWN = 3;
const COMMAND_CHARS_MAX = 500;

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
  const templates = times.map((time) => time.map(({ command }) => readCommand(command).template));
  const usual = steps.map((_, at) => mostFrequent(templates.map((each) => each[at] as string)));
  const alike = times.filter((_, at) => templates[at]?.every((each, step) => each === usual[step]));
  const shown = alike.at(-1) ?? times.at(-1);
  if (!shown) return undefined;
  const commands = shown.map(({ command }) => command);
  const definition = defineCommands({
    name: commandsName(commands),
    description: commandsDescription(commands),
    commands,
    values: varyingValues(alike),
    descriptions: shown.map(({ intent }) => intent),
  });
  const succeeded = times.filter((time) => time.every(({ exitCode }) => (exitCode ?? 0) === 0)).length;
  return { id: patternId(steps), steps, definition, times: times.length, succeeded };
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

function varyingValues(times: readonly (readonly MinedStep[])[]): readonly SharedValue[] {
  const last = times.at(-1);
  if (!last) return [];
  const taken = new Set<string>();
  const byColumn = new Map<string, SharedValue>();
  for (const [at, { command }] of last.entries()) {
    const rows = times.map((time) => readSlots(time[at]!.command).slots);
    const newest = rows.at(-1) as readonly SlotValue[];
    const same = rows.filter((row) => row.length === newest.length);
    for (const [i, slot] of newest.entries()) {
      const column = same.map((row) => row[i]!.value);
      const key = JSON.stringify(column);
      if (new Set(column).size < 2 || !column.every(isShareable) || byColumn.has(key)) continue;
      if ([...byColumn.values()].some(({ value }) => value === slot.value)) continue;
      byColumn.set(key, {
        name: valueName(command, slot, taken),
        value: slot.value,
        isNumber: column.every(isPlainNumber),
        others: [...new Set(column.toReversed())]
          .filter((value) => value !== slot.value)
          .slice(0, OTHERS_SHOWN),
      });
    }
  }
  return [...byColumn.values()];
}
