/**
 * What a pack says of a command: its typed template, without the names that only one place uses. Names of programs,
 * subcommands and flags stay; scripts, targets and modules that people name themselves become `<name>`.
 */
import { readCommand } from '../shell/read-command.ts';

const PROGRAM = /^[a-z][a-z0-9+_-]{0,30}$/;
const SUBCOMMAND = /^[a-z][a-z0-9-]{0,20}$/;
const FLAG = /^-{1,2}[A-Za-z][A-Za-z0-9-]{0,30}(?:=<value>)?$/;
/** Programs whose next word is a name of the project's own, also behind `run` and the like. */
const WITH_NAMES = new Set('make just task rake npx bunx nx turbo gradle mvn tox invoke fab'.split(' '));
const RUNNERS = new Set(
  'npm/run pnpm/run yarn/run bun/run uv/run poetry/run cargo/run python/-m deno/task hatch/run pdm/run'.split(
    ' ',
  ),
);
/** Such names that everybody has. */
const USUAL = new Set(
  'all build check ci clean compile coverage deploy dev doc docs fix format fmt help install lint package pytest release run serve setup start stop test tests typecheck types update upgrade watch pip venv unittest'.split(
    ' ',
  ),
);
const TYPED = /^<[a-z]+>$/;
const OPERATORS = new Set([
  '&&',
  '||',
  '|',
  ';',
  '&',
  '>',
  '>>',
  '<',
  '<<',
  '<<<',
  '>&',
  '&>',
  '&>>',
  '>|',
  '<>',
  '<&',
  '<file>',
  '=',
]);
const NAME = '<name>';

/** Empty where nothing can be said without saying too much. */
export function packTemplate(command: string): string {
  const { template } = readCommand(command);
  const words = template.split(' ');
  const shown: string[] = [];
  let place = 0;
  let program = '';
  for (const word of words) {
    const kept = keptWord(word, place, program, shown.at(-1) ?? '');
    if (kept !== NAME || shown.at(-1) !== NAME) shown.push(kept);
    if (JOINTS.has(word)) place = 0;
    else {
      if (place === 0) program = word;
      place += 1;
    }
  }
  return /^(?:<name>)?$/.test(shown[0] ?? '') ? '' : shown.join(' ');
}

const JOINTS = new Set(['&&', '||', '|', ';', '&']);

function keptWord(word: string, place: number, program: string, before: string): string {
  if (TYPED.test(word) || OPERATORS.has(word) || FLAG.test(word)) return word;
  if (/^-\d+$/.test(word)) return '-<number>';
  if (place === 0) return PROGRAM.test(word) ? word : NAME;
  const isNamed = WITH_NAMES.has(program) || RUNNERS.has(`${program}/${before}`);
  if (isNamed) return USUAL.has(word) ? word : NAME;
  return SUBCOMMAND.test(word) && place <= 2 ? word : NAME;
}
