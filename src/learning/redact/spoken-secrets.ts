/**
 * Secrets that people tell each other in words, as in the goal of a session or the description of a command: `my
 * password is x`, `the api key: x`, `log in with password x`. Ordinary words in such a place are taken for what they are
 * ("the password is wrong"); what has a digit in it, or capitals amid small letters, is taken for the secret.
 */
import type { Span } from './span.ts';

const NAME =
  '(?<![\\w.-])(?:(pass(?:word|phrase|code)|passwd|pass|pwd)|(?:api|access|secret|private)[ _-]?key|secret|token)';
const QUOTE = '["\'`\\u201c\\u201d\\u2018\\u2019]?';
/** Said with a word or a mark between: what follows is the value. */
const TOLD = new RegExp(
  `${NAME}[ \\t]{0,4}(?:[ \\t](?:is|was|to)[ \\t:]|[:=][ \\t])[ \\t]{0,4}${QUOTE}`,
  'gi',
);
/** Without one: only of a password, since `secret` and `token` are subcommands that take names. */
const BESIDE = new RegExp(`${NAME}[ \\t]{1,4}${QUOTE}`, 'gi');
const VALUE_CHARS_MAX = 200;
const VALUE = /^[^\s"'`\u201c\u201d\u2018\u2019<>]{4,}/;
const LAST = /[.,;:)\]]+$/;
/** An option, a variable, a path, an address, a call, a kind of digest or encoding. */
const ELSE = /^(?:[-$%{/~]|\.{1,2}\/|\*\*\*)|:\/\/|\(|^(?:sha|md|base|utf-?|oauth)\d+$/i;
const TOLD_SECRET = /\d|[a-z][A-Z]/;
/** Neither a hash nor a version nor a file. */
const BESIDE_SECRET = /^(?=.*\d)(?=.*[A-Za-z])(?![0-9a-f]+$|v?\d+\.|.*\.[a-z]+\d?$)[^=/*-]{6,}$/i;

export function spokenSecretSpans(text: string): readonly Span[] {
  return [...spansOf(text, TOLD, TOLD_SECRET), ...spansOf(text, BESIDE, BESIDE_SECRET)];
}

function spansOf(text: string, shape: RegExp, secret: RegExp): readonly Span[] {
  const spans: Span[] = [];
  for (const { 0: found, 1: password, index } of text.matchAll(shape)) {
    if (shape === BESIDE && password === undefined) continue;
    const from = index + found.length;
    const value = VALUE.exec(text.slice(from, from + VALUE_CHARS_MAX))?.[0].replace(LAST, '') ?? '';
    if (!ELSE.test(value) && secret.test(value)) spans.push({ from, to: from + value.length });
  }
  return spans;
}
