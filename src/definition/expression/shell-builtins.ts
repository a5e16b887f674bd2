/** Builtins that read some of their arguments as variables or arithmetic: `export` and kin, `test`, `printf`. */
import { checkAssignment, type Rules } from './shell-rules.ts';
import { isStatic, marksOf, startsWithHole, type Word } from './shell-word.ts';

const DECLARERS = new Set([
  'export',
  'declare',
  'typeset',
  'local',
  'readonly',
  'integer',
  'float',
  'nameref',
]);
const BINARY = /^(?:=|==|!=|<|>|=~|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef|a|o))$/;
const READERS = new Set(['read', 'mapfile', 'readarray']);
const TAKES_NAMES = new Set([...READERS, 'unset', 'getopts']);
const NUMERIC = /^-(?:eq|ne|lt|le|gt|ge)$/;

/** `export X={{ v }}` is safe; a name, an attribute or an option from a value is not. False for other programs. */
export function checkDeclaration(name: string, args: readonly Word[], rules: Rules): boolean {
  if (!DECLARERS.has(name)) return false;
  const options = args.filter((word) => /^[-+]/.test(word.literal));
  const letters = options.map((word) => word.literal).join('');
  const hasAttributes = /[aAinEFlu]/.test(letters) || ['integer', 'float', 'nameref'].includes(name);
  if (/[inEF]/.test(letters) || ['integer', 'float', 'nameref'].includes(name))
    rules.variables.hasIntegers = true;
  if (/[aA]/.test(letters)) rules.hasLists = true;
  for (const word of args) {
    const isAssignment = /^[A-Za-z_]\w*\+?=/.test(word.literal);
    if (!isAssignment) {
      rules.variables.use(word, 'arithmetic');
      rules.refuse(word.marks, `as a name or an option of \`${name}\``);
      continue;
    }
    checkAssignment(word, rules);
    if (hasAttributes) {
      rules.refuse(word.marks, `in \`${name}\` with an attribute, which may evaluate it as arithmetic`);
    } else rules.declared.push(...word.marks);
  }
  return true;
}

/** `-v NAME` evaluates subscripts, and a value in front of another word may itself become an operator. */
export function checkTest(args: readonly Word[], rules: Rules): void {
  args.forEach((word, index) => {
    const [before, after] = [args[index - 1], args[index + 1]];
    if (/^-[vR]$/.test(before?.literal ?? '')) {
      rules.variables.use(word, 'arithmetic');
      rules.refuse(word.marks, 'as the name that `-v` looks for');
    }
    const isNumber = NUMERIC.test(before?.literal ?? '') || NUMERIC.test(after?.literal ?? '');
    if (isNumber && rules.dialect.evaluates) {
      rules.variables.evaluateWord(word);
      rules.refuse(word.marks, 'in a numeric test, which this shell evaluates as arithmetic');
    }
    const isLast = after === undefined || /^(?:\]|\))$/.test(after.literal);
    if (startsWithHole(word) && !isLast && !(isStatic(after) && BINARY.test(after.literal))) {
      rules.refuse([...word.marks, ...after.marks], 'where `test` looks for an operator');
    }
  });
}

/** `let` evaluates its arguments; the others take names of variables, and some of them assign. */
export function checkNames(name: string, args: readonly Word[], rules: Rules): void {
  const { variables } = rules;
  if (name === 'let') for (const word of args) variables.evaluateWord(word);
  if (TAKES_NAMES.has(name)) for (const word of args) variables.use(word, 'arithmetic');
  if (!READERS.has(name)) return;
  for (const target of ['REPLY', 'MAPFILE', ...args.map((word) => word.literal)]) {
    variables.assign(target, [], { names: ['<'] });
  }
}

/** `-v` assigns to a name; ksh and zsh evaluate the arguments of numeric conversions. */
export function checkPrintf(args: readonly Word[], rules: Rules): void {
  const [first, second] = args;
  if (!first) return;
  const isGuarded = first.literal === '--';
  if (!isGuarded && (startsWithHole(first) || first.literal.startsWith('-'))) {
    const isFormat = startsWithHole(first);
    rules.refuse(
      marksOf(isFormat ? args : args.slice(0, 2)),
      isFormat ? 'as the format of printf' : 'as a name for printf -v',
    );
  }
  if (/^-v/.test(first.literal)) {
    const [target, values] = first.literal === '-v' ? [args[1], args.slice(2)] : [first, args.slice(1)];
    if (target) rules.variables.use(target, 'arithmetic');
    rules.variables.assign(target?.literal.replace(/^-v/, '') ?? '', values);
  }
  const format = isGuarded ? second : first;
  const isText =
    format && isStatic(format) && !/%(?!%|-?[\d.]*[sbq])/.test(format.literal.replaceAll('%%', ''));
  if (rules.dialect.evaluates && !isText)
    rules.refuse(marksOf(args), 'in a printf that this shell may evaluate as arithmetic');
}
