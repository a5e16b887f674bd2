/**
 * Values that stand beside a name which says they are secret: `NAME=value`, `--name value`, `"name": "value"`,
 * `Name: value` of a header, `?name=value` of an address.
 */
import { secretName } from './secret-name.ts';
import { isNoSecret, isSubstitution, type QuotedText, restAt, skipBlanks, valueAt } from './shell-value.ts';
import { HIDDEN, type Span } from './span.ts';

const NAME = /(?<![\w.-])[\w.-]+/g;
const SCHEME =
  /^(?:bearer|basic|token|digest|negotiate|apikey|api-key|aws4-hmac-sha256|key|ssws|splunk)[ \t]+/i;
const BEARER = /\bbearer[ \t]+(?=[\w+/=.~-]*\d|[\w+/=.~-]{20})[\w+/=.~-]{6,}/gi;
/** Where a quoted text is a program of its own, and not one long value. */
const PROGRAM = /(?:-[a-z]*c|eval|ssh\s+\S{1,80}|(?:perl|ruby|node) -e|--command|exec)[ \t=]*["']$/;
const BEFORE_CHARS = 100;

export function namedValueSpans(quoted: QuotedText): readonly Span[] {
  const { text } = quoted;
  const spans: Span[] = [];
  let done = 0;
  for (const { 0: name, index } of text.matchAll(NAME)) {
    // what is hidden already is not read again: a line of nothing but names stays linear
    const kind = index < done ? undefined : secretName(name);
    if (kind === undefined) continue;
    const span =
      kind === 'header' ? headerValue(quoted, index, name) : plainValue(quoted, index, name, kind === 'weak');
    if (span === undefined || isNoSecret(quoted, span)) continue;
    spans.push(span);
    done = span.to;
  }
  for (const { 0: found, index } of text.matchAll(BEARER))
    spans.push({ from: index + found.length - found.slice(6).trimStart().length, to: index + found.length });
  return spans;
}

/** All that the header says, but for the word that names the scheme. */
function headerValue(quoted: QuotedText, index: number, name: string): Span | undefined {
  const { text } = quoted;
  const separator = separatorAt(quoted, index, name);
  if (separator === undefined) return undefined;
  if (!separator.mark.includes(':')) return fieldValue(quoted, separator.end, index, false);
  const at = separator.end;
  if (/["']|\\["']/.test(text.slice(at, at + 2)) && separator.isQuoted) {
    const { from, to } = valueAt(quoted, at);
    return { from: from + schemeLength(text, from, to), to };
  }
  const { from, to } = restAt(quoted, at);
  return { from: from + schemeLength(text, from, to), to };
}

function schemeLength(text: string, from: number, to: number): number {
  const scheme = SCHEME.exec(text.slice(from, Math.min(to, from + 40)))?.[0].length ?? 0;
  return from + scheme < to ? scheme : 0;
}

function plainValue(quoted: QuotedText, index: number, name: string, isWeak: boolean): Span | undefined {
  const { text } = quoted;
  const separator = separatorAt(quoted, index, name);
  if (separator) {
    // `a:secret:b` of an address or a scope is no field
    const isField = isWeak
      ? separator.mark === '=' && !separator.isSpaced
      : separator.isQuoted || separator.isSpaced || separator.mark !== ':';
    if (!isField || (separator.mark === ':' && text[index - 1] === ':')) return undefined;
    return fieldValue(quoted, separator.end, index, separator.isQuoted || separator.isSpaced);
  }
  if (!/^-{1,2}[A-Za-z]/.test(name)) return undefined;
  const end = index + name.length;
  const at = skipBlanks(text, end);
  if (at === end || text[at] === '-' || isSubstitution(quoted, at)) return undefined;
  const span = valueAt(quoted, at);
  // `--secret id=…,src=…` names a file, `--token-… ` flags of that kind end otherwise
  return /^(?:id|type|src|source)=/.test(text.slice(span.from, span.from + 8)) ? undefined : span;
}

interface Separator {
  readonly mark: string;
  readonly end: number;
  readonly isQuoted: boolean;
  readonly isSpaced: boolean;
}

const SEPARATOR = /^(\\?["'])?(?:\])?([ \t]{0,8})(=>|:=|={1,3}|:(?![:/]))([ \t]{0,8})/;

function separatorAt({ text }: QuotedText, index: number, name: string): Separator | undefined {
  const at = index + name.length;
  const found = SEPARATOR.exec(text.slice(at, at + 24));
  if (!found) return undefined;
  const [whole, quote, , mark = '', after = ''] = found;
  const end = at + whole.length;
  // an object or a list of a file that has such a name
  if (mark === ':' && /^[{[](?:\s|["'\]}]|$)/.test(text.slice(end, end + 2))) return undefined;
  const isSpaced = after !== '' || /["']/.test(text[end] ?? '');
  return { mark, end, isQuoted: quote !== undefined, isSpaced };
}

/** The value at `at`; in a quoted text that begins with its name it goes on to the closing quote. */
function fieldValue(quoted: QuotedText, at: number, nameIndex: number, isData: boolean): Span | undefined {
  const { text, open } = quoted;
  if (isSubstitution(quoted, at)) return undefined;
  const before = text.slice(Math.max(0, nameIndex - BEFORE_CHARS), nameIndex);
  const isWhole = open[nameIndex] !== 0 && /(?:^|[\s=])["']$/.test(before) && !PROGRAM.test(before);
  if (isWhole && open[at] === open[nameIndex] && !text.startsWith(HIDDEN, at)) return restAt(quoted, at);
  const isInAddress = /[?&]$/.test(before.slice(-1));
  // in JSON and in code what is quoted ends with the quote; a shell would go on
  const isQuotedData = isData && /["']/.test(text[at] ?? '');
  return valueAt(quoted, at, isInAddress ? '#' : isQuotedData ? ',]}:' : '');
}
