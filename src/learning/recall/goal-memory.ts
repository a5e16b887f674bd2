/**
 * Earlier sessions by their goal: what was done in the sessions whose goals are nearest votes for what comes now,
 * once by how often, once by what followed the same command there.
 */
import type { Vote } from '../rank/situation.ts';
import { termsOf, withPairs } from '../text/terms.ts';
import { type TextHit, TextIndex, type TextIndexState } from '../text/text-index.ts';
import { NO_VOTE } from './step-memory.ts';

const GOALS_MAX = 4000;
const NEIGHBOURS = 8;
const NEAR = 40;
const STRENGTH_MAX = 2;
const STEPS_MAX = 200;
const START = 7;

/** One step of a session: the label before it and its own, at each level. */
type Pairs = readonly (readonly [before: number, label: number])[];

/** A session's place in the memory; `number` is set with its first step. */
export interface GoalPlace {
  readonly terms: readonly string[];
  readonly neighbours: readonly TextHit[];
  number: number | undefined;
}

export interface GoalMemoryState {
  readonly goals: TextIndexState;
  readonly steps: readonly (readonly Pairs[])[];
}

export class GoalMemory {
  readonly #goals = new TextIndex(GOALS_MAX);
  #steps: Pairs[][] = [];

  begin(goal: string | undefined): GoalPlace {
    const terms = goal ? [...new Set(withPairs(termsOf(goal)))] : [];
    return { terms, neighbours: this.#goals.query(terms, NEIGHBOURS), number: undefined };
  }

  /** Two votes at that level: by frequency, and by what followed `before`. */
  votes(level: number, { neighbours }: GoalPlace, before: number | undefined): readonly Vote[] {
    const best = neighbours[0]?.score;
    if (best === undefined) return [NO_VOTE, NO_VOTE];
    const often = new Map<number, number>();
    const next = new Map<number, number>();
    for (const { document, score } of neighbours) {
      const counts = new Map<number, number>();
      for (const pairs of this.#steps[document % GOALS_MAX] ?? []) {
        const [earlier, label] = pairs[level] as Pairs[number];
        counts.set(label, (counts.get(label) ?? 0) + 1);
        if (earlier === (before ?? START)) next.set(label, (next.get(label) ?? 0) + score / best);
      }
      for (const [label, count] of counts) {
        often.set(label, (often.get(label) ?? 0) + (score / best) * Math.sqrt(count));
      }
    }
    const strength = Math.min(best / NEAR, STRENGTH_MAX);
    return [often, next].map((weights) => {
      const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
      return { weights, total, strength };
    });
  }

  learn(place: GoalPlace, before: readonly number[] | undefined, labels: readonly number[]): void {
    if (place.terms.length === 0) return;
    if (place.number === undefined) {
      place.number = this.#goals.add(place.terms);
      this.#steps[place.number % GOALS_MAX] = [];
    }
    const steps = this.#steps[place.number % GOALS_MAX] as Pairs[];
    if (steps.length >= STEPS_MAX) return;
    steps.push(labels.map((label, level) => [before?.[level] ?? START, label]));
  }

  snapshot(): GoalMemoryState {
    return { goals: this.#goals.snapshot(), steps: this.#steps.map((steps) => [...steps]) };
  }

  restore({ goals, steps }: GoalMemoryState): void {
    this.#goals.restore(goals);
    this.#steps = steps.map((pairs) => [...pairs]);
  }
}
