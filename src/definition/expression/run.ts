/** One evaluation under way: its scope, its macro variables and what it may still cost. */
import type { JsonObject } from '../../engine/core/model.ts';
import type { Scope } from './scope.ts';
import { ExpressionError, type Value } from './value.ts';

export interface Run {
  readonly scope: Scope;
  readonly locals: Value[];
  steps?: Map<string, JsonObject | undefined>;
  /** Units left; below zero the evaluation has failed. */
  costLeft: number;
}

export type Evaluate = (run: Run) => Value;

/** Units of one evaluation: calls, rounds of macros, items and text looked at. About half a second at most. */
const COST_MAX = 2_000_000;

export const startRun = (scope: Scope): Run => ({ scope, locals: [], costLeft: COST_MAX });

/** Pays for work; fails when the evaluation has used up its units. */
export function spend(run: Run, units: number): void {
  run.costLeft -= units;
  if (run.costLeft < 0) {
    throw new ExpressionError('the expression does too much work', {
      hint: 'loop over less, or do it in a shell step',
    });
  }
}
