/**
 * A workflow definition out of commands: shell steps with telling ids, values that several steps share (or that vary from
 * time to time) as inputs, and what takes a step back where that is known.
 */
import type { JsonObject } from '../../engine/core/model.ts';
import { shellWord } from '../../engine/core/shell-quote.ts';
import {
  type CommandInput,
  type FoundInputs,
  type InputPlace,
  repeatedInputs,
  withInputs,
} from './command-inputs.ts';
import { commandsDescription, commandsName } from './commands-name.ts';
import { type Inverse, inverseCommand } from './inverse-command.ts';
import { stepName } from './step-name.ts';

export interface CommandsToDefine {
  /** What the commands do, unless said. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly commands: readonly string[];
  /** What became an input; found in the commands unless said. */
  readonly found?: FoundInputs;
  /** Of each command, in their order. */
  readonly descriptions?: readonly (string | undefined)[];
}

/** Stands for an input where a command is read as a shell would; no command has such a word. */
const STAND_IN = /belayInput(\d+)x/g;

export function defineCommands(told: CommandsToDefine): JsonObject {
  const { inputs, places } = told.found ?? repeatedInputs(told.commands);
  const taken = new Set<string>();
  const shown = told.commands.map((command, at) =>
    withInputs(command, placesIn(command, places[at]), expressionOf),
  );
  const steps = told.commands.map((command, at) => {
    const own = placesIn(command, places[at]);
    const words = told.descriptions?.[at];
    return {
      id: stepName(shown[at] as string, taken),
      ...(words !== undefined && { description: words }),
      command: withInputs(command, own, expressionOf, escaped),
      ...takenBack(command, own),
    };
  });
  return {
    name: told.name ?? commandsName(shown),
    version: '1',
    description: told.description ?? commandsDescription(shown),
    ...(inputs.length > 0 && { inputs: Object.fromEntries(inputs.map((each) => [each.name, specOf(each)])) }),
    steps,
  };
}

/** None where the command has a word that stands in for them. */
const placesIn = (command: string, places: readonly InputPlace[] = []): readonly InputPlace[] =>
  command.search(STAND_IN) < 0 ? places : [];

const expressionOf = ({ name }: { readonly name: string }): string => `{{ inputs.${name} }}`;
const escaped = (literal: string): string => literal.replaceAll('{{', "{{ '{{' }}");

/** None where the undo says a value in another way than the command did (a package without its version). */
function takenBack(command: string, places: readonly InputPlace[]): JsonObject {
  const standIn = (place: InputPlace): string => `belayInput${places.indexOf(place)}x`;
  const inverse: Inverse | undefined = inverseCommand(withInputs(command, places, standIn));
  if (!inverse || 'irreversible' in inverse) return { ...inverse };
  const filled = (shown: (place: InputPlace) => string): string =>
    inverse.undo.replaceAll(STAND_IN, (_, at) => shown(places[Number(at)] as InputPlace));
  const literal = inverseCommand(command);
  const asItWas = filled(({ from, to }) => shellWord(command.slice(from, to)));
  if (places.length > 0 && (!literal || !('undo' in literal) || literal.undo !== asItWas)) return {};
  const undo = filled(expressionOf);
  return { undo: inverse.when === undefined ? undo : { when: inverse.when, command: undo } };
}

function specOf({ usual, isNumber, earlier }: CommandInput): JsonObject {
  return {
    type: isNumber ? 'integer' : 'string',
    ...(usual === undefined ? { required: true } : { default: isNumber ? Number(usual) : usual }),
    ...(earlier.length > 0 && { description: `earlier: ${earlier.join(', ')}` }),
  };
}
