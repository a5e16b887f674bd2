/** The tree of commands as completion needs it, read from commander so that no list is kept by hand. */
import type { Command, Option } from 'commander';

/** What a word of the line can be completed with: `__complete` knows the first five. */
export type WordKind = 'workflow' | 'run' | 'step' | 'question' | 'checkpoint' | 'shell' | 'none';

export interface CompletedOption {
  /** `-i`, `--input` */
  readonly flags: readonly string[];
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly description: string;
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** By place; the last one stands for all further words when `repeats`. */
  readonly words: readonly WordKind[];
  readonly repeats: boolean;
}

const KINDS: { readonly [argument: string]: WordKind } = {
  workflow: 'workflow',
  name: 'workflow',
  run: 'run',
  step: 'step',
  question: 'question',
  checkpoint: 'checkpoint',
  shell: 'shell',
};

export function completedCommands(program: Command): readonly CompletedCommand[] {
  const common = program.options.map(completedOption);
  return program.commands
    .filter((command) => !command.name().startsWith('__'))
    .map((command) => ({
      name: command.name(),
      summary: command.summary(),
      options: [...command.options.map(completedOption), ...common, HELP],
      words: command.registeredArguments.map((argument) => KINDS[argument.name()] ?? 'none'),
      repeats: command.registeredArguments.at(-1)?.variadic === true,
    }));
}

const HELP: CompletedOption = {
  flags: ['-h', '--help'],
  takesValue: false,
  choices: [],
  description: 'print help',
};

function completedOption(option: Option): CompletedOption {
  return {
    flags: [option.short, option.long].filter((flag) => flag != null),
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    description: option.description,
  };
}
