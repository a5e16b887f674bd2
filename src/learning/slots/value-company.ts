/**
 * The company of a value: names and numbers in the last commands that held it. A value fits where names of its company
 * come again, or numbers near to its numbers: lines of a file that are changed are near to lines of it that were shown.
 */

const CHARS_MAX = 300;
const NAMES_MAX = 24;
const NUMBERS_MAX = 8;
const COMMANDS_MAX = 4;
/** So far apart are numbers that have nothing to do with each other; smaller ones must be the same. */
const FAR = 60;

/** Names and numbers of some values. */
export interface Beside {
  readonly names: ReadonlySet<string>;
  readonly numbers: readonly number[];
}

const NUMBER = /^\d/;

/** Of the first of them, where there are many. */
export function besideOf(values: readonly string[]): Beside {
  const words = values.flatMap(
    (value) =>
      value
        .slice(0, CHARS_MAX)
        .toLowerCase()
        .match(/[a-z_]\w{2,}|\d+/g) ?? [],
  );
  const once = [...new Set(words)];
  const numbers = once.filter((word) => NUMBER.test(word));
  return {
    names: new Set(once.filter((word) => !NUMBER.test(word)).slice(0, NAMES_MAX)),
    numbers: numbers.slice(0, NUMBERS_MAX).map(Number),
  };
}

/** With the newest command's first; bounded. */
export const joined = (company: readonly Beside[], newest: Beside): readonly Beside[] =>
  [newest, ...company].slice(0, COMMANDS_MAX);

/** The share of the names that the company holds; 0 for none. */
export function sharedNames({ names }: Beside, company: readonly Beside[]): number {
  let shared = 0;
  for (const name of names) if (company.some((one) => one.names.has(name))) shared += 1;
  return shared / Math.max(1, names.size);
}

/** From 0 for none that is near to one of the company's to 1 for one that is the same. */
export function nearness({ numbers }: Beside, company: readonly Beside[]): number {
  let most = 0;
  for (const number of numbers)
    for (const one of company)
      for (const other of one.numbers) {
        const apart = Math.abs(number - other);
        if (apart === 0) return 1;
        if (apart <= FAR && number > FAR) most = Math.max(most, 1 - apart / (2 * FAR));
      }
  return most;
}
