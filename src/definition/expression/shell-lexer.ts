/**
 * Words of a shell script and the quoting around each value in them. A value (`{{ }}`) stands in the text as one
 * mark character. Owns quotes and expansions; commands are `shell-grammar.ts`, which it calls for `$( )`.
 * 1. Each mark is placed once, with the quoting at its spot, or refused with a reason.
 * 2. What cannot be followed throws `ShellLost`: then no mark of the script is safe.
 */
import { ShellMarks } from './shell-marks.ts';
import { ShellVariables } from './shell-variables.ts';
import { type Dialect, type Quoting, SHELL_HOLE, ShellLost, VALUE_HOLE, type Word } from './shell-word.ts';

/** Expansions inside each other; each level reads its text once more. */
const NESTING_MAX = 10;

/** Reads words from `at` on, and keeps what it learned about each mark. */
export class ShellLexer {
  at = 0;
  /** Here-documents announced on this line, whose bodies follow it. */
  hereDocs: { delimiter: string; stripsTabs: boolean; expands: boolean }[] = [];
  readonly marks: ShellMarks;
  readonly variables: ShellVariables;
  readonly text: string;
  readonly dialect: Dialect;
  readonly #mark: string;
  readonly #readCommands: (until: ')') => void;
  #nesting = 0;

  constructor(text: string, mark: string, dialect: Dialect, readCommands: (until: ')') => void) {
    this.text = text;
    this.variables = new ShellVariables(text);
    this.dialect = dialect;
    this.#mark = mark;
    this.marks = new ShellMarks(text, mark);
    this.#readCommands = readCommands;
  }

  get char(): string {
    return this.text[this.at] ?? '';
  }

  starts(prefix: string): boolean {
    return this.text.startsWith(prefix, this.at);
  }

  lost(reason: string, at = this.at): never {
    throw new ShellLost(reason, at);
  }

  refuse(marks: Iterable<number>, reason: string): void {
    this.marks.refuse(marks, reason);
  }

  marksIn(from: number, to: number): number[] {
    return this.marks.between(from, to);
  }

  within(reason: string, read: () => void): void {
    this.marks.within(reason, () => this.#nest(read));
  }

  #nest(read: () => void): void {
    this.#nesting += 1;
    if (this.#nesting > NESTING_MAX) this.lost('it is nested too deep');
    read();
    this.#nesting -= 1;
  }

  #place(quoting: Quoting): void {
    this.marks.place(this.at, quoting);
    this.at += 1;
  }

  /** Blanks and line continuations. */
  skipBlanks(): void {
    for (;;) {
      if (this.char === ' ' || this.char === '\t') this.at += 1;
      else if (this.starts('\\\n')) this.at += 2;
      else return;
    }
  }

  /** One word; empty when none starts here. `regex`: the right side of `=~`, where parentheses and bars are text. */
  readWord(mode: 'command' | 'regex' = 'command'): Word {
    const start = this.at;
    const before = this.variables.expanded.length;
    let literal = '';
    for (let depth = 0; ; ) {
      const char = this.char;
      if (char === '' || ' \t\n\r'.includes(char)) break;
      if (mode === 'regex' && '()|<>&;'.includes(char)) {
        depth += char === '(' ? 1 : char === ')' ? -1 : 0;
        if (depth < 0) break;
        this.at += 1;
        literal += char;
        continue;
      }
      if (';&|)'.includes(char)) break;
      const piece = this.#readPiece(start);
      if (piece === undefined) break;
      literal += piece;
    }
    const raw = this.text.slice(start, this.at);
    if (this.hereDocs.length > 0 && raw.includes('\n')) this.lost('a line break in a word after `<<`', start);
    const expanded = this.variables.expanded.slice(before);
    return { start, raw, literal, marks: this.marksIn(start, this.at), expanded };
  }

