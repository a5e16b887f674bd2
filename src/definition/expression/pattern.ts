/**
 * Regular expressions in expressions. JavaScript's engine backtracks, so patterns whose cost can explode are
 * refused before they run: a repeat inside a repeat, alternatives inside a repeat, back references,
 * or so many repeats that their product over the text is too large.
 */
import { excerpt } from './parse.ts';
import { type Run, spend } from './run.ts';
import { ExpressionError } from './value.ts';

const PATTERN_CHARS_MAX = 500;
const TEXT_CHARS_MAX = 64 * 1024;
/** Steps that the engine may need for one match, by the estimate below. */
const STEPS_MAX = 1e8;

/** True when the pattern is found anywhere in the text, as CEL's `matches` says. */
export function matchesPattern(text: string, pattern: string, run: Run): boolean {
  if (pattern.length > PATTERN_CHARS_MAX) refuse(pattern, `is longer than ${PATTERN_CHARS_MAX} characters`);
  const repeats = openRepeats(pattern);
  // Each open-ended repeat, and the search for a place to start, may look at the whole text anew.
  const isAnchored = pattern.startsWith('^') && !pattern.includes('|');
  const steps = text.length ** Math.max(1, repeats + (isAnchored || repeats === 0 ? 0 : 1));
  if (text.length > TEXT_CHARS_MAX || steps > STEPS_MAX) {
    throw new ExpressionError(
      `the pattern \`${excerpt(pattern)}\` with ${repeats} repeats is too costly for ${text.length} characters`,
      { hint: 'start it with ^, or look at lines(text) one by one' },
    );
  }
  spend(run, Math.ceil(steps / 100));
  return compiledPattern(pattern).test(text);
}

function compiledPattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    return refuse(pattern, `cannot be read: ${(error as Error).message.replace(/^.*: /, '')}`);
  }
}

function refuse(pattern: string, why: string): never {
  throw new ExpressionError(`the pattern \`${excerpt(pattern)}\` ${why}`, {
    hint: 'use a simpler pattern, or startsWith, endsWith and contains',
  });
}

/** Counts `*`, `+` and `{n,}`and `{n,m}`; refuses a repeated group that itself repeats or chooses. */
function openRepeats(pattern: string): number {
  const groups: { varies: boolean }[] = [{ varies: false }];
  let closed: { varies: boolean } | undefined;
  let count = 0;
  for (const [token] of pattern.matchAll(
    /\\[\s\S]|\(\?(?:[:=!]|<[=!]|<\w+>)|\[(?:\\[\s\S]|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[\s\S]/g,
  )) {
    if (/^\\(?:[1-9]|k)/.test(token)) refuse(pattern, 'refers back to a group');
    const isRepeat = /^(?:[*+?]|\{)/.test(token);
    if (token.startsWith('(')) groups.push({ varies: false });
    else if (token === '|') groups.at(-1)!.varies = true;
    if (isRepeat && token !== '?') {
      if (closed?.varies) refuse(pattern, 'repeats a group that itself repeats or chooses');
      count += 1;
    }
    if (isRepeat) groups.at(-1)!.varies = true;
    closed = token === ')' ? groups.pop() : undefined;
    if (closed?.varies && groups.length > 0) groups.at(-1)!.varies = true;
  }
  return count;
}
