/** Keys of steps that contradict each other: loops, blocks, conditions. */
import { FOREACH_ITEMS_MAX } from '../../engine/core/limits.ts';
import type { DiagnosticList } from '../diagnostic.ts';
import { allSteps, type Draft, type StepDraft } from '../draft.ts';
import { rangeExpression } from '../foreach-range.ts';

export function checkBlocks(draft: Draft, list: DiagnosticList): void {
  for (const step of [...allSteps(draft.steps), ...allSteps(draft.cleanup)]) {
    checkRetry(step, list);
    checkCondition(step, list);
    checkLoop(step, list);
  }
}

function checkRetry(step: StepDraft, list: DiagnosticList): void {
  if (step.type !== 'block' || !step.fields.retry) return;
  const message = `block \`${step.id}\` cannot have \`retry\``;
  const hint = 'set `retry` on its steps, or repeat the block with `repeat`';
  list.add({ code: 'conflict', message, hint, path: [...step.path, 'retry'], key: true });
}

function checkCondition({ fields, path }: StepDraft, list: DiagnosticList): void {
  if (fields.when === undefined || fields.condition === undefined) return;
  const message = '`condition` is the same as `when`, found both';
  list.add({ code: 'conflict', message, hint: 'keep one of them', path: [...path, 'condition'], key: true });
}

function checkLoop({ fields, path }: StepDraft, list: DiagnosticList): void {
  const { foreach } = fields;
  if (foreach === undefined) {
    for (const key of ['as', 'max_parallel'] as const) {
      if (fields[key] === undefined) continue;
      const message = `\`${key}\` means nothing without \`foreach\``;
      const hint = key === 'as' ? undefined : '`max_parallel` of the workflow limits all its steps together';
      list.add({ code: 'conflict', message, hint, path: [...path, key], key: true });
    }
    return;
  }
  const range = typeof foreach === 'string' ? rangeExpression(foreach) : undefined;
  const count = typeof foreach === 'string' ? range?.count : foreach.length;
  if (count !== undefined && count > FOREACH_ITEMS_MAX) {
    const message = `\`foreach\` has ${count} items, expected at most ${FOREACH_ITEMS_MAX}`;
    list.add({ code: 'limit', message, path: [...path, 'foreach'] });
  }
  if (range?.count === 0) {
    const message = `range \`${String(foreach)}\` is empty: its end lies before its start`;
    list.add({
      code: 'wrong_value',
      message,
      hint: 'write the smaller number first',
      path: [...path, 'foreach'],
    });
  }
}
