/**
 * Commands for a goal from examples that everybody shares, for whoever has no history yet: the nearest examples by their
 * words (BM25). What it says is a guess and its confidence is low, whatever it finds.
 */
import { termsOf } from '../text/terms.ts';
import { TextIndex } from '../text/text-index.ts';

/** A page: the program, what it is, and its examples: goal and command. */
export type PriorPage = readonly [
  page: string,
  summary: string,
  examples: readonly (readonly [goal: string, command: string])[],
];

export interface PriorCommand {
  /** What people fill in stands as `<name>`. */
  readonly command: string;
  /** What the example is for, in its page's words. */
  readonly goal: string;
  readonly page: string;
  readonly confidence: number;
}

interface Example {
  readonly page: string;
  readonly goal: string;
  readonly command: string;
  readonly terms: ReadonlySet<string>;
  /** Those of its own goal. */
  readonly told: ReadonlySet<string>;
  /** From 1 up; the greater, the more its page matters. */
  readonly gain: number;
}

/** Even where every word fits, so many other commands would do. */
const CONFIDENCE_MAX = 0.3;
/** Under this share of the goal's words an example is about something else. */
const COVERAGE_MIN = 0.5;
const CANDIDATES = 60;
const TERM_CHARS_MIN = 2;
/** So many words of a goal that fit are enough; one that only the page has counts less. */
const ENOUGH_WORDS = 2.5;
const ABOUT_SHARE = 0.6;
const GOAL_TERMS_MAX = 30;
/** How much the first pages are put before the last ones of the same score. */
const FIRST_GAIN = 0.4;
const FIRST_PAGES = 300;
/** Of the worth of an example, what the next one of its page has. */
const LATER_SHARE = 0.7;
/** Words that say the same of a command; the first stands for all. */
const SAME = [
  'list show display print get view',
  'remove delete erase drop',
  'directory folder dir',
  'create make add generate',
  'large big',
  'find search locate',
  'kill terminate',
  'replace substitute',
  'compress archive',
  'download fetch',
  'run execute',
];
const CANONICAL = new Map(
  SAME.flatMap((group) => {
    const [first = '', ...others] = termsOf(group);
    return others.map((word) => [word, first] as const);
  }),
);
/** Nobody is offered what takes away, unless the goal says so. */
const TAKES_AWAY = new Set(
  termsOf('delete remove erase drop kill purge prune destroy wipe uninstall format discard'),
);

const wordsOf = (text: string): readonly string[] => termsOf(text).map((term) => CANONICAL.get(term) ?? term);

export class CommandPrior {
  readonly #examples: Example[] = [];
  readonly #index: TextIndex;
  readonly #known = new Map<string, number>();

  /** Pages that matter most come first. */
  constructor(pages: readonly PriorPage[]) {
    const count = pages.reduce((sum, [, , examples]) => sum + examples.length, 0);
    this.#index = new TextIndex(Math.max(1, count));
    // of what has a word in common with very many, the index keeps the newest: those that matter
    for (const [place, [page, summary, examples]] of [...pages.entries()].reverse()) {
      const about = [...wordsOf(summary), ...wordsOf(page.replace(/-/g, ' '))];
      const gain = 1 + FIRST_GAIN / (1 + place / FIRST_PAGES);
      for (const [goal, command] of examples) this.#add({ page, goal, command, gain }, about);
    }
  }

  get size(): number {
    return this.#examples.length;
  }

  /** Best first; nothing where the words fit nothing. */
  commandsFor(goal: string, limit: number): readonly PriorCommand[] {
    const terms = [...new Set(wordsOf(goal))]
      .filter((term) => term.length >= TERM_CHARS_MIN)
      .slice(0, GOAL_TERMS_MAX);
    if (terms.length === 0) return [];
    const found = this.#index
      .query(terms, CANDIDATES)
      .map(({ document, score }) => {
        const example = this.#examples[document] as Example;
        const coverage = this.#coverage(terms, example);
        return { example, coverage, value: score * coverage * example.gain };
      })
      .filter(({ coverage, example }) => coverage >= COVERAGE_MIN && isAskedFor(example, terms))
      .sort((a, b) => b.value - a.value);
    return firstOfPages(found, limit).map(({ example, coverage }, rank) => ({
      command: filledIn(example.command),
      goal: example.goal,
      page: example.page,
      confidence: rounded((CONFIDENCE_MAX * coverage ** 2 * evidence(terms, example)) / (1 + rank)),
    }));
  }

