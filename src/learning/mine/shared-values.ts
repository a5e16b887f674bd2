/**
 * Values of commands that become inputs of a workflow, and their names; and commands with `{{ }}` in the place of values.
 */
import { readCommand, type SlotValue } from '../shell/read-command.ts';
import { identifier } from './step-name.ts';

export interface SharedValue {
  readonly name: string;
  /** As it stands in the commands that become steps. */
  readonly value: string;
  readonly isNumber: boolean;
  /** Other values that it had, the newest first; empty where only this one is known. */
  readonly others: readonly string[];
}

const VALUE_CHARS_MIN = 2;
const VALUE_CHARS_MAX = 200;
/** `{` and `}` would be read as an expression, the others end a word in some quotes. */
const UNFIT = /[\s{}'"`$\\*?~!<>|&;()#]/;

/** A value that may be taken out of a command and put back in by an expression. */
export const isShareable = (value: string): boolean =>
  value.length >= VALUE_CHARS_MIN && value.length <= VALUE_CHARS_MAX && !UNFIT.test(value) && value !== '..';

/** What an argument without a flag is, for programs that everybody knows. */
const ARGUMENTS: { readonly [stub: string]: readonly string[] } = {
  'git checkout': ['branch'],
  'git switch': ['branch'],
  'git merge': ['branch'],
  'git push': ['remote', 'branch'],
  'git pull': ['remote', 'branch'],
  'git tag': ['tag'],
  'git clone': ['repository', 'folder'],
  'npm install': ['package'],
  'pip install': ['package'],
  'docker run': ['image'],
  ssh: ['host'],
  cd: ['folder'],
  mkdir: ['folder'],
};

const TYPES: { readonly [type in SlotValue['type']]: string } = {
  path: 'path',
  number: 'number',
  hash: 'revision',
  version: 'version',
  url: 'url',
  address: 'address',
  text: 'text',
  word: 'value',
};

/** Adds itself to `taken`. */
export function valueName(command: string, { slot, type }: SlotValue, taken: Set<string>): string {
  const argument = /^argument (\d)$/.exec(slot)?.[1];
  const known = argument === undefined ? undefined : ARGUMENTS[readCommand(command).stub]?.[Number(argument)];
  const flag = argument === undefined && slot.replace(/^-+/, '').length > 1 ? slot : undefined;
  const base = identifier(known ?? flag ?? TYPES[type]).replaceAll('-', '_');
  for (let twin = 1; ; twin += 1) {
    const name = twin === 1 ? base : `${base}_${twin}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

/** The command as a template; without values it is the same text, braces and all. */
export function commandTemplate(command: string, values: readonly SharedValue[]): string {
  const escaped = command.replaceAll('{{', "{{ '{{' }}");
  if (values.length === 0 || escaped !== command) return escaped;
  const byLength = [...values].sort((a, b) => b.value.length - a.value.length);
  const pattern = byLength.map(({ value }) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const whole = new RegExp(`(?<![\\w./@:%+-])(?:${pattern})(?![\\w/@%+-]|[.:]\\w)`, 'g');
  return command.replace(whole, (found) => {
    const { name } = byLength.find(({ value }) => value === found) as SharedValue;
    return `{{ inputs.${name} }}`;
  });
}
