/**
 * Commands of a shell script: enough of the grammar to know which words belong together, which one is the program,
 * and where conditions, patterns and here-documents are. What it does not know makes it give up (`ShellLost`).
 */
import {
  readArray,
  readComment,
  readCondition,
  readFor,
  readFunction,
  readHereDocs,
  SUBSCRIPT,
  skipLines,
} from './shell-clauses.ts';
import { ShellLexer } from './shell-lexer.ts';
import { type Dialect, SHELL_HOLE, type Word } from './shell-word.ts';

export interface Command {
  readonly assignments: Word[];
  readonly words: Word[];
  readonly redirects: { readonly operator: string; readonly target: Word }[];
  /** Marks that flow into its standard input through a pipe. */
  readonly pipedMarks: readonly number[];
  /** Variables that flow into it through a pipe. */
  readonly pipedNames: readonly string[];
  readonly isPiped: boolean;
}

/** Words of one command; rules look at each against the others. */
const WORDS_MAX = 2_000;

type End = 'end' | ')' | ';;' | 'esac';

const OPENERS = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', 'time', 'coproc']);
const CLOSERS = new Set(['}', 'fi', 'done']);
export class ShellGrammar {
  readonly lexer: ShellLexer;
  readonly #onCommand: (command: Command) => void;
  /** Marks of the pipeline so far; after a compound command, of everything so far. */
  #pipeline: number[] = [];
  #pipedNames: readonly string[] = [];
  #isPiped = false;
  #current: { assignments: Word[]; words: Word[]; redirects: { operator: string; target: Word }[] };
  #isCompound = false;

  constructor(text: string, mark: string, dialect: Dialect, onCommand: (command: Command) => void) {
    this.lexer = new ShellLexer(text, mark, dialect, () => this.#nested());
    this.#onCommand = onCommand;
    this.#current = { assignments: [], words: [], redirects: [] };
  }

  /** Reads the whole script. */
  readScript(): void {
    this.#readCommands('end');
    this.#endCommand();
    if (this.lexer.hereDocs.length > 0) this.lexer.lost('a here-document without a body');
  }

  /** Commands of `$( )` or `<( )`: a world of their own, but their marks stay in the outer word. */
  #nested(): void {
    const outer = [this.#pipeline, this.#pipedNames, this.#isPiped, this.#current, this.#isCompound] as const;
    [this.#pipeline, this.#pipedNames, this.#isPiped, this.#isCompound] = [[], [], false, false];
    this.#current = { assignments: [], words: [], redirects: [] };
    this.#readCommands(')');
    [this.#pipeline, this.#pipedNames, this.#isPiped, this.#current, this.#isCompound] = outer;
  }

  #readCommands(until: 'end' | ')' | 'case'): End {
    const { lexer } = this;
    for (;;) {
      lexer.skipBlanks();
      const char = lexer.char;
      if (char === '') {
        if (until !== 'end') lexer.lost(until === 'case' ? '`case` without `esac`' : '`(` is never closed');
        return 'end';
      }
      if (char === ')') {
        if (until !== ')') lexer.lost('a `)` without its `(`');
        this.#endCommand();
        lexer.at += 1;
        return ')';
      }
      if (char === ';' && until === 'case' && /^;(?:;&?|&)/.test(lexer.text.slice(lexer.at, lexer.at + 3))) {
        this.#endCommand();
        lexer.at += lexer.starts(';;&') ? 3 : 2;
        return ';;';
      }
      if (char === '(') this.#readParenthesis();
      else if (!this.#readSeparator() && !this.#readRedirect() && this.#readCommandWord(until === 'case')) {
        return 'esac';
      }
    }
  }

  /** Line ends, comments, `;`, `&`, `|` and their kin; false when none is here. */
  #readSeparator(): boolean {
    const { lexer } = this;
    if (lexer.char === '\n') this.#readNewline();
    else if (lexer.char === '#') readComment(lexer);
    else if (lexer.char === '\r') lexer.lost('a carriage return');
    else if (lexer.char === '&' && lexer.text[lexer.at + 1] === '>') {
      if (lexer.dialect.posix) lexer.lost('`&>`, which sh reads as two commands');
      return false;
    } else if (lexer.char === '|' && lexer.text[lexer.at + 1] !== '|') {
      this.#endCommand('pipe');
      lexer.at += lexer.starts('|&') ? 2 : 1;
    } else if (';&|'.includes(lexer.char)) {
      this.#endCommand();
      lexer.at += lexer.starts('&&') || lexer.starts('||') ? 2 : 1;
    } else return false;
    return true;
  }

  #readNewline(): void {
    this.#endCommand(this.#isPiped && this.#current.words.length === 0 ? 'pipe' : 'list');
    this.lexer.at += 1;
    readHereDocs(this.lexer);
  }

