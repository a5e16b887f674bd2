/** Opening a block: its condition, the items of its loop, its time limit. */
import { evaluate } from '../../definition/expression/evaluate.ts';
import type { Event } from '../core/events.ts';
import type { Failure, Result } from '../core/failure.ts';
import { err, ok } from '../core/failure.ts';
import { FOREACH_ITEMS_MAX, OUTPUT_BYTES_MAX } from '../core/limits.ts';
import type { Json } from '../core/model.ts';
import type { StepState } from '../core/state.ts';
import { conditionEvent } from './begin-task.ts';
import type { RunSource } from './run-source.ts';
import { scopeAt } from './step-scope.ts';

export function openBlock(source: RunSource, step: StepState): Event {
  const isNextRound = step.status === 'running';
  const condition = isNextRound ? undefined : conditionEvent(source, step);
  if (condition) return condition;
  const { timeoutMs } = step.step;
  const timeout =
    step.layer === 'group' && timeoutMs !== undefined ? { timeout_at: source.nowMs + timeoutMs } : {};
  if (step.layer !== 'foreach') return { type: 'step.scheduled', step: step.key, ...timeout };
  const items = loopItems(source, step);
  if (!items.ok) return { type: 'step.failed', step: step.key, attempt: 0, failure: items.error };
  const text = JSON.stringify(items.value);
  const kept = text.length <= OUTPUT_BYTES_MAX ? items.value : { blob: source.putBlob(Buffer.from(text)) };
  return { type: 'step.scheduled', step: step.key, items: kept, count: items.value.length };
}

function loopItems(source: RunSource, step: StepState): Result<readonly Json[], Failure> {
  const written = step.step.foreach?.items ?? [];
  const items = typeof written === 'string' ? evaluate(written, scopeAt(source, step)) : ok(written as Json);
  if (!items.ok) return items;
  if (!Array.isArray(items.value)) {
    return err({
      code: 'expression',
      retry: 'final',
      message: `\`foreach\` of step \`${step.key}\`: expected a list, found ${kindOf(items.value)}`,
      hint: 'give a list, a range such as 1..10, or an expression that makes a list (`lines(text)`, `split(text, ",")`)',
    });
  }
  if (items.value.length > FOREACH_ITEMS_MAX) {
    return err({
      code: 'too_many_items',
      retry: 'final',
      message: `\`foreach\` of step \`${step.key}\` has ${items.value.length} items, at most ${FOREACH_ITEMS_MAX} are allowed`,
      hint: 'split the list over several runs, or let one command take many items',
    });
  }
  return ok(items.value as readonly Json[]);
}

const kindOf = (value: Json): string =>
  value === null
    ? 'null'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value} (${JSON.stringify(value)})`;
