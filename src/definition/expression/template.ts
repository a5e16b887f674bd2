/**
 * Text with `{{ expression }}` in it, cut into pieces. Owns where an expression starts and ends
 * (strings and maps inside it may hold braces too), not what it means.
 */
import { braceToken, type SyntaxProblem } from './parse.ts';

/** One `{{ … }}` in a text: `start` and `end` span the braces, `offset` is where `source` begins. */
export interface Spot {
  readonly source: string;
  readonly offset: number;
  readonly start: number;
  readonly end: number;
}

/** Spots of one text: problem `limit`. */
const SPOTS_MAX = 1_000;

/** All spots of a text in order, and what is wrong with its braces. */
export function findSpots(text: string): { spots: Spot[]; problems: SyntaxProblem[] } {
  const spots: Spot[] = [];
  const problems: SyntaxProblem[] = [];
  let isBalanced = true;
  for (let from = text.indexOf('{{'); from >= 0; ) {
    if (text[from - 1] === '$') problems.push(foreignSyntax(text, from));
    const balancedEnd: number = isBalanced ? spotEnd(text, from + 2) : -1;
    // An apostrophe may have swallowed the end (`{{.Don't}}`): take the plain end, the parser says what is wrong.
    // From there on too, so that a text full of such spots is not searched to its end for each of them.
    isBalanced = balancedEnd >= 0;
    const end = isBalanced ? balancedEnd : text.indexOf('}}', from + 2) + 2;
    if (end < from + 2) problems.push(unclosed(from));
    if (spots.length === SPOTS_MAX) problems.push(tooMany(from));
    if (end < from + 2 || spots.length === SPOTS_MAX) break;
    spots.push({ source: text.slice(from + 2, end - 2), offset: from + 2, start: from, end });
    from = text.indexOf('{{', end);
  }
  return { spots, problems };
}

/** Position after the closing braces, or -1. */
function spotEnd(text: string, from: number): number {
  const open: string[] = [];
  for (let at = from; at < text.length; ) {
    const token = braceToken(text, at, open.length === 0 || open.at(-1) === '{{');
    at += token.length;
    if (token === '{' || token === '{{') open.push(token);
    else if (token === '}}' && open.pop() === undefined) return at;
    else if (token === '}') open.pop();
  }
  return -1;
}

const tooMany = (offset: number): SyntaxProblem => ({
  code: 'limit',
  message: `a text holds at most ${SPOTS_MAX} \`{{ }}\``,
  hint: 'build the text in a step of its own',
  offset,
});

const unclosed = (offset: number): SyntaxProblem => ({
  code: 'syntax',
  message: '`{{` is never closed with `}}`',
  hint: "close it, or write a literal {{ as {{ '{{' }}",
  offset,
});

const foreignSyntax = (text: string, offset: number): SyntaxProblem => ({
  code: 'syntax',
  message: `\`${text.slice(offset - 1, offset + 20).split('\n')[0]}…\` is another tool's template syntax: \`$\` stands before \`{{\``,
  hint: "drop the $ to use a value of this workflow; a literal ${{ is written {{ '${{' }}",
  offset: offset - 1,
});
