/** What follows the subcommand of a command whose inverse is looked for. */
import { shellWord } from '../../engine/core/shell-quote.ts';

export class CommandWords {
  readonly #texts: readonly string[];
  /** To be written before each program that needs what the command needed: `sudo `, or nothing. */
  readonly sudo: string;

  constructor(texts: readonly string[], sudo: string) {
    this.#texts = texts;
    this.sudo = sudo;
  }

  has(...flags: readonly string[]): boolean {
    return this.#texts.some((text) => flags.includes(text));
  }

  /** `-f x`, `--file x` or `--file=x`. */
  value(...flags: readonly string[]): string | undefined {
    for (const [at, text] of this.#texts.entries()) {
      if (flags.includes(text)) return this.#texts[at + 1];
      const flag = flags.find((each) => each.startsWith('--') && text.startsWith(`${each}=`));
      if (flag !== undefined) return text.slice(flag.length + 1);
    }
    return undefined;
  }

  /**
   * Those that are neither flags nor their values; undefined where there is a flag that is not known.
   * @param bare flags that stand alone
   * @param valued flags with a value
   */
  plain(bare = '', valued = ''): readonly string[] | undefined {
    const [alone, before] = [new Set(bare.split(' ')), new Set(valued.split(' '))];
    const rest: string[] = [];
    for (let at = 0; at < this.#texts.length; at += 1) {
      const text = this.#texts[at] as string;
      if (!text.startsWith('-')) rest.push(text);
      else if (before.has(text)) at += 1;
      else if (!alone.has(text) && !before.has(text.replace(/=.*/, ''))) return undefined;
    }
    return rest;
  }

  /** What stands before that word; undefined where it is not there. */
  before(word: string): readonly string[] | undefined {
    const at = this.#texts.indexOf(word);
    return at < 0 ? undefined : this.#texts.slice(0, at);
  }

  /** The flag and its value as they stood, to be said again. */
  again(...flags: readonly string[]): string {
    const found = this.value(...flags);
    return found === undefined ? '' : ` ${flags[0]} ${shellWord(found)}`;
  }
}
