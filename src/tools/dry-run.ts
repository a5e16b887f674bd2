/** The plan of a run that does not happen: each step in order, its command rendered as far as it can be known. */

import type { FailurePolicy, JsonObject, Step } from '../engine/core/model.ts';
import { newRunState, type RunState, taskCountOf } from '../engine/core/state.ts';
import type { PlannedAction } from '../engine/core/step-type.ts';
import { planStep } from '../engine/host/plan-step.ts';
import { type Bounds, cutText, TEXT_BYTES_MAX, withinBudget } from './answer-budget.ts';
import { PlannedUndos } from './planned-undo.ts';
import type { ResolvedWorkflow } from './resolve-workflow.ts';
import type { PlannedStep, RunView } from './run-view-schema.ts';
import type { StepCatalogue } from './step-catalogue.ts';
import { undoLines } from './undo-lines.ts';

export interface DryRun {
  readonly catalogue: StepCatalogue;
  readonly resolved: ResolvedWorkflow;
  readonly inputs: JsonObject;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
  readonly nowMs: number;
  readonly onFailure?: FailurePolicy | undefined;
}

/** A run view with `dry_run` and `plan`; nothing is recorded and nothing touched. */
export function dryRunView(dryRun: DryRun): RunView {
  const { workflow } = dryRun.resolved;
  const plan: PlannedStep[] = [];
  const undos = new PlannedUndos(unbegun(dryRun));
  for (const step of workflow.steps) addPlan(plan, dryRun, step, undos);
  for (const step of workflow.cleanup) addPlan(plan, dryRun, step);
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

function unbegun({ resolved, inputs, cwd, env, nowMs, onFailure }: DryRun): RunState {
  const { workflow, digest, source } = resolved;
  const policy = onFailure ?? workflow.onFailure;
  return newRunState({
    runId: 'dry-run',
    workflow,
    digest,
    source,
    cwd,
    env,
    createdAt: nowMs,
    createdBy: 'dry-run',
    inputs,
    ...(policy && { onFailure: policy }),
  });
}

/** @param undos absent for steps that are never taken back */
function addPlan(plan: PlannedStep[], dryRun: DryRun, step: Step, undos?: PlannedUndos): void {
  const conditions = [
    ...(step.when === undefined ? [] : [`only when ${step.when}`]),
    ...(step.foreach ? [`for each of ${listText(step)}`] : []),
    ...(step.repeat
      ? [`repeated up to ${step.repeat.max} times${step.repeat.until ? ` until ${step.repeat.until}` : ''}`]
      : []),
  ];
  const planned: PlannedAction = step.body
    ? { does: `${step.body.length} steps${conditions.length > 0 ? ',' : ''}` }
    : planTask(dryRun, step);
  const commandOf = (undo: Step) => {
    const { command, does } = planTask(dryRun, undo);
    return command ?? does;
  };
  plan.push({
    order: plan.length + 1,
    step: step.id,
    type: step.body ? 'block' : step.type,
    ...planned,
    does: [planned.does, ...conditions].join(' ').trim(),
    touches: step.body ? 'none' : (step.effects ?? dryRun.catalogue.find(step.type).effects),
    needs: [...step.needs],
    ...undos?.of(step, commandOf),
  });
  for (const inner of step.body ?? []) addPlan(plan, dryRun, inner, undos);
}

const planTask = (dryRun: DryRun, step: Step): PlannedAction =>
  planStep({ ...dryRun, ...dryRun.resolved, step, type: dryRun.catalogue.find(step.type) });

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
    lines.push(...undoLines(each).map((line) => `     ${cut(line)}`));
  }
  if (plan.length > rows) lines.push(`and ${plan.length - rows} more steps`);
  return lines.join('\n');
}
