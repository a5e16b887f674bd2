/**
 * What an agent step may use up, and what it has used. Owns the account; who stops when it is overdrawn is the loop.
 */
import type { Failure } from '../../engine/core/failure.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import { type Bound, budgetExceeded } from './agent-messages.ts';
import type { Usage } from './model.ts';

/** A type, not an interface, so that it counts as JSON. */
export type Limits = {
  readonly turns: number;
  /** Without it the `timeout` of the step is all that bounds its time. */
  readonly ms?: number;
  readonly tokens: number;
  /** In the currency of the prices. */
  readonly cost?: number;
};

/** Of a million tokens. */
export type Prices = { readonly input: number; readonly output: number };

export interface Spent {
  readonly turns: number;
  readonly ms: number;
  readonly usage: Usage;
  /** Said by the provider itself; else it follows from the prices. */
  readonly cost?: number;
}

export const NOTHING_SPENT: Spent = { turns: 0, ms: 0, usage: { input_tokens: 0, output_tokens: 0 } };

const MILLION = 1_000_000;
/** Costs are sums of small fractions: shown to a millionth. */
const COST_STEPS = 1_000_000;

export const addUsage = (one: Usage, other: Usage): Usage => ({
  input_tokens: one.input_tokens + other.input_tokens,
  output_tokens: one.output_tokens + other.output_tokens,
  ...((one.estimated || other.estimated) && { estimated: true }),
});

export const tokensOf = ({ usage }: Spent): number => usage.input_tokens + usage.output_tokens;

/** Undefined where nobody knows. */
function costOf({ usage, cost }: Spent, prices: Prices | undefined): number | undefined {
  if (cost !== undefined || !prices) return cost;
  const exact = (usage.input_tokens * prices.input + usage.output_tokens * prices.output) / MILLION;
  return Math.round(exact * COST_STEPS) / COST_STEPS;
}

/** The bound that lets no further turn begin. */
export function overdrawn(spent: Spent, limits: Limits, prices: Prices | undefined): Failure | undefined {
  const cost = costOf(spent, prices) ?? 0;
  const account: readonly (readonly [Bound, number, number])[] = [
    ['max_turns', limits.turns, spent.turns],
    ['max_seconds', (limits.ms ?? Number.POSITIVE_INFINITY) / 1_000, spent.ms / 1_000],
    ['max_tokens', limits.tokens, tokensOf(spent)],
    ['max_cost', limits.cost ?? Number.POSITIVE_INFINITY, cost],
  ];
  const over = account.find(([, limit, found]) => found >= limit);
  return over && budgetExceeded(...over);
}

/** `usage` as an output of the step. */
export function usageOutput(spent: Spent, prices: Prices | undefined): JsonObject {
  const cost = costOf(spent, prices);
  return { ...spent.usage, ...(cost !== undefined && { cost }) };
}
