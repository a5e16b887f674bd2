/**
 * Earlier steps by their words: the labels of the steps whose words are nearest vote for what comes now,
 * once by the whole text and once by its last sentence.
 */
import type { ToldText, Vote } from '../rank/situation.ts';
import { must, mustArray } from '../state-check.ts';
import { type TextHit, TextIndex, type TextIndexState } from '../text/text-index.ts';

const STEPS_MAX = 20_000;
/** A label at each level. */
const LEVELS = 3;
const NEIGHBOURS = 25;
const NEAR = 20;
const STRENGTH_MAX = 2;
const TERM_GAIN = 4;

export const NO_VOTE: Vote = { weights: new Map(), total: 0, strength: 0 };

export interface StepMemoryState {
  readonly texts: TextIndexState;
  readonly sentences: TextIndexState;
  /** `LEVELS` numbers for each step of the ring. */
  readonly labels: Uint32Array;
}

export interface NearSteps {
  readonly texts: readonly TextHit[];
  readonly sentences: readonly TextHit[];
}

export class StepMemory {
  readonly #texts = new TextIndex(STEPS_MAX);
  readonly #sentences = new TextIndex(STEPS_MAX);
  #labels = new Uint32Array(0);

  near(text: ToldText | undefined): NearSteps {
    if (!text) return { texts: [], sentences: [] };
    return {
      texts: this.#texts.query(text.terms, NEIGHBOURS),
      sentences: this.#sentences.query(text.sentence, NEIGHBOURS),
    };
  }

  /** Three votes at that level: by text, by last sentence, and by text where only the nearest count. */
  votes(level: number, { texts, sentences }: NearSteps, text: ToldText | undefined): readonly Vote[] {
    const best = texts[0]?.score ?? 0;
    const strength = (hits: readonly TextHit[]): number =>
      Math.min((hits[0]?.score ?? 0) / NEAR, STRENGTH_MAX);
    const sharp = best / ((text?.terms.length ?? 0) * TERM_GAIN + 1e-9);
    return [
      this.#vote(level, texts, 2, strength(texts)),
      this.#vote(level, sentences, 2, strength(sentences)),
      this.#vote(level, texts, 6, sharp),
    ];
  }

  learn(text: ToldText, labels: readonly number[]): void {
    const step = this.#texts.add(text.terms);
    this.#sentences.add(text.sentence);
    const from = (step % STEPS_MAX) * LEVELS;
    if (from + LEVELS > this.#labels.length) {
      const longer = new Uint32Array(Math.min(STEPS_MAX, Math.max(64, 2 * step)) * LEVELS);
      longer.set(this.#labels);
      this.#labels = longer;
    }
    this.#labels.set(labels, from);
  }

  snapshot(): StepMemoryState {
    return {
      texts: this.#texts.snapshot(),
      sentences: this.#sentences.snapshot(),
      labels: this.#labels,
    };
  }

  restore({ texts, sentences, labels }: StepMemoryState): void {
    must(texts.size === sentences.size, 'a sentence for each text');
    mustArray(labels, Uint32Array, labels.length);
    must(labels.length >= Math.min(texts.size, STEPS_MAX) * LEVELS, 'labels for each step');
    must(labels.length <= STEPS_MAX * LEVELS, 'labels of a bounded number of steps');
    this.#texts.restore(texts);
    this.#sentences.restore(sentences);
    this.#labels = labels.slice();
  }

  #vote(level: number, hits: readonly TextHit[], power: number, strength: number): Vote {
    const best = hits[0]?.score;
    if (best === undefined) return NO_VOTE;
    const weights = new Map<number, number>();
    let total = 0;
    for (const { document, score } of hits) {
      const id = this.#labels[(document % STEPS_MAX) * LEVELS + level] ?? 0;
      const weight = (score / best) ** power;
      weights.set(id, (weights.get(id) ?? 0) + weight);
      total += weight;
    }
    return { weights, total, strength };
  }
}