  /** One character, quoted part or expansion of a word; undefined at the word's end. */
  #readPiece(start: number): string | undefined {
    const char = this.char;
    switch (char) {
      case this.#mark:
        this.#place('bare');
        return VALUE_HOLE;
      case '\\':
        return this.#readEscape();
      case "'":
        return this.#readSingle('single');
      case '"':
        return this.readDouble();
      case '$':
        return this.#readDollar(false);
      case '`':
        return this.#readBackticks();
      case '<':
      case '>':
        return this.text[this.at + 1] === '(' ? this.#readProcess(char) : undefined;
      case '(':
        if (this.at === start || !'?*+@!'.includes(this.text[this.at - 1]!)) return undefined;
        this.readBalanced('(', ')', 'in a pattern list');
        return SHELL_HOLE;
      default:
        this.at += 1;
        return char;
    }
  }

  /** `<( )` or `>( )`. */
  #readProcess(direction: '<' | '>'): string {
    const start = this.at;
    this.at += 2;
    this.#nested();
    // What flows into it cannot be told from here.
    const isShell = direction === '>' && /(?:sh|eval|source)\b/.test(this.text.slice(start, this.at));
    if (isShell) this.lost('a shell behind `>( )`', start);
    return SHELL_HOLE;
  }

  /** A backslash and what it quotes; a value right after it would lose its own quotes. */
  #readEscape(): string {
    this.at += 1;
    const next = this.char;
    if (next === '') this.lost('a backslash ends the script');
    if (next === this.#mark) {
      this.refuse([this.at], 'after a backslash');
      return SHELL_HOLE;
    }
    this.at += 1;
    return next === '\n' ? '' : next;
  }

  #readSingle(quoting: 'single' | 'ansi'): string {
    const start = this.at++;
    let literal = '';
    while (this.char !== "'") {
      if (this.char === '') this.lost('a quote is never closed', start);
      if (quoting === 'ansi' && this.char === '\\') {
        // What the escape means does not matter here, only that the word is not plain text.
        this.#readEscape();
        literal += SHELL_HOLE;
        continue;
      }
      if (this.char === this.#mark) {
        this.#place(quoting);
        literal += VALUE_HOLE;
      } else {
        literal += this.char;
        this.at += 1;
      }
    }
    this.at += 1;
    return literal;
  }

  /** A double-quoted part, from its opening quote. */
  readDouble(): string {
    const start = this.at++;
    let literal = '';
    while (this.char !== '"') {
      const char = this.char;
      if (char === '') this.lost('a quote is never closed', start);
      if (char === this.#mark) {
        this.#place('double');
        literal += VALUE_HOLE;
      } else if (char === '$') literal += this.#readDollar(true);
      else if (char === '`') literal += this.#readBackticks();
      else if (char === '\\') literal += this.#readEscape();
      else {
        literal += char;
        this.at += 1;
      }
    }
    this.at += 1;
    return literal;
  }

  #readDollar(inDouble: boolean): string {
    this.at += 1;
    if (this.starts('((')) this.readBalanced('(', ')', 'in arithmetic $(( ))');
    else if (this.char === '(') {
      this.at += 1;
      this.#nested();
    } else if (this.char === '{') this.#readParameter(inDouble);
    else if (this.char === '[') this.readBalanced('[', ']', 'in arithmetic $[ ]');
    else if (this.char === "'" && !inDouble) return this.#readAnsi();
    else if (this.char === '"' && !inDouble) this.within('in $"…"', () => this.readDouble());
    else return this.#readName();
    return SHELL_HOLE;
  }

  #readName(): string {
    if (this.dialect.evaluates) while (this.char !== '' && '+=~^'.includes(this.char)) this.at += 1;
    const name = /[A-Za-z_]\w*|[@*#?$!0-9-]/y;
    name.lastIndex = this.at;
    const match = name.exec(this.text);
    if (!match) return '$';
    this.at += match[0].length;
    this.variables.expanded.push(/[A-Za-z_]/.test(match[0]) && match[0] !== 'OPTARG' ? match[0] : '@');
    // zsh reads `$name[…]` as a subscript even in double quotes, and evaluates it.
    if (this.dialect.evaluates && this.char === '[') this.readBalanced('[', ']', 'in a subscript');
    return SHELL_HOLE;
  }

  /** `$'…'`: a plain quote after a `$` in older sh, where only text without backslashes reads the same. */
  #readAnsi(): string {
    if (!this.dialect.posix) return this.#readSingle('ansi');
    const end = this.text.indexOf("'", this.at + 1);
    if (end < 0 || this.text.slice(this.at, end).includes('\\')) this.lost("`$'…'` with a backslash in sh");
    this.within("in $'…', which not every sh knows", () => this.#readSingle('single'));
    return SHELL_HOLE;
  }

  #readBackticks(): string {
    const start = this.at++;
    while (this.char !== '`') {
      if (this.char === '') this.lost('a backtick is never closed', start);
      this.at += this.char === '\\' && this.text[this.at + 1] !== this.#mark ? 2 : 1;
    }
    this.at += 1;
    this.variables.readUnseen(start, this.at, true);
    this.refuse(this.marksIn(start, this.at), 'in backticks; write $( ) instead');
    return SHELL_HOLE;
  }

  #readParameter(inDouble: boolean): void {
    const start = this.at++;
    if (/[\s|]/.test(this.char)) this.lost('`${ command; }`', start);
    this.within('in ${ }', () => {
      while (this.char !== '}') {
        if (this.char === '') this.lost('`${` is never closed', start);
        // Whether this quote counts depends on the operator and the shell.
        if (inDouble && this.char === "'") this.lost('a single quote in "${ }"');
        // In double quotes only these begin something; elsewhere a whole piece is read.
        const isText = inDouble && !`$\`"\\${this.#mark}`.includes(this.char);
        if (isText || this.#readPieceAnywhere() === undefined) this.at += 1;
      }
    });
    this.at += 1;
    this.variables.readParameter(start, this.at);
  }

  /** From `open` to its `close`, counting pairs; every mark inside is refused. */
  readBalanced(open: string, close: string, reason: string): void {
    const start = this.at++;
    this.within(reason, () => {
      for (let depth = 1; depth > 0; ) {
        if (this.char === '') this.lost(`\`${open}\` is never closed`, start);
        if (this.char === open || this.char === close) {
          depth += this.char === open ? 1 : -1;
          this.at += 1;
        } else if (this.#readPieceAnywhere() === undefined) this.at += 1;
      }
    });
    const isPattern = open === '(' && this.text[start + 1] !== '(';
    if (!isPattern) this.variables.evaluate(start, this.at);
  }

  #readPieceAnywhere(): string | undefined {
    return '()<>'.includes(this.char) ? undefined : this.#readPiece(this.at);
  }

  /** Commands up to the closing parenthesis; a here-document may not straddle it. */
  #nested(): void {
    const outer = this.hereDocs;
    this.hereDocs = [];
    this.#nest(() => this.#readCommands(')'));
    if (this.hereDocs.length > 0) this.lost('a here-document that is not finished before `)`');
    this.hereDocs = outer;
  }
}
