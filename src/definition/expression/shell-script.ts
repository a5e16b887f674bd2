/**
 * A whole script: finds its values, has it read, and says for each value how it is quoted, or why it may not be there.
 * The verdict depends on the text and the shell alone, so it is remembered.
 */
import { remember } from './remember.ts';
import { type Command, ShellGrammar } from './shell-grammar.ts';
import type { ShellMarks } from './shell-marks.ts';
import { checkCommand } from './shell-programs.ts';
import type { Rules } from './shell-rules.ts';
import { namesEvaluatedIn } from './shell-variables.ts';
import { type Dialect, type Quoting, ShellLost } from './shell-word.ts';
import { findSpots, type Spot } from './template.ts';

export interface ShellProblem {
  readonly code: 'unsafe_interpolation';
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
}

export interface ShellSpot extends Spot {
  readonly quoting: Quoting;
}

export interface ShellScript {
  readonly spots: readonly ShellSpot[];
  readonly problems: readonly ShellProblem[];
}

const dialects: ReadonlyMap<string, Dialect> = new Map(
  Object.entries({
    bash: { posix: false, evaluates: false },
    sh: { posix: true, evaluates: false },
    dash: { posix: true, evaluates: false },
    zsh: { posix: false, evaluates: true },
    ksh: { posix: false, evaluates: true },
  }),
);

/** The way out of arithmetic, where no variable helps. */
export const ARITHMETIC_HINT =
  'compute in the expression instead, such as `{{ int(inputs.n) + 1 }}` outside of arithmetic, or compare with `[ ]`';

const SEPARATOR = '\n';
const scripts = remember(500, (key) => {
  const cut = key.indexOf(SEPARATOR);
  return readScript(key.slice(cut + 1), key.slice(0, cut));
});

/** How each value of a script is quoted, and which must not be there. `shell` is the program's name or path. */
export function analyseShellScript(script: string, shell: string): ShellScript {
  return scripts(programName(shell) + SEPARATOR + script);
}

const programName = (shell: string): string => shell.slice(shell.lastIndexOf('/') + 1);

function readScript(script: string, shell: string): ShellScript {
  const { spots } = findSpots(script);
  const dialect = dialects.get(shell);
  if (spots.length === 0) return { spots: [], problems: [] };
  if (!dialect) {
    const reason = `in a script for \`${shell}\`, whose quoting is not known`;
    return { spots: [], problems: problemsOf(script, spots, () => reason) };
  }
  const { text, mark, positions } = withMarks(script, spots);
  const { placed, refused } = readMarks(text, mark, dialect).marks;
  const unsafe = new Map<Spot, string>();
  const safe: ShellSpot[] = [];
  spots.forEach((spot, index) => {
    const at = positions[index]!;
    const quoting = placed.get(at);
    const reason = refused.get(at) ?? (quoting ? undefined : 'where the script is not understood');
    if (reason === undefined && quoting) safe.push({ ...spot, quoting });
    else unsafe.set(spot, reason ?? '');
  });
  return { spots: safe, problems: problemsOf(script, [...unsafe.keys()], (spot) => unsafe.get(spot) ?? '') };
}

/** Variables that the script evaluates as arithmetic, which runs what a value holds that is no number. */
export function evaluatedVariables(script: string, shell: string): ReadonlySet<string> {
  const dialect = dialects.get(programName(shell));
  if (!dialect) return new Set();
  const { text, mark } = withMarks(script, findSpots(script).spots);
  return readMarks(text, mark, dialect).evaluated;
}

/** The script with one character for each value; the character is one that the script does not use. */
function withMarks(
  script: string,
  spots: readonly Spot[],
): { text: string; mark: string; positions: number[] } {
  let code = 0xe000;
  while (script.includes(String.fromCharCode(code))) code += 1;
  const mark = String.fromCharCode(code);
  const positions: number[] = [];
  let text = '';
  let from = 0;
  for (const spot of spots) {
    text += script.slice(from, spot.start);
    positions.push(text.length);
    text += mark;
    from = spot.end;
  }
  return { text: text + script.slice(from), mark, positions };
}

interface Reading {
  readonly marks: ShellMarks;
  readonly evaluated: ReadonlySet<string>;
}

function readMarks(text: string, mark: string, dialect: Dialect): Reading {
  const commands: Command[] = [];
  const grammar = new ShellGrammar(text, mark, dialect, (command) => commands.push(command));
  const { lexer } = grammar;
  const { marks, variables } = lexer;
  try {
    if (text.includes('\0') || /[\uf8fe\uf8ff]/.test(text)) lexer.lost('a character that no script uses');
    grammar.readScript();
  } catch (error) {
    if (!(error instanceof ShellLost) && !(error instanceof RangeError)) throw error;
    const [why, at] = error instanceof ShellLost ? [error.message, error.at] : ['it is nested too deep', 0];
    lexer.refuse(
      lexer.marksIn(0, text.length),
      `in a script that cannot be followed (line ${lineOf(text, at)}: ${why})`,
    );
    return { marks, evaluated: namesEvaluatedIn(text) };
  }
  const refuse: Rules['refuse'] = (unsafe, reason) => marks.refuse(unsafe, reason);
  const rules: Rules = { dialect, refuse, variables, declared: [], hasLists: false };
  for (const command of commands) checkCommand(command, rules);
  for (const use of ['code', 'arithmetic'] as const) {
    for (const [unsafe, reason] of variables.unsafeMarks(use)) refuse(unsafe, reason);
  }
  if (rules.hasLists) refuse(rules.declared, 'in a declaration while the script has list variables');
  return { marks, evaluated: variables.used('arithmetic') };
}

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** Spots come in the order of the text, so that its lines are counted once. */
function problemsOf(
  script: string,
  spots: readonly Spot[],
  reasonOf: (spot: Spot) => string,
): readonly ShellProblem[] {
  let line = 1;
  let counted = 0;
  return spots.map((spot) => {
    line += lineOf(script.slice(counted, spot.start), spot.start) - 1;
    counted = spot.start;
    return problem(script, spot, line, reasonOf(spot));
  });
}

function problem(script: string, spot: Spot, line: number, reason: string): ShellProblem {
  const shown = script.slice(spot.start, spot.end);
  return {
    code: 'unsafe_interpolation',
    message: `line ${line}: \`${shown}\` stands ${reason}`,
    // A variable does not help there: its value would be evaluated too.
    hint: reason.includes('arithmetic')
      ? ARITHMETIC_HINT
      : `put the value into env: (env: { VALUE: "${shown}" }) and use "$VALUE", or pass it as a plain argument`,
    offset: spot.start,
  };
}
