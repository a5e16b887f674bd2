/**
 * What an expression sees from where it stands in a run: inputs, environment, the item of its loop, and the
 * steps around it. Values of steps are made only when an expression asks for them.
 */
import { renderText } from '../../definition/expression/evaluate.ts';
import type { Scope } from '../../definition/expression/scope.ts';
import type { StepStatus } from '../core/events.ts';
import { Bug, type Failure } from '../core/failure.ts';
import type { Json, JsonObject, Step } from '../core/model.ts';
import { type Frame, isSettled, type RunState, type StepState } from '../core/state.ts';
import type { Outcome } from '../core/step-type.ts';
import { declaredEnvironment } from './environment.ts';

export interface ScopeSource {
  readonly run: RunState;
  readonly nowMs: number;
  /** Bytes of a blob that holds a long item list. */
  blob(sha256: string): Uint8Array | undefined;
  /** The run has not begun, and steps have no results yet. */
  readonly isPlan?: boolean;
}

/** Names besides the run's own, e.g. `stdout` where outputs are computed. */
export type ExtraNames = { readonly [name: string]: Json };

/** What the outputs of a step may read of its own result. */
export const resultNames = (outcome: Outcome & { readonly ok: true }): ExtraNames => ({
  stdout: outcome.stdout ?? '',
  stderr: outcome.stderr ?? '',
  exit_code: outcome.exitCode ?? 0,
  outputs: { ...outcome.outputs, ...outcome.names },
  ...outcome.outputs,
});

/** The scope of a step, or of the run as a whole. */
export function scopeAt(source: ScopeSource, at: StepState | undefined, extra: ExtraNames = {}): Scope {
  const { run } = source;
  return {
    names: {
      inputs: inputsAt(run, at),
      env: runEnvironment(source, at),
      // made when it is asked for: few expressions do, and a date costs more than all the rest
      get run() {
        return runValue(run);
      },
      ...loopNames(source, at),
      ...undoneNames(source, at),
      ...extra,
    },
    step: (id) => visibleStep(source, at, id),
    cwd: run.cwd,
    nowMs: source.nowMs,
    isPlan: source.isPlan,
  };
}

const runValue = (run: RunState): JsonObject => ({
  id: run.runId,
  workflow: run.workflow.name,
  version: run.workflow.version,
  cwd: run.cwd,
  status: run.status,
  ...(run.startedAt !== undefined && { started_at: new Date(run.startedAt).toISOString() }),
});

type Environment = { readonly [name: string]: string };
interface RunEnvironment {
  readonly env: Environment;
  readonly problem?: Failure;
}
/** By the inputs they were rendered with. */
const environments = new WeakMap<JsonObject, RunEnvironment>();

/** What is let through, and the workflow's `env:` over it; rendered once per set of inputs. */
export const runEnvironment = (source: ScopeSource, at: StepState | undefined): Environment =>
  environmentOf(source, at).env;

/** Why a value of the workflow's `env:` could not be rendered: no step may run without it. */
export const environmentProblem = (source: ScopeSource, at: StepState): Failure | undefined =>
  environmentOf(source, at).problem;

/** The inputs may have changed since: an undo takes back what was done with those of its step. */
function inputsAt(run: RunState, at: StepState | undefined): JsonObject {
  return (at && undoneBy(at)?.inputs) ?? run.inputs;
}

/** The step that an undo step takes back. */
function undoneBy(at: StepState): StepState | undefined {
  let step: StepState | undefined = at;
  while (step?.frame.root === 'undo') step = step.frame.owner;
  return step === at ? undefined : step;
}

function environmentOf(source: ScopeSource, at: StepState | undefined): RunEnvironment {
  const { run } = source;
  const inputs = inputsAt(run, at);
  const known = environments.get(inputs);
  if (known) return known;
  const given = { ...run.env, ...declaredEnvironment(run.workflow) };
  const scope: Scope = {
    names: { inputs, env: given, run: runValue(run) },
    step: () => undefined,
    cwd: run.cwd,
    nowMs: source.nowMs,
  };
  const env: { [name: string]: string } = { ...given };
  let problem: Failure | undefined;
  for (const [name, template] of Object.entries(run.workflow.env)) {
    const value = renderText(template, scope);
    if (value.ok) env[name] = value.value;
    else problem ??= { ...value.error, message: `\`env.${name}\` of the workflow: ${value.error.message}` };
  }
  const made = { env, ...(problem && { problem }) };
  environments.set(inputs, made);
  return made;
}

/** `item`, `index` and the loops' own names; inner loops hide outer ones. */
function loopNames(source: ScopeSource, at: StepState | undefined): ExtraNames {
  const names: { [name: string]: Json } = {};
  for (let step = at; step; step = step.frame.owner) {
    const loop = step.frame.owner;
    if (loop?.layer !== 'foreach') continue;
    const index = step.indices.at(-1) ?? 0;
    const item = itemsOf(source, step.frame)[index];
    // an undo that went on without would take back something else
    if (item === undefined) throw new Bug(`\`${step.key}\` has no item`);
    for (const [name, value] of Object.entries({ [loop.step.foreach?.as ?? 'item']: item, item, index })) {
      if (!(name in names)) names[name] = value;
    }
  }
  return names;
}