  /** `<`, `>`, here-documents and here-strings with their target; false when no redirection is here. */
  #readRedirect(): boolean {
    const { lexer } = this;
    const rest = lexer.text.slice(lexer.at, lexer.at + 4);
    const operator = /^(?:&>>|&>|<<<|<<-|<<|<&|<>|>>|>&|>\||[<>](?!\())/.exec(rest)?.[0];
    if (operator === undefined) return false;
    lexer.at += operator.length;
    lexer.skipBlanks();
    const target = lexer.readWord();
    if (target.raw === '') lexer.lost(`\`${operator}\` without a target`);
    if (operator === '<<' || operator === '<<-') {
      if (target.literal.includes(SHELL_HOLE))
        lexer.lost('an expansion in a here-document delimiter', target.start);
      lexer.refuse(target.marks, 'in a here-document delimiter');
      const expands = !/['"\\]/.test(target.raw);
      lexer.hereDocs.push({ delimiter: target.literal, stripsTabs: operator === '<<-', expands });
      return true;
    }
    if (operator === '<&' || operator === '>&')
      lexer.refuse(target.marks, `after \`${operator}\`, as a descriptor`);
    this.#current.redirects.push({ operator, target });
    return true;
  }

  /** A subshell, arithmetic, or the `()` of a function. */
  #readParenthesis(): void {
    const { lexer } = this;
    const { words, assignments } = this.#current;
    if (words.length === 0 && assignments.length === 0) {
      this.#isCompound = true;
      if (lexer.starts('((')) lexer.readBalanced('(', ')', 'in arithmetic (( ))');
      else {
        lexer.at += 1;
        this.#readCommands(')');
        this.#isCompound = true;
      }
      return;
    }
    lexer.at += 1;
    lexer.skipBlanks();
    const isFunction = words.length === 1 && assignments.length === 0 && /^[\w.:-]+$/.test(words[0]!.raw);
    if (!isFunction || lexer.char !== ')')
      lexer.lost('a parenthesis in the middle of a command', lexer.at - 1);
    lexer.variables.functions.add(words[0]!.literal);
    lexer.at += 1;
    words.length = 0;
  }

  /** A word with its meaning at this place; true when it is the `esac` that was waited for. */
  #readCommandWord(endsAtEsac: boolean): boolean {
    const { lexer } = this;
    const word = lexer.readWord();
    if (word.raw === '') lexer.lost(`\`${lexer.char}\` is not understood here`);
    const { words, assignments, redirects } = this.#current;
    if ('<>'.includes(lexer.char) && lexer.char !== '' && /^(?:\d+|\{\w+\})$/.test(word.raw)) return false;
    if (words.length === WORDS_MAX) lexer.lost(`a command of more than ${WORDS_MAX} words`);
    const isFirst = words.length === 0 && assignments.length === 0 && redirects.length === 0;
    if (isFirst && word.raw === word.literal) {
      if (endsAtEsac && word.raw === 'esac') {
        this.#endCommand();
        return true;
      }
      if (this.#readKeyword(word.raw)) return false;
    }
    const isAssignment = words.length === 0 && /^[A-Za-z_]\w*(?:\[.*\])?\+?=/s.test(word.raw);
    if (words.length === 0) this.#checkSubscript(word);
    const isList = lexer.char === '(' && word.raw.endsWith('=');
    (isAssignment ? assignments : words).push(isList ? this.#withList(word) : word);
    return false;
  }

  /** `name=` with the items that follow it. */
  #withList(word: Word): Word {
    const { text, variables } = this.lexer;
    const before = variables.expanded.length;
    const marks = [...word.marks, ...readArray(this.lexer)];
    const expanded = [...word.expanded, ...variables.expanded.slice(before)];
    return { ...word, raw: text.slice(word.start, this.lexer.at), marks, expanded };
  }

