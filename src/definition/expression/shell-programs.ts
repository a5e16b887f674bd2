/**
 * Which arguments a program takes as code. A value is safe as plain data of a program; it is not where the program
 * (a builtin, another shell, an interpreter, a remote shell) would read it as code, as a variable's name or as its
 * own name. Unknown programs take their arguments as data.
 */

import { checkDeclaration, checkNames, checkPrintf, checkTest } from './shell-builtins.ts';
import type { Command } from './shell-grammar.ts';
import { checkAssignment, type Rules, refuseCode } from './shell-rules.ts';
import { codeReaders, runners, runsArguments, shells, unsafeBuiltins, wrappers } from './shell-tables.ts';
import { isStatic, marksOf, startsWithHole, type Word } from './shell-word.ts';

const POSITIONAL = 'pass it as an argument after the script, such as sh -c \'echo "$1"\' _ {{ value }}';

const baseName = (word: Word): string =>
  isStatic(word) ? word.literal.slice(word.literal.lastIndexOf('/') + 1) : '';

/** Refuses the marks of one command that would be read as more than data. */
export function checkCommand(command: Command, rules: Rules): void {
  for (const word of command.assignments) checkAssignment(word, rules);
  checkProgram(command.words, rules);
  checkInput(command, rules);
}

/** The program at the start of `words`, through `sudo`, `env` and other programs that start programs. */
function checkProgram(words: readonly Word[], rules: Rules): void {
  const [word, ...args] = words;
  if (!word) return;
  // Braces and wildcards may turn one word into another program and its arguments.
  const isPlain = isStatic(word) && /^(?:[^{*?[]+|\[\[?)$/.test(word.literal);
  if (!isPlain) {
    checkUnknownProgram(word, args, rules);
    return;
  }
  const name = baseName(word);
  if (name === 'command' && /^-[vV]$/.test(args[0]?.literal ?? '')) return;
  const wrapper = wrappers.get(name);
  if (wrapper) {
    const start = wrappedStart(args, wrapper, rules);
    checkProgram(args.slice(start), rules);
  } else checkKnownProgram(name, args, rules);
}

/** `$CMD …` and `{{ value }} …`: it may be any builtin; with a folder in front at least it is a file. */
function checkUnknownProgram(word: Word, args: readonly Word[], rules: Rules): void {
  const base = word.literal.slice(word.literal.lastIndexOf('/') + 1);
  const isNamedFile = word.literal.includes('/') && base.replaceAll(/[\uf8fe\uf8ff]/g, '') !== '';
  if (!isNamedFile) {
    rules.variables.use(word, 'code');
    rules.refuse(marksOf([word, ...args]), 'with a program whose name is not written in the script');
  } else if (isStatic({ ...word, literal: base })) checkKnownProgram(base, args, rules);
}

/** Index of the wrapped program's name. Values before it may only be values of options. */
function wrappedStart(
  args: readonly Word[],
  wrapper: { options: string; operands: number },
  rules: Rules,
): number {
  let operands = wrapper.operands;
  for (let i = 0; i < args.length; i++) {
    const { literal } = args[i]!;
    if (literal === '--') return i + 1 + operands;
    if (/^-[A-Za-z]$/.test(literal) && wrapper.options.includes(literal[1]!)) {
      if (literal === '-S') refuseCode(args, 'in a command line that `env -S` splits', rules);
      i += 1;
    } else if (literal.startsWith('-'))
      rules.refuse(args[i]!.marks, 'in an option of a program that starts another');
    else if (/^[A-Za-z_]\w*=/.test(literal)) checkAssignment(args[i]!, rules);
    else if (operands > 0) operands -= 1;
    else return i;
  }
  return args.length;
}

function checkKnownProgram(name: string, args: readonly Word[], rules: Rules): void {
  const { refuse, dialect, variables } = rules;
  checkNames(name, args, rules);
  if (runsArguments.has(name)) for (const word of args) variables.run(word);
  if (name === 'set' || variables.functions.has(name)) variables.assign('@', args);
  if (name === 'source' || name === '.')
    for (const word of args) if (word.raw[0] === '<') variables.use(word, 'code');
  if (name === 'let') refuse(marksOf(args), 'in an argument of `let`, which is evaluated as arithmetic');
  else if (unsafeBuiltins.has(name))
    refuse(marksOf(args), `in an argument of \`${name}\`, which reads it as code or as a name`);
  else if (name === 'git') checkGit(args, rules);
  else if (checkDeclaration(name, args, rules)) return;
  else if (name === 'test' || name === '[') checkTest(args, rules);
  else if (name === 'printf') checkPrintf(args, rules);
  else if (name === 'set' && args[0]?.literal !== '--')
    refuse(marksOf(args), 'in an option of `set`; write set -- first');
  else if (dialect.evaluates && ['exit', 'return', 'shift', 'break', 'continue', 'print'].includes(name)) {
    refuse(marksOf(args), `in an argument of \`${name}\`, which this shell evaluates as arithmetic`);
  } else if (shells.has(name)) checkShell(args, rules, true);
  else if (name === 'ssh' || name === 'rsh') checkRemote(args, rules);
  else if (name === 'find' || name === 'fd') checkFind(args, rules);
  else checkCodeReader(name, args, rules);
  if (!shells.has(name)) checkInnerShells(args, rules, runners.has(name));
}

/** `docker exec box sh -c …`: a shell's name anywhere in the arguments. */
function checkInnerShells(args: readonly Word[], rules: Rules, isStrict: boolean): void {
  args.forEach((word, index) => {
    if (shells.has(baseName(word))) checkShell(args.slice(index + 1), rules, isStrict);
  });
}

/**
 * Arguments of a shell: options, then a script (`-c`) or a file, then positional arguments, which are data.
 * `isStrict`: a value where the shell looks for options is refused too.
 */
function checkShell(args: readonly Word[], rules: Rules, isStrict: boolean): void {
  const script = shellScript(args);
  if (script.kind === 'code') {
    const code = args[script.index];
    if (code) rules.variables.run(code);
    rules.variables.assign('@', args.slice(script.index + 1));
    rules.refuse(marksOf(args.slice(0, script.index + 1)), `in the script of another shell; ${POSITIONAL}`);
  } else if (isStrict && script.kind === 'file') {
    const file = args[script.index]!;
    rules.refuse(marksOf(args.slice(0, script.index)), 'in an option of another shell');
    if (startsWithHole(file))
      rules.refuse(marksOf(args), 'where a shell looks for options; begin the path with ./');
  } else if (isStrict && args[script.index]?.literal !== '-s' && args[script.index]?.literal !== '--') {
    rules.refuse(marksOf(args.slice(0, script.index)), 'in an option of another shell');
  }
}

/** Where a shell finds its script: the index of the code, of the file, or of the end of the options. */
function shellScript(args: readonly Word[]): { kind: 'code' | 'file' | 'input'; index: number } {
  let takesCode = false;
  for (let i = 0; i < args.length; i++) {
    const { literal } = args[i]!;
    const isOption = /^[-+]./.test(literal) && literal !== '--';
    if (literal === '-' || literal === '--') continue;
    if (!isOption) return { kind: takesCode ? 'code' : 'file', index: i };
    const isShort = !literal.startsWith('--');
    if (isShort && literal.includes('c')) takesCode = true;
    if (isShort && literal.includes('s') && !takesCode) return { kind: 'input', index: i };
    if ((isShort && /[oO]$/.test(literal)) || /^--(?:rcfile|init-file)$/.test(literal)) i += 1;
  }
  return { kind: 'input', index: args.length };
}

const SSH_OPTIONS_WITH_VALUE = 'BbcDEeFIiJLlmOopPQRSWw';

/** ssh joins everything after the host and gives it to a shell on the other side. */
function checkRemote(args: readonly Word[], rules: Rules): void {
  let host = 0;
  let isGuarded = false;
  for (; host < args.length; host++) {
    const { literal } = args[host]!;
    if (literal === '--') isGuarded = true;
    else if (isGuarded || !literal.startsWith('-')) break;
    else if (literal.length === 2 && SSH_OPTIONS_WITH_VALUE.includes(literal[1]!)) {
      host += 1;
      if (literal === '-o' || literal === '-F')
        rules.refuse(args[host]?.marks ?? [], 'in an option of ssh that may run commands');
    } else rules.refuse(args[host]!.marks, 'in an option of ssh');
  }
  const target = args[host];
  if (target && startsWithHole(target) && !isGuarded) {
    rules.refuse(target.marks, 'where ssh looks for options; write ssh -- {{ host }}');
  }
  refuseCode(args.slice(host + 1), 'in a remote command, which a shell on the other side reads', rules);
}

/** Settings that git runs as a command, or where it looks for programs. */
const GIT_CODE =
  /^(?:alias\.|core\.(?:editor|pager|hookspath|fsmonitor|gitproxy|askpass)|.*(?:command|cmd|program|editor|helper|driver|textconv|clean|smudge|process|pack)(?:=|$))/i;

/** `git -c name=value` and `git config name value`: some names make a command of the value. */
function checkGit(args: readonly Word[], rules: Rules): void {
  const config = args.findIndex(({ literal }) => literal === 'config');
  const name = config < 0 ? -1 : args.findIndex(({ literal }, at) => at > config && !literal.startsWith('-'));
  args.forEach((word, index) => {
    const isSetting = index === name || args[index - 1]?.literal === '-c';
    const mayRun = GIT_CODE.test(word.literal) ? isSetting || config >= 0 : isSetting && startsWithHole(word);
    const words = args.slice(index, config < 0 ? index + 1 : undefined);
    if (mayRun) refuseCode(words, 'in a setting that git may run as a command', rules);
  });
  checkCodeReader('git', args, rules);
}

function checkFind(args: readonly Word[], rules: Rules): void {
  args.forEach((word, index) => {
    if (!/^(?:-exec|-execdir|-ok|-okdir|-x|-X|--exec|--exec-batch)$/.test(word.literal)) return;
    const end = args.findIndex((other, at) => at > index && /^[;+]$/.test(other.literal));
    checkProgram(args.slice(index + 1, end < 0 ? args.length : end), rules);
  });
}

/** Interpreters and tools whose options, or first operand, are a program text. */
function checkCodeReader(name: string, args: readonly Word[], rules: Rules): void {
  const reader = codeReaders.get(name.replace(/[\d.]+$/, '')) ?? codeReaders.get(name);
  if (!reader) return;
  const refuse = (words: readonly Word[]): void => {
    if (name === 'su' || name === 'script') for (const word of words) rules.variables.run(word);
    refuseCode(words, reason, rules);
  };
  const reason = `in code of \`${name}\`; pass it as an argument or in env: and read it there`;
  let hasCode = !reader.firstOperand;
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    const { literal } = word;
    const code = reader.options.find((option) => literal === option);
    if (code !== undefined || reader.options.some((option) => literal.startsWith(`${option}=`))) {
      refuse(code === undefined ? [word] : args.slice(i + 1, i + 2));
      hasCode = true;
      i += code === undefined ? 0 : 1;
    } else if (reader.options.some((o) => o.length === 2 && literal.startsWith(o))) refuse([word]);
    else if (reader.values.includes(literal)) i += 1;
    else if (!literal.startsWith('-') && !hasCode) {
      refuse([word]);
      hasCode = true;
    }
  }
}

/** Values that reach a shell or an interpreter through its standard input. */
function checkInput({ words, redirects, isPiped, pipedMarks, pipedNames }: Command, rules: Rules): void {
  const sources = redirects.filter(({ operator }) => operator.startsWith('<')).map(({ target }) => target);
  const marks = [...marksOf(sources), ...(isPiped ? pipedMarks : [])];
  if (sources.length > 0 || isPiped) {
    rules.variables.assign('<', sources, { marks: pipedMarks, names: pipedNames });
  }
  if ((sources.length > 0 || isPiped) && readsCodeFromInput(words)) {
    for (const expanded of [pipedNames, ...sources.map((word) => word.expanded)]) {
      rules.variables.use({ expanded }, 'code');
    }
    rules.refuse(marks, 'in the standard input of a program that runs it');
  }
}

function readsCodeFromInput(words: readonly Word[]): boolean {
  return words.some((word, index) => {
    const name = baseName(word);
    const args = words.slice(index + 1);
    const isProgram = index === 0 || words.slice(0, index).some((before) => isStarter(baseName(before)));
    if (!isProgram) return false;
    if (name === 'xargs' || name === 'parallel') return args.some((arg) => shells.has(baseName(arg)));
    if (name === 'source' || name === '.') return /stdin|\/fd\//.test(args[0]?.literal ?? '');
    if (shells.has(name)) return shellScript(args).kind === 'input';
    const reader = codeReaders.get(name.replace(/[\d.]+$/, ''));
    return reader !== undefined && !reader.firstOperand && args.every((arg) => arg.literal === '-');
  });
}

const isStarter = (name: string): boolean => wrappers.has(name) || runners.has(name) || name === 'ssh';
