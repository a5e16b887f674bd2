/**
 * Secrets that only the program in front of them gives away: `mysql -p…`, `curl -u user:password`, what is piped or given
 * to a program that reads a password. Programs are looked for anywhere, also within quotes, so that a command inside
 * another one is read too; an operator ends what belongs to a program.
 */
import { secretName } from './secret-name.ts';
import { READERS, SECRET_PROGRAMS, type SecretRule } from './secret-programs.ts';
import { isNoSecret, isSubstitution, type QuotedText, skipBlanks, valueAt } from './shell-value.ts';
import { HIDDEN, type Span } from './span.ts';

const SPEAKERS: ReadonlySet<string> = new Set(['echo', 'printf', 'print']);
const WORD = /[^\s;|&<>()`"']+|<<<|\|\||&&|[;|&()`\n]/g;
const WORD_CHARS_MAX = 400;
/** Of a value, what tells that it is open. */
const OPEN_CHARS_MAX = 20;

/** Names of programs that are words of others more often. */
const USUAL_WORDS: ReadonlySet<string> = new Set(
  'set net machine http https bundle pass op fly security railway'.split(' '),
);
const WORDS_MAX = 16;

/** Programs of one command at most: `docker exec db mysql` has two, and each may say which word is secret. */
const PROGRAMS_MAX = 4;
const NESTED_MAX = 16;

interface Program {
  readonly rules: readonly SecretRule[];
  /** Whether its command is within quotes itself. */
  readonly isQuoted: boolean;
  readonly words: string[];
  operands: number;
}

/** What `echo` and its like have said in the segment before a pipe. */
interface Said {
  readonly from: number;
  to: number;
  piped: boolean;
}

/** One pass over the words. */
export function programSecretSpans(quoted: QuotedText): readonly Span[] {
  const reader = new Reader(quoted);
  for (const { 0: word, index } of quoted.text.matchAll(WORD)) reader.read(word, index);
  return reader.spans;
}

class Reader {
  readonly spans: Span[] = [];
  readonly #quoted: QuotedText;
  #programs: readonly Program[] = [];
  /** Of the commands around a substitution. */
  readonly #around: (readonly Program[])[] = [];
  #said: Said | undefined;
  #readsInput = false;
  #done = 0;
  #before = '';

  constructor(quoted: QuotedText) {
    this.#quoted = quoted;
  }

