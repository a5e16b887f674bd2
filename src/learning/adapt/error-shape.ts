/**
 * The shape of an error's output: the line that says most, without what differs from time to time, so that failures of one
 * kind are counted together. Without secrets, also those that no workflow has declared.
 */
import { redact } from '../redact.ts';

const CHARS_MAX = 160;
const LINES_MAX = 200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is how colour codes start
const COLOUR = /\u001b\[[0-9;]*[A-Za-z]/g;
const TELLING =
  /error|fail|fatal|exception|cannot|can't|unable|denied|refused|not found|no such|missing|timed? ?out|invalid|panic/i;
/** From special to general. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?/g, '<time>'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s'"`)]+/gi, '<url>'],
  [/(?<![\w<])(?:[\w.@~-]*\/)+[\w.@*-]*/g, '<path>'],
  [/\b(?:0x)?(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b/gi, '<hash>'],
  [/"[^"]{1,100}"|'[^']{1,100}'/g, '<text>'],
  [/\d+(?:[.:]\d+)*/g, '<n>'],
];

/** Of the end of a log; '' where it is empty. */
export function errorShape(output: string): string {
  const lines = output
    .replace(COLOUR, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-LINES_MAX);
  const line = lines.findLast((each) => TELLING.test(each)) ?? lines.at(-1) ?? '';
  // a line can be as long as a log
  const shape = VARYING.reduce(
    (text, [pattern, name]) => text.replace(pattern, name),
    redact(line.slice(0, 4 * CHARS_MAX)).text,
  );
  return shape.replace(/\s+/g, ' ').slice(0, CHARS_MAX);
}
