/** A definition out of a run: the steps that did their work, with all their branches, as templates, never what they were filled with. */
import type { Json, JsonObject, OutputSpec, Prerequisite, Step, Workflow } from '../../engine/core/model.ts';
import type { RunState } from '../../engine/core/state.ts';
import { timeText } from '../../engine/core/time-text.ts';
import { isBranch, ownerOf } from './written-branches.ts';
import { withoutAbsent, writtenScope, writtenSteps } from './written-step.ts';

export interface RunDefinition {
  readonly definition: JsonObject;
  /** Steps that did not succeed. */
  readonly left: readonly string[];
}

export function runDefinition(run: RunState, name: string | undefined): RunDefinition {
  const { workflow } = run;
  const good = new Set(workflow.steps.flatMap(({ id }) => (hasSucceeded(run, id) ? [ownerOf(id)] : [])));
  const kept = workflow.steps.filter(({ id }) => good.has(ownerOf(id)));
  const left = workflow.steps.filter((step) => !kept.includes(step) && !isBranch(step)).map(({ id }) => id);
  return { definition: written(workflow, bridged(workflow.steps, kept), name), left };
}

function hasSucceeded(run: RunState, id: string): boolean {
  const status = run.steps.children.get(id)?.status;
  return status === 'succeeded' || status === 'cached' || status === 'undone';
}

/** What needed a step that is left out needs what that one needed. */
function bridged(all: readonly Step[], kept: readonly Step[]): readonly Step[] {
  const byId = new Map(all.map((step) => [step.id, step]));
  const ids = new Set(kept.map(({ id }) => id));
  const needsOf = (step: Step | undefined): readonly string[] =>
    (step?.needs ?? []).flatMap((need) => (ids.has(need) ? [need] : needsOf(byId.get(need))));
  return kept.map((step) => ({ ...step, needs: [...new Set(needsOf(step))] }));
}

function written(workflow: Workflow, steps: readonly Step[], name: string | undefined): JsonObject {
  const { version, description, category, tags, inputs, outputs, env, prerequisites, cleanup } = workflow;
  const map = (entries: JsonObject): JsonObject | undefined =>
    Object.keys(entries).length > 0 ? entries : undefined;
  const ids = new Set(steps.map(({ id }) => id));
  return withoutAbsent({
    name: name ?? workflow.name,
    version,
    description,
    category,
    tags: tags.length > 0 ? tags : undefined,
    inputs: map(
      mapped(inputs, ({ required, ...spec }) => ({ ...spec, ...(required && { required }) }) as JsonObject),
    ),
    outputs: map(mapped(keptOutputs(outputs, workflow, ids), writtenOutput)),
    prerequisites: prerequisites.length > 0 ? prerequisites.map(writtenPrerequisite) : undefined,
    env: map(env),
    ...termsOf(workflow),
    steps: writtenSteps(steps),
    cleanup: cleanup.length > 0 ? writtenSteps(cleanup) : undefined,
  });
}

/** What holds for a whole run. Usual values of steps have reached the steps themselves. */
function termsOf(workflow: Workflow): JsonObject {
  const { maxParallel, limits, checkpoints, onFailure, confirmRollback, concurrency, timeoutMs } = workflow;
  return withoutAbsent({
    max_parallel: maxParallel,
    limits,
    concurrency: concurrency && {
      group: concurrency.group,
      ...(concurrency.onConflict !== 'queue' && { on_conflict: concurrency.onConflict }),
    },
    timeout: timeoutMs === undefined ? undefined : timeText(timeoutMs),
    checkpoints: checkpoints && writtenScope(checkpoints),
    ...(checkpoints === false && { checkpoints }),
    on_failure: onFailure,
    rollback: confirmRollback && { confirm: confirmRollback },
  });
}

const mapped = <T>(map: { readonly [name: string]: T }, write: (value: T) => Json): JsonObject =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, write(value)]));

/** Without those that speak of a step that is not there any more. */
function keptOutputs(
  outputs: Workflow['outputs'],
  workflow: Workflow,
  ids: ReadonlySet<string>,
): Workflow['outputs'] {
  const gone = workflow.steps.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
  return Object.fromEntries(
    Object.entries(outputs).filter(
      ([, { value = '' }]) => !gone.some((id) => new RegExp(`\\b${id}\\b`).test(value)),
    ),
  );
}

const writtenOutput = ({ type, description, value }: OutputSpec): Json =>
  type === undefined && description === undefined && value !== undefined
    ? value
    : withoutAbsent({ type, description, value });

const writtenPrerequisite = (each: Prerequisite): JsonObject =>
  each.kind === 'disk'
    ? { disk: each.bytes }
    : each.kind === 'tool'
      ? withoutAbsent({ tool: each.tool, version: each.version })
      : each.kind === 'env'
        ? { env: each.env }
        : { reachable: each.reachable };