  read(word: string, at: number): void {
    if (at < this.#done) return;
    const { text } = this.#quoted;
    if (word === '\\' || isContinued(text, word, at)) return;
    if (/^[;|&()`\n]/.test(word) && !this.#isInValue(at)) this.#cut(word, at);
    else if (word === '<<<') {
      if (this.#readsInput) this.#hide(valueAt(this.#quoted, skipBlanks(text, at + 3)));
    } else {
      const short = word.slice(0, WORD_CHARS_MAX);
      if (READERS.has(short)) this.#reads();
      const name = short.slice(short.lastIndexOf('/') + 1);
      if (SPEAKERS.has(name)) this.#said = { from: at + word.length, to: 0, piped: false };
      const rules = this.#rulesOf(name);
      for (const program of this.#programs) this.#argument(program, short, word, at);
      if (rules) this.#begin(rules, at);
      this.#before = short;
    }
  }

  /** `find -name mysql -print` looks for one, and `gh secret set` calls none. */
  #rulesOf(name: string): readonly SecretRule[] | undefined {
    if (/^-i?(?:name|path)$/.test(this.#before)) return undefined;
    const isWord = this.#programs.length > 0 && this.#before !== '--' && USUAL_WORDS.has(name);
    return isWord ? undefined : SECRET_PROGRAMS.get(name);
  }

  #begin(rules: readonly SecretRule[], at: number): void {
    const isQuoted = this.#quoted.open[at] !== 0;
    this.#programs = [{ rules, isQuoted, words: [], operands: 0 }, ...this.#programs].slice(0, PROGRAMS_MAX);
  }

  /** An operator inside of a quoted argument of `echo` is part of what it says. */
  #isInValue(at: number): boolean {
    const said = this.#said;
    return said !== undefined && !said.piped && this.#quoted.open[at] !== this.#quoted.open[said.from];
  }

  #cut(operator: string, at: number): void {
    if (operator === '|' && this.#said && !this.#said.piped) {
      this.#said.to = at;
      this.#said.piped = true;
    } else if (operator !== '|') this.#said = undefined;
    this.#end(operator, at);
    this.#readsInput = false;
  }

  /** A substitution is a command of its own in an argument; an operator in quotes ends nothing that began outside of them. */
  #end(operator: string, at: number): void {
    const { text, open } = this.#quoted;
    const isOpening = operator === '(' && text[at - 1] === '$';
    if (isOpening && this.#around.length < NESTED_MAX) {
      this.#around.push(this.#programs);
      this.#programs = [];
    } else if (operator === ')' && this.#around.length > 0) this.#programs = this.#around.pop() ?? [];
    else this.#programs = open[at] === 0 ? [] : this.#programs.filter(({ isQuoted }) => !isQuoted);
  }

  #reads(): void {
    this.#readsInput = true;
    if (!this.#said?.piped) return;
    const { text } = this.#quoted;
    let from = skipBlanks(text, this.#said.from);
    while (/^-[neE]+\s/.test(text.slice(from, from + 5))) from = skipBlanks(text, text.indexOf(' ', from));
    let { to } = this.#said;
    while (to > from && /\s/.test(text[to - 1] as string)) to -= 1;
    const isQuoted = /["']/.test(text[from] ?? '') && text[to - 1] === text[from] && to - from > 1;
    if (!isSubstitution(this.#quoted, from))
      this.#hide(isQuoted ? { from: from + 1, to: to - 1 } : { from, to });
    this.#said = undefined;
  }

  #argument(program: Program, short: string, word: string, at: number): void {
    const isFlag = short.startsWith('-');
    if (!isFlag) program.operands += 1;
    for (const rule of program.rules) {
      const { flags, after, operand, pairs, open, reads } = rule;
      if (after !== undefined && !program.words.some((earlier) => after.test(earlier))) continue;
      if (reads?.test(short)) this.#reads();
      const flag = flags?.exec(short)?.[0];
      if (flag !== undefined) this.#flag(flag, word, at, rule);
      else if (isFlag || flags !== undefined) continue;
      else if (pairs) this.#pair(short, at, open);
      else if (program.operands === operand || isAnnounced(rule, program.words.at(-1)))
        this.#hide(valueAt(this.#quoted, this.#valueStart(at)));
    }
    // of a long line the first words say what the program is to do, and the last what comes now
    if (program.words.length > WORDS_MAX) program.words.pop();
    program.words.push(short);
  }

  /** What stands behind the first `=` of the word; in a quoted one that begins with its name up to the closing quote. */
  #pair(word: string, at: number, open: RegExp | undefined): void {
    const equals = word.indexOf('=');
    if (equals < 1) return;
    const [start, from] = [this.#valueStart(at), at + equals + 1];
    this.#value(
      start < at ? { from, to: valueAt(this.#quoted, start).to } : valueAt(this.#quoted, from),
      open,
    );
  }

  #value(span: Span, open: RegExp | undefined): void {
    const { text } = this.#quoted;
    if (isSubstitution(this.#quoted, span.from)) return;
    // where it is open, too, nothing more is read in it: a long value would be read once for each of its words
    if (open?.test(text.slice(span.from, Math.min(span.to, span.from + OPEN_CHARS_MAX))))
      this.#done = span.to;
    else this.#hide(span);
  }

  #flag(flag: string, word: string, at: number, { pairs, open }: SecretRule): void {
    const { text } = this.#quoted;
    const end = at + flag.length;
    const isAttached = word.length > flag.length || /["']/.test(text[end] ?? '');
    const next = isAttached ? end + (/[=:]/.test(text[end] ?? '') ? 1 : 0) : skipBlanks(text, end);
    if (!isAttached && text[next] === '-') return;
    if (!pairs) this.#value(valueAt(this.#quoted, next), open);
    else {
      const start = /["']/.test(text[next] ?? '') ? next + 1 : next;
      this.#pair(text.slice(start, start + WORD_CHARS_MAX), start, open);
    }
  }

  /** The quote before a word belongs to its value. */
  #valueStart(at: number): number {
    const { text, open } = this.#quoted;
    return at > 0 && /["']/.test(text[at - 1] as string) && open[at] !== open[at - 1] ? at - 1 : at;
  }

  #hide(span: Span): void {
    const { text } = this.#quoted;
    if (isNoSecret(this.#quoted, span) || text.slice(span.from, span.to).trim() === HIDDEN) return;
    this.spans.push(span);
    this.#done = span.to;
  }
}

/** A line that goes on. */
const isContinued = (text: string, word: string, at: number): boolean =>
  word === '\n' && (text[at - 1] === '\\' || (text[at - 1] === '\r' && text[at - 2] === '\\'));

const isAnnounced = ({ next, isNamed }: SecretRule, before: string | undefined): boolean =>
  before !== undefined &&
  (next?.test(before) === true || (isNamed === true && secretName(before) === 'value'));
