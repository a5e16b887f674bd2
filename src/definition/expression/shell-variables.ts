/**
 * What a script does with its variables: which of them it evaluates, and what flows into them. A value that is plain
 * data in a variable is not once the shell reads that variable as arithmetic (`$((n))` runs what `n='a[$(…)]'` holds)
 * or as code (`eval "$n"`).
 * 1. Too many names may be found, never too few: what cannot be told apart is taken for the worst.
 * 2. `@` stands for all positional parameters, `<` for all that commands read, `|` for every variable before a pipe.
 */
import { marksOf, type Word } from './shell-word.ts';

/** `arithmetic`: also where a name is looked up, because its subscript is arithmetic. */
export type Use = 'arithmetic' | 'code';

/** Words, marks and variables whose values end in `target`. */
interface Flow {
  readonly target: string;
  readonly words: readonly Word[];
  readonly marks: readonly number[];
  readonly names: readonly string[];
}

const NAME = /\$\{?!?[\d@*]+|[A-Za-z_]\w*/g;
/** A length is a number whatever the value is. */
const LENGTH = /\$\{#\w*(?:\[[@*]\])?\}/g;
/** Expansions that evaluate, in text that is not read word by word. */
const EVALUATING = /\(\(|\$\[|\$\{(?:!|\w+(?:\[|:(?![-=?+])))/;
/** The same in text that is a script of its own. */
const EVALUATING_SCRIPT = new RegExp(
  `${EVALUATING.source}|\\[\\[|\\b(?:let|eval|declare|typeset|local|integer|float)\\b`,
);

/** Names of variables that a text may mean, with or without `$`. */
function namesIn(text: string): string[] {
  const names = text.replaceAll(LENGTH, '').match(NAME) ?? [];
  return names.map((name) => (name === 'OPTARG' || name.startsWith('$') ? '@' : name));
}

/** Names that a script may evaluate, when all that is known of it is its text. */
export const namesEvaluatedIn = (script: string): ReadonlySet<string> =>
  new Set(EVALUATING_SCRIPT.test(script) ? namesIn(script) : []);

export class ShellVariables {
  readonly functions = new Set<string>();
  /** Names behind `$`, in the order of the text. */
  readonly expanded: string[] = [];
  /** Integer variables evaluate what is assigned to them; which ones they are is not followed. */
  hasIntegers = false;
  readonly #text: string;
  readonly #flows: Flow[] = [];
  readonly #ranges: (readonly [from: number, to: number])[] = [];
  readonly #used = { arithmetic: new Set<string>(), code: new Set<string>() };

  constructor(text: string) {
    this.#text = text;
  }

  /** The text between two positions is arithmetic. */
  evaluate(from: number, to: number): void {
    this.#ranges.push([from, to]);
  }

  evaluateWord({ start, raw }: Word): void {
    this.evaluate(start, start + raw.length);
  }

  /** What the word expands to is read as a name, or run. */
  use({ expanded }: Pick<Word, 'expanded'>, use: Use): void {
    for (const name of expanded) this.#used[use].add(name);
  }

  /** The word is the script of a shell, which sees the variables too. */
  run(word: Word): void {
    this.use(word, 'code');
    if (EVALUATING_SCRIPT.test(word.raw)) this.evaluateWord(word);
  }

  /** The body of a here-document, or a script in backticks. */
  readUnseen(from: number, to: number, isScript: boolean): void {
    const text = this.#text.slice(from, to);
    if ((isScript ? EVALUATING_SCRIPT : EVALUATING).test(text)) this.evaluate(from, to);
    if (isScript) this.expanded.push(...namesIn(text));
    else this.assign('<', [], { names: namesIn(text) });
  }

  /** `${…}`, from its brace on. */
  readParameter(from: number, to: number): void {
    const text = this.#text.slice(from, to);
    const [head = '', kind, name] = /^\{([!#]?)([A-Za-z_]\w*|\d+|[@*])/.exec(text) ?? [];
    if (name === undefined) {
      // Flags of zsh, some of which evaluate.
      if (text.startsWith('{(')) this.evaluate(from, to);
      return;
    }
    const [known = name] = namesIn(`$${name}`);
    const rest = text.slice(head.length);
    if (kind !== '#') this.expanded.push(known);
    if (kind === '!' && !/^(?:\[[@*]\]|[@*])/.test(rest)) this.#used.arithmetic.add(known);
    if (/^(?:\[|:(?![-=?+]))/.test(rest)) this.evaluate(from + head.length, to);
    if (/@P\}$/.test(rest)) this.#used.code.add(known);
    if (/^:?=/.test(rest)) this.assign(known, [], { names: namesIn(rest) });
  }

  /** Values that end in a variable: of words, of marks, of other variables. */
  assign(target: string, words: readonly Word[], from: Partial<Pick<Flow, 'marks' | 'names'>> = {}): void {
    this.#flows.push({ target, words, marks: from.marks ?? [], names: from.names ?? [] });
  }

  /** Variables that are used so, and those whose values get into them. */
  used(use: Use): ReadonlySet<string> {
    const found = new Set(this.#used[use]);
    if (use === 'arithmetic') {
      for (const name of this.#namesInRanges()) found.add(name);
      if (this.hasIntegers) for (const { target } of this.#flows) found.add(target);
    }
    const byTarget = Map.groupBy(this.#flows, ({ target }) => target);
    for (const target of found) {
      if (target === '|') for (const name of this.expanded) found.add(name);
      for (const { words, names } of byTarget.get(target) ?? []) {
        // Arithmetic reads a name in a value again as a variable; code reads only what was expanded into it.
        const texts = words.flatMap(({ raw, expanded }) => (use === 'code' ? expanded : namesIn(raw)));
        for (const name of [...names, ...texts]) found.add(name);
      }
    }
    return found;
  }

  /** Marks that end in a variable that is used so, with the reason. */
  *unsafeMarks(use: Use): Generator<readonly [marks: readonly number[], reason: string]> {
    const used = this.used(use);
    const how = use === 'code' ? 'is run as code' : 'is evaluated as arithmetic';
    for (const { target, words, marks } of this.#flows) {
      if (!used.has(target)) continue;
      const shown = SHOWN[target] ?? `in a value of variable \`${target}\`, which`;
      yield [[...marksOf(words), ...marks], `${shown} ${how}`];
    }
  }

  /** Ranges lie in each other as expansions do: each character is read once. */
  #namesInRanges(): string[] {
    const names: string[] = [];
    let done = 0;
    for (const [from, to] of [...this.#ranges].sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
      if (to <= done) continue;
      names.push(...namesIn(this.#text.slice(Math.max(from, done), to)));
      done = to;
    }
    return names;
  }
}

const SHOWN: { readonly [target: string]: string } = {
  '@': 'in an argument that, as a positional parameter,',
  '<': 'in the input of a command, which',
};
