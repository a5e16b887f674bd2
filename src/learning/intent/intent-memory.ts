/**
 * Earlier runs by their goal: which workflow was used for a goal like this one, how that ended, and what it was given.
 * Pure and bounded: the newest goals, and the newest values of each input.
 */
import type { FinalStatus } from '../../engine/core/events.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { Calibrator, type CalibratorState } from '../calibrate/calibrator.ts';
import { RecentMap, type RecentMapState } from '../rank/recent-map.ts';
import { isText, must } from '../state-check.ts';
import { TextIndex, type TextIndexState } from '../text/text-index.ts';
import { intentTerms } from './intent-terms.ts';

const GOALS_MAX = 4_000;
const NEIGHBOURS = 50;
const SIMILARITY_MIN = 0.5;
const INPUTS_MAX = 4_000;
const VALUES_MAX = 20;

/** A run of a named workflow. */
export interface WorkflowUse {
  readonly workflow: string;
  readonly goal?: string | undefined;
  readonly ending?: FinalStatus | undefined;
  readonly inputs?: JsonObject | undefined;
}

/** An earlier run whose goal is like the one asked about. */
export interface NearUse {
  readonly workflow: string;
  readonly ending: FinalStatus | undefined;
  /** Share of the words that both have, .5 to 1. */
  readonly similarity: number;
}

interface KeptGoal {
  readonly terms: readonly string[];
  readonly workflow: string;
  readonly ending: FinalStatus | undefined;
}

export interface IntentMemoryState {
  readonly goals: TextIndexState;
  readonly kept: readonly KeptGoal[];
  readonly values: RecentMapState<string, readonly Json[]>;
  readonly calibrator: CalibratorState;
}

export class IntentMemory {
  readonly #goals = new TextIndex(GOALS_MAX);
  #kept: KeptGoal[] = [];
  /** By workflow and input, newest last. */
  readonly #values = new RecentMap<string, readonly Json[]>(INPUTS_MAX);
  readonly #calibrator = new Calibrator();

  /** Throws where the state is broken. */
  static restore({ goals, kept, values, calibrator }: IntentMemoryState): IntentMemory {
    const memory = new IntentMemory();
    must(kept.length === Math.min(goals.size, GOALS_MAX), 'what is kept of each goal');
    for (const { terms, workflow } of kept)
      must(isText(workflow) && Array.isArray(terms) && terms.every(isText), 'goals with their words');
    memory.#goals.restore(goals);
    memory.#kept = [...kept];
    memory.#values.restore(values, (each) => {
      must(Array.isArray(each) && each.length <= VALUES_MAX, 'a bounded number of values');
      return each;
    });
    memory.#calibrator.restore(calibrator);
    return memory;
  }

  learn({ workflow, goal, ending, inputs = {} }: WorkflowUse): void {
    for (const [name, value] of Object.entries(inputs)) {
      const key = keyOf(workflow, name);
      const others = (this.#values.get(key) ?? []).filter((each) => each !== value);
      this.#values.set(key, [...others, value].slice(-VALUES_MAX));
    }
    const terms = goal === undefined ? [] : [...new Set(intentTerms(goal))];
    if (terms.length === 0) return;
    this.#kept[this.#goals.add(terms) % GOALS_MAX] = { terms, workflow, ending };
  }

  /** The chance that the workflow ranked `rank`th (0 is the best) is meant, by how often such were before. */
  trust(confidence: number, rank: number): number {
    return this.#calibrator.confidence(confidence, rank, 0);
  }

  /** A run has told which workflow was meant: one of the ranked ones, or the best of them. */
  learnRank(best: number, isKnown: boolean, isBest: boolean): void {
    this.#calibrator.learn(best, 0, isKnown, isBest);
  }

  /** Nearest first. */
  near(intent: string): readonly NearUse[] {
    const terms = new Set(intentTerms(intent));
    return this.#goals
      .query([...terms], NEIGHBOURS)
      .map(({ document }) => {
        const { terms: others, workflow, ending } = this.#kept[document % GOALS_MAX] as KeptGoal;
        const common = others.filter((term) => terms.has(term)).length;
        return { workflow, ending, similarity: (2 * common) / (others.length + terms.size) };
      })
      .filter(({ similarity }) => similarity >= SIMILARITY_MIN)
      .sort((a, b) => b.similarity - a.similarity);
  }

  /** What the input was given before, newest first. */
  valuesOf(workflow: string, input: string): readonly Json[] {
    return (this.#values.get(keyOf(workflow, input)) ?? []).toReversed();
  }

  snapshot(): IntentMemoryState {
    return {
      goals: this.#goals.snapshot(),
      kept: [...this.#kept],
      values: this.#values.snapshot((each) => each),
      calibrator: this.#calibrator.snapshot(),
    };
  }
}

const keyOf = (workflow: string, input: string): string => `${workflow}\n${input}`;
