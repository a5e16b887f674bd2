/** Ids for steps that are made of commands: what the command does, in a word or two, once each. */
import { readCommand } from '../shell/read-command.ts';

const CHARS_MAX = 40;
/** Say nothing of what is done. */
const FILLERS = new Set([
  'run',
  '-m',
  '-c',
  '-e',
  '<file>',
  '<<',
  '>',
  'exec',
  'python',
  'node',
  'bash',
  'sh',
]);

/** Expressions have another meaning for them. */
const RESERVED = new Set(
  'inputs env steps run item index stdout stderr exit_code outputs status error'.split(' '),
);

const TESTS = new Set(['[', '[[', 'test']);
/** What a test does that stands alone. */
const CHECK = 'check';

/** Adds itself to `taken`. */
export function stepName(command: string, taken: Set<string>): string {
  const stub = tellingStub(command);
  const words = stub.split(' ');
  const telling = words.filter((word) => !FILLERS.has(word));
  const kept =
    telling.length > 1 && /^(?:npm|pnpm|yarn|bun)$/.test(words[0] ?? '') ? telling.slice(1) : telling;
  const script = /([\w-]+)\.(?:sh|py|js|ts|mjs|rb)\b/.exec(command)?.[1];
  const told = kept.length > 0 ? kept.join('-') : (script ?? words[0] ?? '');
  const name = identifier(told.replace(/\.(?:sh|py|js|ts|mjs|rb)$/, ''));
  const base = RESERVED.has(name) ? `${name}-step` : name;
  for (let twin = 1; ; twin += 1) {
    const name = twin === 1 ? base : `${base}-${twin}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

/** A test in front of another command says when, not what. */
export function tellingStub(command: string): string {
  const { stub, parts } = readCommand(command);
  const isTest = (part: string): boolean => TESTS.has(part);
  return isTest(stub) ? (parts.find((part) => !isTest(part)) ?? CHECK) : stub;
}

/** Letters, digits and dashes, a letter first. */
export function identifier(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-\d]+/, '')
    .slice(0, CHARS_MAX)
    .replace(/-+$/, '');
  return plain === '' ? 'step' : plain;
}
