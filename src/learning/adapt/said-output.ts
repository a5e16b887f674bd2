/**
 * What a command's output says that a later step may depend on, in a few words that come again from run to run: that the
 * work tree was dirty, that nothing was printed, or the one short line that was. Never more of the output than that.
 */
import { redact } from '../redact.ts';
import { readCommand } from '../shell/read-command.ts';
import { gitStatus } from './git-status.ts';

const LINE_CHARS_MAX = 40;
const OUTPUT_CHARS_MAX = 8_192;
/** One line that is a plain answer: a branch, a version, a count, `true`. */
const PLAIN_LINE = /^[\w./:@+-]+(?: [\w./:@+-]+){0,3}$/;
/** Its output goes into a file: that none is seen says nothing of the work tree. */
const ELSEWHERE = /(?:^|[^2])>/;

/** `command` as the definition has it, `name` of its step; of a long output its end is enough. */
export function saidOutput(
  name: string,
  command: string,
  output: string,
  exitCode?: number,
): readonly string[] {
  const text = output.slice(-OUTPUT_CHARS_MAX).trimEnd();
  const { parts } = readCommand(command);
  if (parts.length === 1 && parts[0] === 'git status' && !ELSEWHERE.test(command))
    return gitStatus(text, exitCode).map((said) => `\`git status\` ${said}`);
  if (text === '') return [`\`${name}\` printed nothing`];
  if (text.length <= LINE_CHARS_MAX && PLAIN_LINE.test(text) && redact(text).hits === 0)
    return [`\`${name}\` printed "${text}"`, `\`${name}\` printed something`];
  const said = [`\`${name}\` printed something`];
  if (/\berrors?\b/i.test(text)) said.push(`\`${name}\` spoke of an error`);
  if (/\bwarnings?\b/i.test(text)) said.push(`\`${name}\` spoke of a warning`);
  return said;
}
