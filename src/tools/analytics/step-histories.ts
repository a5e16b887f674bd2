/** The outcomes of many runs, gathered by workflow and step. */
import type { Step } from '../../engine/core/model.ts';
import { percentile } from '../../learning/adapt/percentile.ts';
import type { StepHistory, StepOutcome } from '../../learning/adapt/step-history.ts';
import type { RunOutcomes } from './step-outcomes.ts';

interface Gathered {
  readonly workflow: string;
  readonly step: Step;
  /** Newest first. */
  readonly outcomes: StepOutcome[];
}

const STEPS_MAX = 2_000;

export class StepHistories {
  readonly #byStep = new Map<string, Gathered>();

  /** The newest runs first: what a step is like is what it was like last. */
  add(workflow: string, { outcomes }: RunOutcomes): void {
    for (const { step, outcome } of outcomes) {
      const key = `${workflow}\n${step.id}`;
      const known = this.#byStep.get(key);
      if (known) known.outcomes.push(outcome);
      else if (this.#byStep.size < STEPS_MAX) this.#byStep.set(key, { workflow, step, outcomes: [outcome] });
    }
  }

  all(): readonly StepHistory[] {
    return [...this.#byStep.values()].map(({ workflow, step, outcomes }) => ({
      workflow,
      step: step.id,
      type: step.type,
      definition: {
        timeoutMs: step.timeoutMs,
        attempts: step.retry?.attempts,
        isCached: step.cache !== undefined,
        isTakenBack: (step.undo?.length ?? 0) > 0 || step.irreversible !== undefined,
      },
      outcomes: outcomes.toReversed(),
    }));
  }
}

/** Those whose time is a person's, or meant to pass. */
const WAITING: ReadonlySet<string> = new Set(['approval', 'input', 'wait', 'workflow']);
const SHOWN_MAX = 10;
const rounded = (ms: number | undefined): number => Math.round(ms ?? 0);
export const share = (part: number, all: number): number =>
  all === 0 ? 0 : Math.round((part / all) * 1000) / 1000;

export function slowestSteps(histories: readonly StepHistory[]) {
  return histories
    .filter(({ type }) => !WAITING.has(type))
    .map(({ workflow, step, outcomes }) => {
      const durations = outcomes.flatMap(({ durationMs }) => durationMs ?? []);
      const [p50, p95] = [percentile(durations, 0.5), percentile(durations, 0.95)].map(rounded);
      return { workflow, step, p50_ms: p50 as number, p95_ms: p95 as number, n: durations.length };
    })
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.p95_ms - a.p95_ms)
    .slice(0, SHOWN_MAX);
}

/** Steps that failed at some times and succeeded at others; one that always fails is broken, not flaky. */
export function flakiestSteps(histories: readonly StepHistory[]) {
  const sum = (outcomes: readonly StepOutcome[], of: (outcome: StepOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return histories
    .map(({ workflow, step, outcomes }) => {
      const attempts = sum(outcomes, (each) => each.attempts);
      const failed = sum(outcomes, (each) => each.failedAttempts);
      const recovered = outcomes.filter((each) => each.failedAttempts > 0 && !each.failed).length;
      const failedRuns = outcomes.filter((each) => each.failed).length;
      const runs = outcomes.length;
      return { workflow, step, runs, failed_runs: failedRuns, attempts, failed_attempts: failed, recovered };
    })
    .filter(({ failed_attempts: failed, runs, failed_runs: lost }) => failed > 0 && lost < runs)
    .map((each) => ({ ...each, failure_rate: share(each.failed_attempts, each.attempts) }))
    .sort((a, b) => b.failure_rate - a.failure_rate || b.failed_attempts - a.failed_attempts)
    .slice(0, SHOWN_MAX);
}

export function cacheUse(histories: readonly StepHistory[]) {
  const all = histories.flatMap(({ outcomes }) => outcomes);
  const hits = all.filter(({ cached }) => cached).length;
  const misses = all.filter(({ missed, cached }) => missed && !cached).length;
  const saved = all.reduce((sum, { savedMs = 0 }) => sum + savedMs, 0);
  return { hits, misses, hit_rate: share(hits, hits + misses), saved_ms: saved };
}
