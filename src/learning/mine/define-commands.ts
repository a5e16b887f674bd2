/**
 * A workflow definition out of commands: shell steps with telling ids, values that several steps share (or that vary from
 * time to time) as inputs, and what takes a step back where that is known.
 */
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { readCommand, readSlots, type SlotValue } from '../shell/read-command.ts';
import { inverseCommand } from './inverse-command.ts';
import { commandTemplate, isShareable, type SharedValue, valueName } from './shared-values.ts';
import { stepName } from './step-name.ts';

export interface CommandsToDefine {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly string[];
  /** What became an input; found in the commands unless said. */
  readonly values?: readonly SharedValue[];
  /** Of each command, in their order. */
  readonly descriptions?: readonly (string | undefined)[];
}

const INPUTS_MAX = 12;
/** Of a value that is in several commands by chance, rather than because it is the same thing. */
const COMMON = /^(?:true|false|yes|no|on|off|all|test|build|run|install|start|stop|src|dist|main|\d{1,2})$/i;

export function defineCommands(told: CommandsToDefine): JsonObject {
  const values = told.values ?? repeatedValues(told.commands);
  const taken = new Set<string>();
  const steps = told.commands.map((command, at) => {
    const template = commandTemplate(command, values);
    const inverse = inverseCommand(command);
    const words = told.descriptions?.[at];
    return {
      id: stepName(command, taken),
      ...(words !== undefined && { description: words }),
      command: template,
      ...(inverse && 'undo' in inverse && { undo: commandTemplate(inverse.undo, values) }),
      ...(inverse && 'irreversible' in inverse && { irreversible: inverse.irreversible }),
    };
  });
  const used = values.filter(({ name }) =>
    steps.some(({ command }) => command.includes(`{{ inputs.${name} }}`)),
  );
  return {
    name: told.name,
    version: '1',
    description: told.description,
    ...(used.length > 0 && { inputs: Object.fromEntries(used.map((value) => [value.name, inputOf(value)])) }),
    steps,
  };
}

function inputOf({ value, isNumber, others }: SharedValue): JsonObject {
  const typed: Json = isNumber ? Number(value) : value;
  const before = others.length > 0 ? { description: `earlier: ${others.join(', ')}` } : {};
  return { type: isNumber ? 'number' : 'string', default: typed, ...before };
}

export const isPlainNumber = (text: string): boolean => /^(?:0|[1-9]\d{0,14})$/.test(text);

/** Values that stand in two commands or more. */
function repeatedValues(commands: readonly string[]): readonly SharedValue[] {
  const places = new Map<
    string,
    { readonly at: Set<number>; readonly command: string; readonly slot: SlotValue }
  >();
  for (const [at, command] of commands.entries()) {
    for (const slot of readSlots(command).slots) {
      if (!isShareable(slot.value) || COMMON.test(slot.value)) continue;
      const known = places.get(slot.value);
      if (known) known.at.add(at);
      else places.set(slot.value, { at: new Set([at]), command, slot });
    }
  }
  const taken = new Set<string>();
  return [...places]
    .filter(([, { at }]) => at.size > 1)
    .slice(0, INPUTS_MAX)
    .map(([value, { command, slot }]) => ({
      name: valueName(command, slot, taken),
      value,
      isNumber: isPlainNumber(value),
      others: [],
    }));
}

/** A name for what these commands do together. */
export function commandsName(commands: readonly string[]): string {
  const taken = new Set<string>();
  const all = commands.map((command) => stepName(command, taken));
  const firsts = all.filter((name) => !/-\d+$/.test(name));
  const names = firsts.length > 0 ? firsts : all.slice(0, 1);
  return names.length <= 2 ? names.join('-and-') : `${names[0]}-to-${names.at(-1)}`;
}

/** What they do, in a sentence. */
export const commandsDescription = (commands: readonly string[]): string =>
  `Run ${[...new Set(commands.map((command) => readCommand(command).stub))].filter(Boolean).join(', then ')}`;
