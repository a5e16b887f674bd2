/**
 * Cuts a command line into words and operators as a shell would: quotes, escapes, substitutions, here-documents,
 * comments. Total (any text gives tokens; what is left open ends with the text), one pass, no recursion.
 */
export interface ShellWord {
  readonly kind: 'word';
  /** Without quotes and escapes; substitutions and variables as written. */
  readonly text: string;
  readonly quoted: boolean;
  /** Where it stands in the line, with its quotes. */
  readonly from: number;
  readonly to: number;
}

export interface ShellOperator {
  readonly kind: 'operator';
  /** `&&`, `||`, `|`, `;`, `&`, `(`, `)` or a redirection such as `>`, `>>`, `<`, `<<`, `<<<`, `>&`. */
  readonly text: string;
}

export type ShellToken = ShellWord | ShellOperator;

const CHARS_MAX = 65_536;
const OPERATOR = /&&|\|\||\|&|&>>|&>|;;|<<<|<<-|<<|<>|<&|>>|>&|>\||[|&;()<>\n]/y;
const PLAIN = /[^\s\\'"`$|&;()<>]+/y;
const REDIRECTION = /^(?:&?[<>])/;

/** At most the first 64 Ki characters are read. */
export function tokenizeShell(line: string): readonly ShellToken[] {
  return new Tokenizer(line.slice(0, CHARS_MAX)).run();
}

class Tokenizer {
  readonly #text: string;
  readonly #tokens: ShellToken[] = [];
  /** Ends of here-documents announced on this line. */
  readonly #documents: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly ShellToken[] {
    const text = this.#text;
    while (this.#at < text.length) {
      const char = text[this.#at] as string;
      if (char === '\\' && text[this.#at + 1] === '\n') this.#at += 2;
      else if (char !== '\n' && /\s/.test(char)) this.#at += 1;
      else if (char === '#') this.#at = this.#endOfLine();
      else if (!this.#operator()) this.#word();
    }
    return this.#tokens;
  }

  #operator(): boolean {
    OPERATOR.lastIndex = this.#at;
    const operator = OPERATOR.exec(this.#text)?.[0];
    if (operator === undefined) return false;
    this.#at += operator.length;
    if (operator === '\n') {
      this.#skipDocuments();
      this.#tokens.push({ kind: 'operator', text: ';' });
    } else {
      const known = operator === '<<-' ? '<<' : operator === ';;' ? ';' : operator === '|&' ? '|' : operator;
      this.#tokens.push({ kind: 'operator', text: known });
    }
    return true;
  }

  #word(): void {
    const start = this.#at;
    let text = '';
    let quoted = false;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] as string;
      if (char === "'" || char === '"') {
        text += this.#quoted(char);
        quoted = true;
      } else if (char === '\\') {
        text += this.#text[this.#at + 1] ?? '';
        this.#at += 2;
      } else if (char === '`' || (char === '$' && /[({]/.test(this.#text[this.#at + 1] ?? ''))) {
        const from = this.#at;
        this.#skipSubstitution();
        text += this.#text.slice(from, this.#at);
      } else if (char === '$') {
        text += char;
        this.#at += 1;
      } else {
        PLAIN.lastIndex = this.#at;
        const plain = PLAIN.exec(this.#text)?.[0];
        if (plain === undefined) break;
        text += plain;
        this.#at += plain.length;
      }
    }
    this.#take(text, quoted, start);
  }

  #take(text: string, quoted: boolean, start: number): void {
    const before = this.#tokens.at(-1);
    const redirects = /[<>]/.test(this.#text[this.#at] ?? '');
    // The number before a redirection says which stream: it is no argument.
    if (!quoted && redirects && /^\d+$/.test(text)) return;
    if (before?.kind === 'operator' && before.text === '<<') this.#documents.push(text);
    if (this.#at > start)
      this.#tokens.push({
        kind: 'word',
        text,
        quoted,
        from: start,
        to: Math.min(this.#at, this.#text.length),
      });
  }

  /** What stands between the quote here and its partner. */
  #quoted(quote: string): string {
    let text = '';
    let i = this.#at + 1;
    let from = i;
    while (i < this.#text.length && this.#text[i] !== quote) {
      if (quote === '"' && this.#text[i] === '\\' && /["\\$`\n]/.test(this.#text[i + 1] ?? '')) {
        text += this.#text.slice(from, i);
        from = i + 1;
        i += 1;
      }
      i += 1;
    }
    this.#at = i + 1;
    return text + this.#text.slice(from, i);
  }

  /** Past `$(…)`, `${…}` or a pair of backticks, whatever is nested in them. */
  #skipSubstitution(): void {
    const open: string[] = [];
    let i = this.#at;
    do {
      const char = this.#text[i] as string;
      const top = open.at(-1);
      if (char === '\\' && top !== "'") i += 1;
      else if (top === "'" ? char === "'" : char === top) open.pop();
      else if (top === "'") {
        // Nothing opens within single quotes.
      } else if (char === '$' && this.#text[i + 1] === '(') {
        open.push(')');
        i += 1;
      } else if (char === '$' && this.#text[i + 1] === '{') {
        open.push('}');
        i += 1;
      } else if (char === '`' || char === '"') open.push(char);
      else if (char === "'" && top !== '"') open.push(char);
      else if (char === '(' && top === ')') open.push(')');
      i += 1;
    } while (open.length > 0 && i < this.#text.length);
    this.#at = Math.min(i, this.#text.length);
  }

  #skipDocuments(): void {
    for (const end of this.#documents.splice(0)) {
      while (this.#at < this.#text.length) {
        const next = this.#endOfLine();
        const line = this.#text.slice(this.#at, next);
        this.#at = next + 1;
        if (line.trim() === end) break;
      }
    }
    this.#at = Math.min(this.#at, this.#text.length);
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end < 0 ? this.#text.length : end;
  }
}

/** Whether the operator sends a stream somewhere. */
export const isRedirection = ({ text }: ShellOperator): boolean => REDIRECTION.test(text);