  #checkSubscript(word: Word): void {
    if (!/^[A-Za-z_]\w*\[/.test(word.raw)) return;
    if (!word.raw.includes(']')) this.lexer.lost('a subscript with spaces', word.start);
    const end = word.start + word.raw.lastIndexOf(']');
    this.lexer.variables.evaluate(word.start + word.raw.indexOf('['), end);
    this.lexer.refuse(this.lexer.marksIn(word.start, end), SUBSCRIPT);
  }

  /** Words with a meaning of their own at the start of a command; false when `raw` is none. */
  #readKeyword(raw: string): boolean {
    const { lexer } = this;
    if (OPENERS.has(raw)) return true;
    if (CLOSERS.has(raw)) this.#isCompound = true;
    else if (raw === 'case') this.#readCase();
    else if (raw === '[[') {
      readCondition(lexer);
      this.#isCompound = true;
    } else if (raw === 'for' || raw === 'select') readFor(lexer);
    else if (raw === 'function') readFunction(lexer);
    else return false;
    return true;
  }

  #readCase(): void {
    const { lexer } = this;
    lexer.skipBlanks();
    lexer.readWord();
    skipLines(lexer);
    if (lexer.readWord().raw !== 'in') lexer.lost('`case` without `in`');
    for (let end: End = ';;'; end !== 'esac'; ) {
      skipLines(lexer);
      if (/^esac(?![\w-])/.test(lexer.text.slice(lexer.at, lexer.at + 5))) {
        lexer.at += 4;
        break;
      }
      if (lexer.char === '(') lexer.at += 1;
      for (let isOpen = true; isOpen; ) {
        lexer.skipBlanks();
        if (lexer.readWord().raw === '') lexer.lost('a `case` pattern is not understood');
        lexer.skipBlanks();
        if (lexer.char !== '|' && lexer.char !== ')') lexer.lost('a `case` pattern is not understood');
        isOpen = lexer.char === '|';
        lexer.at += 1;
      }
      end = this.#readCommands('case');
    }
    this.#isCompound = true;
  }

  #endCommand(how: 'pipe' | 'list' = 'list'): void {
    const { assignments, words, redirects } = this.#current;
    const all = [...assignments, ...words, ...redirects.map(({ target }) => target)];
    if (all.length > 0) {
      const piped = { pipedMarks: this.#pipeline, pipedNames: this.#pipedNames, isPiped: this.#isPiped };
      this.#onCommand({ assignments, words, redirects, ...piped });
    }
    const marks = all.flatMap((word) => word.marks);
    const before = this.#isCompound ? this.lexer.marksIn(0, this.lexer.at) : this.#pipeline;
    this.#pipeline = how === 'pipe' ? [...before, ...marks] : [];
    // Of a long pipeline, too, everything before may flow on.
    const isLong = this.#isCompound || this.#pipedNames.length > 0;
    this.#pipedNames = how !== 'pipe' ? [] : isLong ? ['|'] : all.flatMap((word) => word.expanded);
    this.#isPiped = how === 'pipe';
    this.#isCompound = false;
    this.#current = { assignments: [], words: [], redirects: [] };
  }
}