const longItems = new WeakMap<Frame, readonly Json[]>();

function itemsOf(source: ScopeSource, frame: Frame): readonly Json[] {
  const { items = [], owner } = frame;
  if (!('blob' in items)) return items;
  let list = longItems.get(frame);
  if (!list) {
    const bytes = source.blob(items.blob);
    // going on without would run commands with no item
    if (!bytes) throw new Bug(`the items of \`${owner?.key}\` are missing from the data folder`);
    list = JSON.parse(Buffer.from(bytes).toString('utf8')) as Json[];
    longItems.set(frame, list);
  }
  return list;
}

/** An undo speaks of the result of its step without naming the step. */
function undoneNames(source: ScopeSource, at: StepState | undefined): ExtraNames {
  const undone = at && undoneBy(at);
  if (!undone) return {};
  const { outputs, exit_code, stdout, stderr, status, error } = stepValue(source, undone);
  return withoutAbsent({ outputs, exit_code: exit_code ?? null, stdout, stderr, status, error });
}

const withoutAbsent = (names: { readonly [name: string]: Json | undefined }): ExtraNames =>
  Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined)) as ExtraNames;

/** The step with that id nearest to where the expression stands. */
function visibleStep(source: ScopeSource, at: StepState | undefined, id: string): JsonObject | undefined {
  if (source.isPlan) return undefined;
  for (let step = at; step; step = step.frame.owner) {
    const found = step.frame.children.get(id);
    if (found) return stepValue(source, found);
    if (step.frame.owner?.step.id === id) return stepValue(source, step.frame.owner);
  }
  const anywhere = source.run.byKey.get(id);
  return anywhere ? stepValue(source, anywhere) : unopenedStep(source.run, id);
}

/** A step of a group that has not opened, or never will; undefined for what is not there, or in a loop. */
function unopenedStep(run: RunState, id: string): JsonObject | undefined {
  const { steps, cleanup } = run.workflow;
  const around = groupsAround([...steps, ...cleanup], id);
  const closed = around?.map((group) => run.byKey.get(group)).find((group) => group && !group.body);
  if (!closed) return undefined;
  const status = isSettled(closed.status) ? 'skipped' : 'pending';
  return { status, attempts: 0, outputs: {}, stdout: '', stderr: '', error: null };
}

/** Ids of the groups that the step stands in, the outermost first; undefined where there is none, or a loop. */
function groupsAround(steps: readonly Step[], id: string): readonly string[] | undefined {
  for (const step of steps) {
    if (step.id === id) return [];
    const inside = step.body && !step.foreach && !step.repeat ? groupsAround(step.body, id) : undefined;
    if (inside) return [step.id, ...inside];
  }
  return undefined;
}

/** What `steps.<id>` is worth. Loops give their iterations as `results`, in order. */
export function stepValue(source: ScopeSource, step: StepState): JsonObject {
  if (step.layer === 'foreach') return loopValue(source, step);
  if (step.layer === 'repeat') return repeatValue(source, step);
  return {
    status: statusOf(source, step),
    attempts: step.attempt,
    outputs: step.outputs ?? {},
    ...(step.exitCode !== undefined && { exit_code: step.exitCode }),
    stdout: step.stdout ?? '',
    stderr: step.stderr ?? '',
    error: errorOf(step.failure),
  };
}

/** An undo asks how a step ended, whatever the rollback has made of it meanwhile. */
const statusOf = ({ run }: ScopeSource, step: StepState): StepStatus =>
  run.phase === 'unwind' && step.frame.root === 'steps' ? (step.endStatus ?? step.status) : step.status;

function loopValue(source: ScopeSource, loop: StepState): JsonObject {
  const items = loop.body ? itemsOf(source, loop.body) : [];
  const results = childrenInOrder(loop.body).map(
    (child, index): JsonObject => ({ item: items[index] ?? null, ...stepValue(source, child) }),
  );
  return {
    status: loop.status,
    count: loop.count ?? 0,
    results,
    outputs: { results: results.map((result) => result.outputs ?? {}) },
    error: errorOf(loop.failure ?? firstFailure(loop)),
  };
}

const errorOf = (failure: Failure | undefined): JsonObject | null =>
  failure ? { code: failure.code, message: failure.message } : null;

/** A loop that goes on when an iteration fails has no failure of its own. */
const firstFailure = (loop: StepState): Failure | undefined =>
  childrenInOrder(loop.body).find(({ status }) => status === 'soft_failed' || status === 'failed')?.failure;

function repeatValue(source: ScopeSource, loop: StepState): JsonObject {
  const rounds = childrenInOrder(loop.body);
  const last = rounds.at(-1);
  return {
    ...(last ? stepValue(source, last) : { outputs: {} }),
    status: loop.status,
    rounds: rounds.length,
  };
}

const childrenInOrder = (frame: Frame | undefined): readonly StepState[] => [
  ...(frame?.children.values() ?? []),
];
