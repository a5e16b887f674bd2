/** A label with what is known of it. Its words and hashes are made when first asked for: most labels are never ranked again. */
import { hashText } from './hash.ts';

const WORDS_MAX = 8;

export class LabelEntry {
  readonly id: number;
  readonly label: string;
  /** The label of the level above; empty at the top level. */
  readonly parent: string;
  /** The last command that bore the label. */
  example: string;
  count = 0;
  lastAt = 0;
  #words: readonly string[] | undefined;
  #hashes: readonly number[] | undefined;

  constructor(id: number, label: string, parent: string, example: string) {
    this.id = id;
    this.label = label;
    this.parent = parent;
    this.example = example;
  }

  get words(): readonly string[] {
    this.#words ??= firstWords(this.label.toLowerCase());
    return this.#words;
  }

  /** Of the whole label, then of each of its words. */
  get hashes(): readonly number[] {
    this.#hashes ??= [this.label, ...this.words].map(hashText);
    return this.#hashes;
  }
}

/** Each word once. A label may be a script: what comes behind is not cut. */
function firstWords(text: string): readonly string[] {
  const words: string[] = [];
  for (let from = 0; from <= text.length && words.length < WORDS_MAX; ) {
    const space = text.indexOf(' ', from);
    const to = space < 0 ? text.length : space;
    const word = text.slice(from, to);
    if (!words.includes(word)) words.push(word);
    from = to + 1;
  }
  return words;
}
