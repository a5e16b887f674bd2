/**
 * Earlier sessions by their goal: what was done in the sessions whose goals are nearest votes for what comes now,
 * once by how often, once by what followed the same command there.
 */
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

/** What the neighbours did at one level: at all, and after each label. */
interface Deeds {
  readonly often: Vote;
  readonly after: ReadonlyMap<number, Vote>;
}

/** A session's place in the memory; `number` is set with its first step. */
export interface GoalPlace {
  readonly terms: readonly string[];
  readonly neighbours: readonly TextHit[];
  /** By level, gathered when first asked for. */
  readonly deeds: (Deeds | undefined)[];
  number: number | undefined;
}

export interface GoalMemoryState {
  readonly goals: TextIndexState;
  /** How many numbers each session of the ring has, and all of them, one session behind the other. */
  readonly sizes: Uint16Array;
  readonly steps: Uint32Array;
}

/** What was done in one session: `STEP_WIDTH` numbers for each step, with room behind them. */
interface Steps {
  size: number;
  numbers: Uint32Array;
}

export class GoalMemory {
  readonly #goals = new TextIndex(GOALS_MAX);
  #steps: Steps[] = [];

  begin(goal: string | undefined): GoalPlace {
    const terms = goal ? [...new Set(withPairs(termsOf(goal)))] : [];
    return { terms, neighbours: this.#goals.query(terms, NEIGHBOURS), deeds: [], number: undefined };
  }

  /** Two votes at that level: by frequency, and by what followed `before`. */
  votes(level: number, place: GoalPlace, before: number | undefined): readonly Vote[] {
    if (place.neighbours.length === 0) return [NO_VOTE, NO_VOTE];
    place.deeds[level] ??= this.#deeds(level, place.neighbours);
    const { often, after } = place.deeds[level];
    return [often, after.get(before ?? START) ?? { ...NO_VOTE, strength: often.strength }];
  }

  learn(place: GoalPlace, before: readonly number[] | undefined, labels: readonly number[]): void {
    if (place.terms.length === 0) return;
    if (place.number === undefined) {
      place.number = this.#goals.add(place.terms);
      this.#steps[place.number % GOALS_MAX] = { size: 0, numbers: new Uint32Array(4 * STEP_WIDTH) };
    }
    const steps = this.#steps[place.number % GOALS_MAX] as Steps;
    if (steps.size >= STEPS_MAX * STEP_WIDTH) return;
    if (steps.size === steps.numbers.length) {
      const longer = new Uint32Array(2 * steps.size);
      longer.set(steps.numbers);
      steps.numbers = longer;
    }
    for (const [level, label] of labels.entries())
      steps.numbers.set([before?.[level] ?? START, label], steps.size + 2 * level);
    steps.size += STEP_WIDTH;
  }

  snapshot(): GoalMemoryState {
    const sizes = Uint16Array.from(this.#steps, ({ size }) => size);
    const steps = new Uint32Array(sizes.reduce((sum, size) => sum + size, 0));
    let at = 0;
    for (const { size, numbers } of this.#steps) {
      steps.set(numbers.subarray(0, size), at);
      at += size;
    }
    return { goals: this.#goals.snapshot(), sizes, steps };
  }

  restore({ goals, sizes, steps }: GoalMemoryState): void {
    this.#goals.restore(goals);
    mustArray(sizes, Uint16Array, Math.min(goals.size, GOALS_MAX));
    mustArray(steps, Uint32Array, steps.length);
    let at = 0;
    this.#steps = Array.from(sizes, (size) => {
      must(size > 0 && size % STEP_WIDTH === 0 && size <= STEPS_MAX * STEP_WIDTH, 'whole steps');
      const numbers = steps.slice(at, at + size);
      must(numbers.length === size, 'all steps of a session');
      at += size;
      return { size, numbers };
    });
    must(at === steps.length, 'no more steps than the sessions have');
  }

  #deeds(level: number, neighbours: readonly TextHit[]): Deeds {
    const best = (neighbours[0] as TextHit).score;
    const strength = Math.min(best / NEAR, STRENGTH_MAX);
    const often = new Map<number, number>();
    const after = new Map<number, Map<number, number>>();
    for (const { document, score } of neighbours) {
      const { size, numbers } = this.#steps[document % GOALS_MAX] as Steps;
      const counts = new Map<number, number>();
      for (let at = 2 * level; at < size; at += STEP_WIDTH) {
        const [before, label] = [numbers[at] as number, numbers[at + 1] as number];
        counts.set(label, (counts.get(label) ?? 0) + 1);
        const next = after.get(before) ?? new Map<number, number>();
        after.set(before, next.set(label, (next.get(label) ?? 0) + score / best));
      }
      for (const [label, count] of counts) {
        often.set(label, (often.get(label) ?? 0) + (score / best) * Math.sqrt(count));
      }
    }
    const vote = (weights: ReadonlyMap<number, number>): Vote => {
      const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
      return { weights, total, strength };
    };
    return { often: vote(often), after: new Map([...after].map(([before, next]) => [before, vote(next)])) };
  }
}
