/**
 * Where a value ends in a text that is a shell line, a header, JSON or prose: which quote is open at each character,
 * and how far the value that begins at one goes. Total, linear: each character is looked at a few times.
 */
import { HIDDEN, type Span } from './span.ts';

const SINGLE = 1;
const DOUBLE = 2;
const SINGLE_QUOTE = 39;
const DOUBLE_QUOTE = 34;
const BACKSLASH = 92;
const NEWLINE = 10;
/** A substitution that is kept goes on for so many characters at most. */
const REFERENCE_CHARS_MAX = 300;

/** A text with the quote that is open before each character: none, single or double. */
export interface QuotedText {
  readonly text: string;
  readonly open: Uint8Array;
}

/** Quotes as a shell sees them; an apostrophe within a word of letters, as in prose, opens nothing. */
export function readQuotes(text: string): QuotedText {
  const open = new Uint8Array(text.length + 1);
  let quote = 0;
  for (let i = 0; i < text.length; i += 1) {
    open[i] = quote;
    const code = text.charCodeAt(i);
    if (code === BACKSLASH && quote !== SINGLE) {
      i += 1;
      if (i < text.length) open[i] = quote;
    } else if (code === SINGLE_QUOTE && quote !== DOUBLE) {
      if (quote === SINGLE) quote = 0;
      else if (!isApostrophe(text, i)) quote = SINGLE;
    } else if (code === DOUBLE_QUOTE && quote !== SINGLE) quote = quote === DOUBLE ? 0 : DOUBLE;
  }
  open[text.length] = quote;
  return { text, open };
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;

const isApostrophe = (text: string, at: number): boolean =>
  isLetter(text.charCodeAt(at - 1)) && /^'(?:s|t|re|ll|d|ve|m)\b/.test(text.slice(at, at + 4));

/** Past blanks and continued lines. */
export function skipBlanks(text: string, at: number): number {
  let i = at;
  for (;;) {
    const char = text[i];
    if (char === ' ' || char === '\t') i += 1;
    else if (char === '\\' && text[i + 1] === '\n') i += 2;
    else if (char === '\\' && text.startsWith('\r\n', i + 1)) i += 3;
    else return i;
  }
}

const ENDS = /[\s;|&<>()`]/;
const TEMPLATE = /^\$?\{\{[^{}]{0,200}\}\}(?=$|[\s"';,|&)])/;

/**
 * The value at `at` as far as a shell word goes: quoted parts with their blanks, up to a blank, an operator, or the quote
 * that was open before it. `more` are further characters that end one outside of quotes.
 */
export function valueAt({ text, open }: QuotedText, at: number, more = ''): Span {
  const around = open[at] as number;
  let from = at;
  const template = TEMPLATE.exec(text.slice(at, at + 208))?.[0];
  if (template !== undefined) return { from, to: at + template.length };
  if (text[at] === '\\' && /["']/.test(text[at + 1] ?? '')) return escapedValue(text, at);
  let i = at;
  while (i < text.length) {
    const char = text[i] as string;
    const inside = open[i] as number;
    if (inside !== around && around === 0) i += 1;
    else if (char === '\\') i += 2;
    else if (isClosing(char, around)) break;
    else if (char === '"' || char === "'") i += 1;
    else if (ENDS.test(char) || more.includes(char)) break;
    else i += 1;
  }
  let to = Math.min(i, text.length);
  // quotes around the whole value stay, so that the line can still be read
  const first = text[from];
  if (to - from >= 2 && (first === '"' || first === "'") && text[to - 1] === first) {
    from += 1;
    to -= 1;
  }
  return { from, to };
}

const isClosing = (char: string, around: number): boolean =>
  (around === SINGLE && char === "'") || (around === DOUBLE && char === '"');

/** A value in quotes that are escaped: up to the next such quote, the end of the line at most. */
function escapedValue(text: string, at: number): Span {
  const quote = text.slice(at, at + 2);
  const end = text.indexOf(quote, at + 2);
  return { from: at + 2, to: end < 0 ? text.length : end };
}

/** From `at` to the end of the quote that is open there, or of the line. */
export function restAt({ text, open }: QuotedText, at: number): Span {
  const around = open[at] as number;
  let i = at;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === NEWLINE && around === 0) break;
    if (code === BACKSLASH && around !== SINGLE) i += 1;
    else if (
      around === 0 ? code === SINGLE_QUOTE || code === DOUBLE_QUOTE : isClosing(text[i] as string, around)
    )
      break;
    i += 1;
  }
  return { from: at, to: Math.min(i, text.length) };
}

const REFERENCES: readonly RegExp[] = [
  /^(?:[\w.-]*:)?\$\{?[A-Za-z_]\w*\}?$/,
  /^\$\{?[A-Za-z_]\w*\}?:(?:\$\{?[A-Za-z_]\w*\}?)?$/,
  /^\$\{\{[^}]*\}\}$/,
  /^\{\{[^}]*\}\}$/,
  /^\$env:\w+$/i,
  /^%[A-Za-z_]\w*%$/,
  /^<[a-z_ -]+>$/i,
  /^process\.env\.\w+$/,
  /^os\.environ\b[\w.[\]'"()]*$/,
];
const SUBSTITUTION = /^(?:\$\(|`)\s*(?!echo\b|printf\b|print\b)[a-z]/;
/** The last one stands for the input. */
const WORDS = new Set('true false null none yes no on off undefined nil required optional -'.split(' '));

/** A value that is hidden already, is empty, or only says where the secret is. */
export function isNoSecret({ text }: QuotedText, { from, to }: Span): boolean {
  if (from >= to) return true;
  const value = text.slice(from, Math.min(to, from + REFERENCE_CHARS_MAX));
  if (value.startsWith(HIDDEN) && to - from === HIDDEN.length) return true;
  if (to - from === value.length && REFERENCES.some((pattern) => pattern.test(value))) return true;
  return WORDS.has(value.toLowerCase());
}

/** Whether a command is asked for the value at `at`, one that does not just repeat it. */
export const isSubstitution = ({ text }: QuotedText, at: number): boolean =>
  SUBSTITUTION.test(text.slice(text[at] === '"' ? at + 1 : at, at + 20));
