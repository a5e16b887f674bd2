/**
 * Under which conditions a step fails: each plain input, each way that an earlier step came out and each thing that it
 * said is held against how the step ended. Told only where chance alone would hardly do it (chi-squared with one degree of
 * freedom), the more conditions are tried the less.
 */
import type { StepHistory, StepOutcome } from './step-history.ts';

export interface StepWarning {
  readonly text: string;
  readonly failed: number;
  readonly of: number;
}

const RUNS_MIN = 4;
const FAILURES_MIN = 3;
const RATE_MIN = 0.3;
/** p < .001, which is enough for so many conditions. */
const CHI_SQUARED_MIN = 10.83;
const TRIED_FREE = 10;
const DIFFERENCE_MIN = 0.3;

/** The condition that says most, or the plain share where none says enough; undefined of a step that hardly fails. */
export function stepWarning({ step, outcomes }: StepHistory): StepWarning | undefined {
  const performed = outcomes.filter(({ cached }) => !cached);
  const failed = failures(performed);
  if (performed.length < RUNS_MIN || failed < FAILURES_MIN) return undefined;
  const told = strongest(performed);
  if (told) {
    const { condition, inside, outside } = told;
    const rest = `${failures(outside)} of ${outside.length} otherwise`;
    const text = `\`${step}\` failed ${failures(inside)} of ${inside.length} times when ${condition} (${rest})`;
    return { text, failed: failures(inside), of: inside.length };
  }
  if (failed / performed.length < RATE_MIN) return undefined;
  return { text: `\`${step}\` failed ${failed} of ${performed.length} times`, failed, of: performed.length };
}

/** The runs in which it failed each time, under a condition that is told: another attempt would meet the same. */
export function hopelessOutcomes(performed: readonly StepOutcome[]): readonly StepOutcome[] {
  const inside = strongest(performed)?.inside ?? [];
  return failures(inside) === inside.length ? inside : [];
}

const failures = (outcomes: readonly StepOutcome[]): number => outcomes.filter(({ failed }) => failed).length;

function strongest(outcomes: readonly StepOutcome[]) {
  const conditions = triedConditions(outcomes);
  const failed = failures(outcomes);
  // the tail of the distribution falls with e^(-x/2): so much more makes up for each further condition
  const enough = CHI_SQUARED_MIN + 2 * Math.log(Math.max(1, conditions.length / TRIED_FREE));
  let best: { condition: string; strength: number } | undefined;
  for (const [condition, inside] of conditions) {
    const outside = { held: outcomes.length - inside.held, failed: failed - inside.failed };
    const difference = inside.failed / inside.held - outside.failed / outside.held;
    const strength = chiSquared(inside, outside);
    if (difference < DIFFERENCE_MIN || strength < enough || strength <= (best?.strength ?? 0)) continue;
    best = { condition, strength };
  }
  if (!best) return undefined;
  const { condition } = best;
  return {
    condition,
    inside: outcomes.filter(({ conditions }) => conditions.includes(condition)),
    outside: outcomes.filter(({ conditions }) => !conditions.includes(condition)),
  };
}

/** In how many runs a condition held, and in how many of those the step failed. */
interface Held {
  held: number;
  failed: number;
}

/** Those that held often enough to say something, and as often did not. One pass: there may be ten thousand of them. */
function triedConditions(outcomes: readonly StepOutcome[]): readonly (readonly [string, Held])[] {
  const counts = new Map<string, Held>();
  for (const { conditions, failed } of outcomes) {
    for (const condition of new Set(conditions)) {
      const count = counts.get(condition) ?? { held: 0, failed: 0 };
      counts.set(condition, count);
      count.held += 1;
      count.failed += failed ? 1 : 0;
    }
  }
  return [...counts].filter(([, { held }]) => held >= RUNS_MIN && outcomes.length - held >= RUNS_MIN);
}

/** Of two by two counts, with Yates's correction. */
function chiSquared(inside: Held, outside: Held): number {
  const [a, c] = [inside.failed, outside.failed];
  const [b, d] = [inside.held - a, outside.held - c];
  const all = a + b + c + d;
  const margins = (a + b) * (c + d) * (a + c) * (b + d);
  return margins === 0 ? 0 : (all * Math.max(0, Math.abs(a * d - b * c) - all / 2) ** 2) / margins;
}
