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

const failures = (outcomes: readonly StepOutcome[]): number => outcomes.filter(({ failed }) => failed).length;

function strongest(outcomes: readonly StepOutcome[]) {
  const conditions = triedConditions(outcomes);
  // the tail of the distribution falls with e^(-x/2): so much more makes up for each further condition
  const enough = CHI_SQUARED_MIN + 2 * Math.log(Math.max(1, conditions.length / TRIED_FREE));
  let best:
    | { condition: string; inside: StepOutcome[]; outside: StepOutcome[]; strength: number }
    | undefined;
  for (const condition of conditions) {
    const inside = outcomes.filter((outcome) => outcome.conditions.includes(condition));
    const outside = outcomes.filter((outcome) => !outcome.conditions.includes(condition));
    const difference = failures(inside) / inside.length - failures(outside) / outside.length;
    const strength = chiSquared(inside, outside);
    if (difference < DIFFERENCE_MIN || strength < enough || strength <= (best?.strength ?? 0)) continue;
    best = { condition, inside, outside, strength };
  }
  return best;
}

/** Those that held often enough to say something, and as often did not. */
function triedConditions(outcomes: readonly StepOutcome[]): readonly string[] {
  const times = new Map<string, number>();
  for (const { conditions } of outcomes)
    for (const condition of new Set(conditions)) times.set(condition, (times.get(condition) ?? 0) + 1);
  return [...times]
    .filter(([, count]) => count >= RUNS_MIN && outcomes.length - count >= RUNS_MIN)
    .map(([condition]) => condition);
}

/** Of two by two counts, with Yates's correction. */
function chiSquared(inside: readonly StepOutcome[], outside: readonly StepOutcome[]): number {
  const [a, c] = [failures(inside), failures(outside)];
  const [b, d] = [inside.length - a, outside.length - c];
  const all = a + b + c + d;
  const margins = (a + b) * (c + d) * (a + c) * (b + d);
  return margins === 0 ? 0 : (all * Math.max(0, Math.abs(a * d - b * c) - all / 2) ** 2) / margins;
}
