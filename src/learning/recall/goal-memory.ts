/**
 * Earlier sessions by their goal: what was done in the sessions whose goals are nearest votes for what comes now,
 * once by how often, once by what followed the same command there.
 */
import { NumberBlocks } from '../rank/number-blocks.ts';
import type { Vote } from '../rank/situation.ts';
import { must, mustArray } from '../state-check.ts';
import { termsOf, withPairs } from '../text/terms.ts';
import { type TextHit, TextIndex, type TextIndexState } from '../text/text-index.ts';
import { NO_VOTE } from './step-memory.ts';

const GOALS_MAX = 4000;
const NEIGHBOURS = 8;
const NEAR = 40;
const STRENGTH_MAX = 2;
const STEPS_MAX = 200;
const START = 7;

/** At each level, the label before the step and its own. */
const STEP_WIDTH = 6;
const BLOCKS = [4, 16, 48, 100, STEPS_MAX].map((steps) => steps * STEP_WIDTH);

/** A session's place in the memory; `number` is set with its first step. */
export interface GoalPlace {
  readonly terms: readonly string[];
  readonly neighbours: readonly TextHit[];
  /** By level, what the neighbours did at all; gathered when first asked for. */
  readonly deeds: (Vote | undefined)[];
  number: number | undefined;
}

export interface GoalMemoryState {
  readonly goals: TextIndexState;
  /** How many numbers each session of the ring has, and all of them, one session behind the other. */
  readonly sizes: Uint16Array;
  readonly steps: Uint32Array;
}

export class GoalMemory {
  readonly #goals = new TextIndex(GOALS_MAX);
  /** What was done: by place in the ring, `STEP_WIDTH` numbers for each step. */
  readonly #steps = new NumberBlocks(BLOCKS);
  #from = new Uint32Array(0);
  #sizes = new Uint16Array(0);

  begin(goal: string | undefined): GoalPlace {
    const terms = goal ? [...new Set(withPairs(termsOf(goal)))] : [];
    return { terms, neighbours: this.#goals.query(terms, NEIGHBOURS), deeds: [], number: undefined };
  }

  /** Two votes at that level: by frequency, and by what followed `before`. */
  votes(level: number, place: GoalPlace, before: number | undefined): readonly Vote[] {
    if (place.neighbours.length === 0) return [NO_VOTE, NO_VOTE];
    place.deeds[level] ??= this.#often(level, place.neighbours);
    return [place.deeds[level], this.#after(level, place.neighbours, before ?? START)];
  }

  learn(place: GoalPlace, before: readonly number[] | undefined, labels: readonly number[]): void {
    if (place.terms.length === 0) return;
    place.number ??= this.#begin(place.terms);
    const at = place.number % GOALS_MAX;
    const size = this.#sizes[at] as number;
    if (size >= STEPS_MAX * STEP_WIDTH) return;
    this.#from[at] = this.#steps.fit(this.#from[at] as number, size, size + STEP_WIDTH);
    this.#sizes[at] = size + STEP_WIDTH;
    const { numbers } = this.#steps;
    for (const [level, label] of labels.entries())
      numbers.set([before?.[level] ?? START, label], (this.#from[at] as number) + size + 2 * level);
  }

  snapshot(): GoalMemoryState {
    const goals = this.#goals.snapshot();
    const sizes = this.#sizes.subarray(0, Math.min(goals.size, GOALS_MAX));
    const steps = new Uint32Array(sizes.reduce((sum, size) => sum + size, 0));
    const { numbers } = this.#steps;
    let at = 0;
    for (const [place, size] of sizes.entries()) {
      const from = this.#from[place] as number;
      steps.set(numbers.subarray(from, from + size), at);
      at += size;
    }
    return { goals, sizes, steps };
  }

  restore({ goals, sizes, steps }: GoalMemoryState): void {
    this.#goals.restore(goals);
    mustArray(sizes, Uint16Array, Math.min(goals.size, GOALS_MAX));
    mustArray(steps, Uint32Array, steps.length);
    this.#sizes = sizes.slice();
    this.#from = new Uint32Array(sizes.length);
    this.#steps.reserve(steps.length);
    let at = 0;
    for (const [place, size] of sizes.entries()) {
      must(size > 0 && size % STEP_WIDTH === 0 && size <= STEPS_MAX * STEP_WIDTH, 'whole steps');
      must(at + size <= steps.length, 'all steps of a session');
      const from = this.#steps.take(size);
      this.#steps.numbers.set(steps.subarray(at, at + size), from);
      this.#from[place] = from;
      at += size;
    }
    must(at === steps.length, 'no more steps than the sessions have');
  }

  /** The session's number, with nothing done yet; the oldest one makes room where the ring is full. */
  #begin(terms: readonly string[]): number {
    const number = this.#goals.add(terms);
    const at = number % GOALS_MAX;
    if (at >= this.#sizes.length) {
      const [from, sizes] = [this.#from, this.#sizes];
      const length = Math.min(GOALS_MAX, Math.max(64, 2 * at));
      this.#from = new Uint32Array(length);
      this.#from.set(from);
      this.#sizes = new Uint16Array(length);
      this.#sizes.set(sizes);
    }
    if (number >= GOALS_MAX) this.#steps.release(this.#from[at] as number, this.#sizes[at] as number);
    this.#from[at] = this.#steps.take(0);
    this.#sizes[at] = 0;
    return number;
  }

  /** How often the neighbours did what; the nearer ones count more. */
  #often(level: number, neighbours: readonly TextHit[]): Vote {
    const best = (neighbours[0] as TextHit).score;
    const often = new Map<number, number>();
    const { numbers } = this.#steps;
    for (const { document, score } of neighbours) {
      const counts = new Map<number, number>();
      const [from, end] = this.#range(document);
      for (let at = from + 2 * level + 1; at < end; at += STEP_WIDTH)
        counts.set(numbers[at] as number, (counts.get(numbers[at] as number) ?? 0) + 1);
      for (const [label, count] of counts)
        often.set(label, (often.get(label) ?? 0) + (score / best) * Math.sqrt(count));
    }
    return voteOf(often, best);
  }

  /** What the neighbours did after that label. */
  #after(level: number, neighbours: readonly TextHit[], before: number): Vote {
    const best = (neighbours[0] as TextHit).score;
    const after = new Map<number, number>();
    const { numbers } = this.#steps;
    for (const { document, score } of neighbours) {
      const [from, end] = this.#range(document);
      for (let at = from + 2 * level; at < end; at += STEP_WIDTH) {
        if (numbers[at] !== before) continue;
        const label = numbers[at + 1] as number;
        after.set(label, (after.get(label) ?? 0) + score / best);
      }
    }
    return voteOf(after, best);
  }

  /** Where the steps of a session of the ring are. */
  #range(document: number): readonly [from: number, end: number] {
    const from = this.#from[document % GOALS_MAX] as number;
    return [from, from + (this.#sizes[document % GOALS_MAX] as number)];
  }
}

function voteOf(weights: ReadonlyMap<number, number>, best: number): Vote {
  let total = 0;
  for (const weight of weights.values()) total += weight;
  return { weights, total, strength: Math.min(best / NEAR, STRENGTH_MAX) };
}
