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
  /** The steps of each session, one behind the other, `STEP_WIDTH` numbers each. */
  readonly steps: readonly (readonly number[])[];
}

export class GoalMemory {
  readonly #goals = new TextIndex(GOALS_MAX);
  #steps: number[][] = [];

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
      this.#steps[place.number % GOALS_MAX] = [];
    }
    const steps = this.#steps[place.number % GOALS_MAX] as number[];
    if (steps.length >= STEPS_MAX * STEP_WIDTH) return;
    for (const [level, label] of labels.entries()) steps.push(before?.[level] ?? START, label);
  }

  snapshot(): GoalMemoryState {
    return { goals: this.#goals.snapshot(), steps: this.#steps.map((steps) => [...steps]) };
  }

  restore({ goals, steps }: GoalMemoryState): void {
    this.#goals.restore(goals);
    this.#steps = steps.map((flat) => [...flat]);
  }

  #deeds(level: number, neighbours: readonly TextHit[]): Deeds {
    const best = (neighbours[0] as TextHit).score;
    const strength = Math.min(best / NEAR, STRENGTH_MAX);
    const often = new Map<number, number>();
    const after = new Map<number, Map<number, number>>();
    for (const { document, score } of neighbours) {
      const steps = this.#steps[document % GOALS_MAX] ?? [];
      const counts = new Map<number, number>();
      for (let at = 2 * level; at < steps.length; at += STEP_WIDTH) {
        const [before, label] = [steps[at] as number, steps[at + 1] as number];
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
