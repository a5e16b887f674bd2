/**
 * Under which conditions a step fails: each plain input and each way that an earlier step came out is held against how
 * the step ended. Told only where chance alone would hardly do it (chi-squared with one degree of freedom).
 */
import type { StepHistory, StepOutcome } from './step-history.ts';

export interface FailureWarning {
  readonly text: string;
  readonly failed: number;
  readonly of: number;
}

const RUNS_MIN = 4;
const FAILURES_MIN = 3;
const RATE_MIN = 0.3;
/** p < .001: many conditions are tried. */
const CHI_SQUARED_MIN = 10.83;
const DIFFERENCE_MIN = 0.3;

/** The condition that says most, or the plain share where none says enough; undefined of a step that hardly fails. */
export function failureWarning({ step, outcomes }: StepHistory): FailureWarning | undefined {
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
  const conditions = new Set(outcomes.flatMap((outcome) => outcome.conditions));
  let best:
    | { condition: string; inside: StepOutcome[]; outside: StepOutcome[]; strength: number }
    | undefined;
  for (const condition of conditions) {
    const inside = outcomes.filter((outcome) => outcome.conditions.includes(condition));
    const outside = outcomes.filter((outcome) => !outcome.conditions.includes(condition));
    if (inside.length < RUNS_MIN || outside.length < RUNS_MIN) continue;
    const difference = failures(inside) / inside.length - failures(outside) / outside.length;
    const strength = chiSquared(inside, outside);
    if (difference < DIFFERENCE_MIN || strength < CHI_SQUARED_MIN || strength <= (best?.strength ?? 0))
      continue;
    best = { condition, inside, outside, strength };
  }
  return best;
}

/** Of two by two counts, with Yates's correction. */
function chiSquared(inside: readonly StepOutcome[], outside: readonly StepOutcome[]): number {
  const [a, c] = [failures(inside), failures(outside)];
  const [b, d] = [inside.length - a, outside.length - c];
  const all = a + b + c + d;
  const margins = (a + b) * (c + d) * (a + c) * (b + d);
  return margins === 0 ? 0 : (all * Math.max(0, Math.abs(a * d - b * c) - all / 2) ** 2) / margins;
}
