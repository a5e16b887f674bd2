/**
 * What a command's output says that a later step may depend on, in a few words that come again from run to run: that the
 * work tree was dirty, that nothing was printed, or the one short line that was. Never more of the output than that.
 */
import { redact } from '../redact.ts';
import { readCommand } from '../shell/read-command.ts';

const LINE_CHARS_MAX = 40;
const OUTPUT_CHARS_MAX = 8_192;
/** One line that is a plain answer: a branch, a version, a count, `true`. */
const PLAIN_LINE = /^[\w./:@+-]+(?: [\w./:@+-]+){0,3}$/;
const GIT_BRANCH: readonly (readonly [condition: string, pattern: RegExp])[] = [
  ['was behind', /\bbehind\b/],
  ['was ahead', /\bahead\b/],
  ['had diverged', /have diverged/],
];
/** Its output goes into a file: that none is seen says nothing of the work tree. */
const ELSEWHERE = /(?:^|[^2])>/;
const CLEAN = /nothing to commit|working tree clean/;
const DIRTY = /^(?:[ MTADRCU?!]{2} |Changes |Untracked files|Unmerged paths)/m;

/** `command` as the definition has it, `name` of its step; of a long output its end is enough. */
export function saidOutput(name: string, command: string, output: string): readonly string[] {
  const text = output.slice(-OUTPUT_CHARS_MAX).trimEnd();
  const { parts } = readCommand(command);
  if (parts.length === 1 && parts[0] === 'git status' && !ELSEWHERE.test(command))
    return gitStatus(text).map((said) => `\`git status\` ${said}`);
  if (text === '') return [`\`${name}\` printed nothing`];
  if (text.length <= LINE_CHARS_MAX && PLAIN_LINE.test(text) && redact(text).hits === 0)
    return [`\`${name}\` printed "${text}"`, `\`${name}\` printed something`];
  const said = [`\`${name}\` printed something`];
  if (/\berrors?\b/i.test(text)) said.push(`\`${name}\` spoke of an error`);
  if (/\bwarnings?\b/i.test(text)) said.push(`\`${name}\` spoke of a warning`);
  return said;
}

function gitStatus(text: string): readonly string[] {
  const said = GIT_BRANCH.filter(([, pattern]) => pattern.test(text)).map(([words]) => words);
  // the short form has a line for each file, and one for the branch where that was asked for
  const isEmpty = text.replace(/^##.*\n?/, '') === '';
  if (isEmpty || CLEAN.test(text)) return ['was clean', ...said];
  return DIRTY.test(text) ? ['was dirty', ...said] : said;
}
