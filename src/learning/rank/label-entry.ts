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
    this.#words ??= [...new Set(this.label.toLowerCase().split(' '))].slice(0, WORDS_MAX);
    return this.#words;
  }

  /** Of the whole label, then of each of its words. */
  get hashes(): readonly number[] {
    this.#hashes ??= [this.label, ...this.words].map(hashText);
    return this.#hashes;
  }
}