  /** Commands that begin so, best first: of pages that matter more and say more, and with less to be filled in. */
  startingWith(prefix: string, limit: number): readonly PriorCommand[] {
    const typed = prefix.trimStart();
    const pages = new Map<string, Example[]>();
    for (const example of this.#examples) {
      const command = spelledAs(example.command, typed);
      if (!command.startsWith(typed) || !isTyped({ ...example, command }, typed)) continue;
      pages.set(example.page, [...(pages.get(example.page) ?? []), { ...example, command }]);
    }
    const worths = new Map<string, { readonly example: Example; readonly worth: number }>();
    for (const examples of pages.values()) {
      const simplest = [...examples].sort(
        (a, b) => a.command.split(' ').length - b.command.split(' ').length,
      );
      for (const [place, example] of simplest.entries()) {
        const worth = (example.gain - 1) * examples.length * LATER_SHARE ** place;
        const command = filledIn(example.command);
        if (command !== typed && (worths.get(command)?.worth ?? 0) < worth)
          worths.set(command, { example, worth });
      }
    }
    const all = [...worths.values()].reduce((sum, { worth }) => sum + worth, 0);
    return [...worths]
      .sort(([, a], [, b]) => b.worth - a.worth)
      .slice(0, limit)
      .map(
        ([
          command,
          {
            example: { goal, page },
            worth,
          },
        ]) => ({
          command,
          goal,
          page,
          confidence: rounded((CONFIDENCE_MAX * worth) / all),
        }),
      );
  }

  #add(example: Omit<Example, 'terms' | 'told'>, about: readonly string[]): void {
    const told = wordsOf(example.goal);
    const all = [...told, ...told, ...about];
    const terms = new Set(all);
    for (const term of terms) this.#known.set(term, (this.#known.get(term) ?? 0) + 1);
    this.#index.add(all);
    this.#examples.push({ ...example, terms, told: new Set(told) });
  }

  /** Of the goal's words, those that the example has; rare words count more, unknown ones most. */
  #coverage(goal: readonly string[], { terms }: Example): number {
    const weigh = (term: string): number =>
      Math.log(1 + this.#examples.length / (1 + (this.#known.get(term) ?? 0)));
    const sum = (some: readonly string[]): number => some.reduce((all, term) => all + weigh(term), 0);
    return sum(goal.filter((term) => terms.has(term))) / sum(goal);
  }
}

/** One word that fits says little, and less where only the page has it: the share of what would be enough. */
function evidence(goal: readonly string[], { terms, told }: Example): number {
  const fits = goal.filter((term) => terms.has(term));
  const sum = fits.reduce((all, term) => all + (told.has(term) ? 1 : ABOUT_SHARE), 0);
  return Math.min(1, sum / ENOUGH_WORDS) ** 2;
}

const rounded = (confidence: number): number => Math.round(confidence * 1_000) / 1_000;

const ALIASED = 'docker ';

/** Most people leave out what may be left out. */
const spelledAs = (command: string, typed: string): string =>
  command.startsWith(typed) || !typed.startsWith(ALIASED)
    ? command
    : command.replace(/^docker container ls\b/, 'docker ps').replace(/^docker container /, ALIASED);

/** What takes away is not brought up by a word that is not yet typed. */
function isTyped({ command, goal }: Example, typed: string): boolean {
  if (termsOf(goal).every((term) => !TAKES_AWAY.has(term))) return true;
  const [head = ''] = command.split(/ (?=-|\{\{)/);
  return typed.startsWith(head);
}

const isAskedFor = ({ goal }: Example, asked: readonly string[]): boolean =>
  termsOf(goal).every((term) => !TAKES_AWAY.has(term)) || asked.some((term) => TAKES_AWAY.has(term));

/** One page has many examples that are much alike: one of each first. */
function firstOfPages<T extends { readonly example: Example }>(
  found: readonly T[],
  limit: number,
): readonly T[] {
  const pages = new Set<string>();
  const [firsts, others]: [T[], T[]] = [[], []];
  for (const each of found) {
    (pages.has(each.example.page) ? others : firsts).push(each);
    pages.add(each.example.page);
  }
  return [...firsts, ...others].slice(0, limit);
}

/** The first of several choices; what is to be filled in as a name in angle brackets. */
const filledIn = (command: string): string =>
  command.replace(/\{\{([^{}]*)\}\}/g, (_, name: string) => {
    const choice = (name.split(/[|[]/)[0] as string).trim() || 'value';
    return /^-/.test(choice) ? choice : `<${choice.replace(/[<>]/g, '')}>`;
  });
