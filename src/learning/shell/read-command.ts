/**
 * Reads a command line at the three levels the model learns: the stub (program and subcommand of its main part),
 * the typed template (values become slots), the raw line; and the slots' values of its main part.
 */
import { nameCommand } from './name-command.ts';
import { type SimpleCommand, simpleCommands } from './simple-commands.ts';
import { tokenizeShell } from './tokenize-shell.ts';
import { typeWord, type WordType } from './type-word.ts';

/** A value in a command: the flag it follows or its place, and its type. */
export interface SlotValue {
  readonly slot: string;
  readonly type: WordType;
  readonly value: string;
}

export interface CommandReading {
  readonly stub: string;
  readonly template: string;
  readonly raw: string;
  /** The stubs of all parts, in order. */
  readonly parts: readonly string[];
}

const RAW_CHARS_MAX = 4096;
const TEMPLATE_CHARS_MAX = 300;
const TEMPLATE_PARTS_MAX = 8;
const SLOTS_MAX = 16;
const PLACES_MAX = 4;
const PREPARATION = new Set('cd pushd export source . set unset mkdir sleep ='.split(' '));

/** Any text has a reading; an empty one is all empty. */
export function readCommand(line: string): CommandReading {
  const commands = simpleCommands(tokenizeShell(line));
  const parts = commands.map((command) => nameCommand(command).stub);
  const template = commands.slice(0, TEMPLATE_PARTS_MAX).map(templateOf).join(' ');
  return {
    stub: parts[mainPart(commands, parts)] ?? '',
    template: template.slice(0, TEMPLATE_CHARS_MAX),
    raw: line.trim().slice(0, RAW_CHARS_MAX),
    parts,
  };
}

/** The slots of a command's main part with their values, and the files the line writes. */
export function readSlots(line: string): {
  readonly slots: readonly SlotValue[];
  readonly written: readonly string[];
} {
  const commands = simpleCommands(tokenizeShell(line));
  const main =
    commands[
      mainPart(
        commands,
        commands.map((command) => nameCommand(command).stub),
      )
    ];
  const written = commands.flatMap(({ redirections }) =>
    redirections
      .filter(({ operator, target }) => operator.startsWith('>') && target)
      .map(({ target }) => target),
  );
  return { slots: main ? slotsOf(main) : [], written };
}

/** The first part that is not mere preparation and no end of a pipe. */
function mainPart(commands: readonly SimpleCommand[], stubs: readonly string[]): number {
  const first = stubs.findIndex(
    (stub, i) => commands[i]?.joint !== '|' && !PREPARATION.has(stub.split(' ')[0] as string),
  );
  return Math.max(0, first);
}

function templateOf(command: SimpleCommand): string {
  const { stub, named } = nameCommand(command);
  const words = command.joint ? [command.joint, stub] : [stub];
  const inStub = new Set(stub.split(' ').filter((word) => word.startsWith('-')));
  for (const [i, { text, quoted }] of command.words.entries()) {
    if (named.has(i)) continue;
    const word =
      text.startsWith('-') && text.length > 1 ? flagOf(text) : `<${quoted ? 'text' : typeWord(text)}>`;
    if (words.at(-1) !== word && !inStub.has(word)) words.push(word);
  }
  for (const { operator } of command.redirections) if (operator !== '<<') words.push(operator);
  return words.join(' ');
}

const flagOf = (word: string): string => {
  const equals = word.indexOf('=');
  return equals < 0 ? word : `${word.slice(0, equals)}=<value>`;
};

function slotsOf(command: SimpleCommand): readonly SlotValue[] {
  const { named } = nameCommand(command);
  const slots: SlotValue[] = [];
  let flag: string | undefined;
  let place = 0;
  for (const [i, { text }] of command.words.entries()) {
    if (named.has(i)) continue;
    const equals = text.indexOf('=');
    if (text.startsWith('-') && text.length > 1 && !/^-\d/.test(text)) {
      if (equals > 0) slots.push(slotOf(text.slice(0, equals), text.slice(equals + 1)));
      flag = equals > 0 ? undefined : text;
    } else {
      slots.push(slotOf(flag ?? `argument ${Math.min(place, PLACES_MAX)}`, text));
      place += flag === undefined ? 1 : 0;
      flag = undefined;
    }
    if (slots.length >= SLOTS_MAX) break;
  }
  return slots;
}

const slotOf = (slot: string, value: string): SlotValue => ({ slot, type: typeWord(value), value });
