/** The plan of a run that does not happen: each step in order, its command rendered as far as it can be known. */

import type { z } from 'zod';
import type { JsonObject, Step } from '../engine/core/model.ts';
import { taskCountOf } from '../engine/core/state.ts';
import type { PlannedAction } from '../engine/core/step-type.ts';
import { planStep } from '../engine/host/plan-step.ts';
import { stepType } from '../steps/catalogue.ts';
import { type Bounds, cutText, TEXT_BYTES_MAX, withinBudget } from './answer-budget.ts';
import type { ResolvedWorkflow } from './resolve-workflow.ts';
import type { plannedStep, RunView } from './run-view-schema.ts';

type PlannedStep = z.infer<typeof plannedStep>;

export interface DryRun {
  readonly resolved: ResolvedWorkflow;
  readonly inputs: JsonObject;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
  readonly nowMs: number;
}

/** A run view with `dry_run` and `plan`; nothing is recorded and nothing touched. */
export function dryRunView(dryRun: DryRun): RunView {
  const { workflow } = dryRun.resolved;
  const plan: PlannedStep[] = [];
  for (const step of [...workflow.steps, ...workflow.cleanup]) addPlan(plan, dryRun, step);
  return {
    run_id: 'dry-run',
    workflow: workflow.name,
    version: workflow.version,
    status: 'queued',
    created_at: new Date(dryRun.nowMs).toISOString(),
    duration_ms: 0,
    cwd: dryRun.cwd,
    inputs: dryRun.inputs as RunView['inputs'],
    progress: { done: 0, total: taskCountOf(workflow.steps) },
    steps: plan.map((each) => ({ id: each.step, type: each.type, status: 'pending', attempts: 0 })),
    questions: [],
    checkpoints: [],
    outputs: {},
    artifacts: [],
    warnings: dryRun.resolved.warnings.map((warning) => warning.message),
    next: [],
    dry_run: true,
    plan,
  };
}

function addPlan(plan: PlannedStep[], dryRun: DryRun, step: Step): void {
  const conditions = [
    ...(step.when === undefined ? [] : [`only when ${step.when}`]),
    ...(step.foreach ? [`for each of ${listText(step)}`] : []),
    ...(step.repeat
      ? [`repeated up to ${step.repeat.max} times${step.repeat.until ? ` until ${step.repeat.until}` : ''}`]
      : []),
  ];
  const type = step.body ? undefined : stepType(step.type);
  const planned: PlannedAction = type
    ? planStep({ ...dryRun, ...dryRun.resolved, step, type })
    : { does: `${step.body?.length ?? 0} steps${conditions.length > 0 ? ',' : ''}` };
  plan.push({
    order: plan.length + 1,
    step: step.id,
    type: step.body ? 'block' : step.type,
    ...planned,
    does: [planned.does, ...conditions].join(' ').trim(),
    touches: type?.effects ?? 'none',
    needs: [...step.needs],
  });
  for (const inner of step.body ?? []) addPlan(plan, dryRun, inner);
}

const listText = (step: Step): string => {
  const items = step.foreach?.items ?? [];
  return typeof items === 'string' ? items : `${items.length} items`;
};

export const planText = (view: RunView): string =>
  withinBudget(TEXT_BYTES_MAX, (bounds) => planTextWithin(view, bounds), Buffer.byteLength);

function planTextWithin({ workflow, plan = [] }: RunView, { valueBytes, rows }: Bounds): string {
  const cut = (text: string) => cutText(text, valueBytes, 'too long to show');
  const lines = [`dry run of ${workflow}: nothing was started`];
  for (const each of plan.slice(0, rows)) {
    lines.push(`${each.order}. ${each.step} (${each.type}, touches ${each.touches}): ${cut(each.does)}`);
    if (each.command !== undefined) lines.push(cut(each.command).trimEnd().replace(/^/gm, '     '));
    if (each.unknown !== undefined) lines.push(`     not known yet: ${cut(each.unknown)}`);
  }
  if (plan.length > rows) lines.push(`and ${plan.length - rows} more steps`);
  return lines.join('\n');
}
