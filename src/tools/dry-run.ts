/** The plan of a run that does not happen: each step in order, its command rendered as far as it can be known. */

import type { FailurePolicy, JsonObject, Step } from '../engine/core/model.ts';
import { newRunState, type RunState, taskCountOf } from '../engine/core/state.ts';
import type { PlannedAction } from '../engine/core/step-type.ts';
import { type PlanPlace, placeInRun, placeInside, placeOfFirst, planStep } from '../engine/host/plan-step.ts';
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
  const run = unbegun(dryRun);
  const undos = new PlannedUndos(run);
  const { catalogue, nowMs } = dryRun;
  const planning = { plan, catalogue };
  const steps = placeInRun(run, nowMs, 'steps');
  for (const step of workflow.steps) addPlan(planning, steps, step, undos);
  const cleanup = placeInRun(run, nowMs, 'cleanup');
  for (const step of workflow.cleanup) addPlan(planning, cleanup, step);
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

interface Planning {
  readonly plan: PlannedStep[];
  readonly catalogue: StepCatalogue;
}

/** @param undos absent for steps that are never taken back */
function addPlan(planning: Planning, place: PlanPlace, step: Step, undos?: PlannedUndos): void {
  const { plan, catalogue } = planning;
  const first = placeOfFirst(place, step);
  const conditions = [
    ...(step.when === undefined ? [] : [`only when ${step.when}`]),
    ...(step.foreach ? [`for each of ${listText(step)}${shownText(first.count)}`] : []),
    ...(step.repeat
      ? [`repeated up to ${step.repeat.max} times${step.repeat.until ? ` until ${step.repeat.until}` : ''}`]
      : []),
  ];
  const planned: PlannedAction = step.body
    ? { does: `${step.body.length} steps${conditions.length > 0 ? ',' : ''}` }
    : planStep(first.place, step, catalogue.find(step.type));
  plan.push({
    order: plan.length + 1,
    step: step.id,
    type: step.body ? 'block' : step.type,
    ...planned,
    does: [planned.does, ...conditions].join(' ').trim(),
    touches: step.body ? 'none' : (step.effects ?? catalogue.find(step.type).effects),
    needs: [...step.needs],
    ...undos?.of(step, (undo) => undo.flatMap((each) => commandsOf(catalogue, first.place, each))),
  });
  if (!step.body) return;
  const inside = placeInside(first.place, step);
  for (const inner of step.body) addPlan(planning, inside, inner, undos);
}

/** What an undo step and all that is in it would run. */
function commandsOf(catalogue: StepCatalogue, place: PlanPlace, undo: Step): readonly string[] {
  const first = placeOfFirst(place, undo).place;
  if (undo.body) {
    const inside = placeInside(first, undo);
    return undo.body.flatMap((inner) => commandsOf(catalogue, inside, inner));
  }
  const { command, does } = planStep(first, undo, catalogue.find(undo.type));
  return [command ?? does];
}

const listText = (step: Step): string => {
  const items = step.foreach?.items ?? [];
  return typeof items === 'string' ? items : `${items.length} items`;
};

const shownText = (count: number | undefined): string =>
  count === undefined ? '' : `, shown with the first of ${count}`;

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
