/**
 * A run in memory: what the events so far mean. Built and changed by `evolve` alone, read by `decide`.
 * Owns the shapes and the small questions about them; `frames.ts` moves steps through them.
 * 1. A frame is one opened list of steps: the run's, its cleanup's, a group's, or a loop's iterations.
 * 2. `open` counts the children of a frame that still have to finish; at 0 its owner may close.
 * 3. A halted frame starts nothing new; its pending children no longer count as open.
 * 4. `ready`, `running`, `closing`, `stopping` and `timers` hold exactly the steps that `decide` has to look at,
 *    so that one event costs what it changed and not what the run holds.
 */
import type { ProcessTerms, RunStatus, StepKey, StepStatus } from './events.ts';
import type { Failure } from './failure.ts';
import type { Json, JsonObject, Step, Workflow } from './model.ts';
import { RunTimers } from './run-timers.ts';

/** What a step instance is: loops wrap rounds or iterations, groups wrap a list of steps, tasks do the work. */
export type Layer = 'foreach' | 'repeat' | 'group' | 'task';

export interface StepState {
  readonly key: StepKey;
  readonly step: Step;
  readonly layer: Layer;
  /** Indices of the loops around it, its own iteration included. */
  readonly indices: readonly number[];
  readonly frame: Frame;
  status: StepStatus;
  /** Needs that have not finished. */
  unmet: number;
  /** Attempts begun, over all resumes. */
  attempt: number;
  /** Attempts begun before the last resume; the retry policy counts from here. */
  attemptBase: number;
  /** Sequence number of the last `step.started`. */
  seq?: number;
  process?: ProcessTerms;
  startedAt?: number;
  finishedAt?: number;
  wakeAt?: number;
  timeoutAt?: number;
  retryAt?: number;
  exitCode?: number;
  outputs?: JsonObject;
  stdout?: string;
  stderr?: string;
  failure?: Failure;
  /** Why it was skipped. */
  reason?: string;
  warnings?: readonly string[];
  question?: string;
  /** The host must end it. */
  stopping?: 'cancelled' | 'timeout';
  /** Blocks: the opened children. */
  body?: Frame;
  items?: readonly Json[] | { readonly blob: string };
  count?: number;
}

export interface Frame {
  readonly owner?: StepState;
  readonly root: 'steps' | 'cleanup';
  readonly indices: readonly number[];
  /** By step id; iterations of a loop by index. */
  readonly children: Map<string | number, StepState>;
  open: number;
  halted: boolean;
  /** First child that failed for good. */
  failed?: StepState;
  /** Children that failed softly. */
  soft: number;
  /** Loops: iterations to run again that must wait until fewer than `max_parallel` are open; not counted in `open`. */
  held?: Set<StepState>;
}

export interface QuestionState {
  readonly id: string;
  readonly step: StepState;
  readonly kind: 'approval' | 'input' | 'agent';
  readonly prompt: string;
  readonly schema: JsonObject;
  readonly askedOf: 'human' | 'agent';
  readonly askedAt: number;
  readonly expiresAt?: number;
  status: 'open' | 'answered' | 'expired' | 'withdrawn';
  answer?: Json;
  by?: string;
}

export interface RunState {
  readonly runId: string;
  readonly workflow: Workflow;
  readonly digest: string;
  readonly source: string;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
  readonly createdAt: number;
  readonly createdBy: string;
  readonly intent?: string;
  inputs: JsonObject;
  status: RunStatus;
  reason?: string;
  seq: number;
  epoch: number;
  startedAt?: number;
  finishedAt?: number;
  outputs?: JsonObject;
  cancel?: { readonly mode: 'graceful' | 'immediate'; readonly reason?: string };
  /** Start nothing new, then pause, for this reason. */
  pausing?: string;
  phase: 'steps' | 'cleanup' | 'done';
  steps: Frame;
  cleanup?: Frame;
  cleanupFailed: number;
  readonly byKey: Map<StepKey, StepState>;
  readonly questions: Map<string, QuestionState>;
  /** May start or open now, in order. */
  readonly ready: Set<StepState>;
  /** Tasks with an attempt under way that holds a slot (not sleeping, not waiting for an answer). */
  readonly running: Set<StepState>;
  /** Tasks that sleep or wait for an answer. */
  readonly parked: Set<StepState>;
  /** Blocks whose children have finished. */
  readonly closing: Set<StepState>;
  /** Steps the host must end. */
  readonly stopping: Set<StepState>;
  /** Questions with an answer, or expired, whose step has not gone on. */
  readonly resolved: Set<QuestionState>;
  /** Keys: `round:`, `wake:`, `timeout:` + step key; `expire:` + question id. */
  readonly timers: RunTimers;
  /** Open questions. */
  asking: number;
  done: number;
  total: number;
  soft: number;
  /** Steps and questions changed since the last projection. */
  readonly touched: Set<StepState>;
  readonly touchedQuestions: Set<QuestionState>;
}

/** Tasks a step stands for before its loops are known. */
export function taskCount(step: Step): number {
  return step.body ? step.body.reduce((sum, child) => sum + taskCount(child), 0) : 1;
}

export const taskCountOf = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + taskCount(step), 0);

/** What lies below a loop layer of the same step. */
export function layersOf(step: Step): readonly Layer[] {
  const layers: Layer[] = [];
  if (step.foreach) layers.push('foreach');
  if (step.repeat) layers.push('repeat');
  layers.push(step.body ? 'group' : 'task');
  return layers;
}

export const layerBelow = (state: StepState): Layer => {
  const layers = layersOf(state.step);
  return layers[layers.indexOf(state.layer) + 1] ?? 'task';
};

export const isOutermost = (state: StepState): boolean => layersOf(state.step)[0] === state.layer;

export const stepKey = (id: string, indices: readonly number[]): StepKey =>
  indices.length === 0 ? id : `${id}${indices.map((index) => `[${index}]`).join('')}`;

/** Finished in a way that lets dependents go on. */
export const isSettledWell = (status: StepStatus): boolean =>
  status === 'succeeded' || status === 'skipped' || status === 'cached' || status === 'soft_failed';

export const isSettled = (status: StepStatus): boolean =>
  isSettledWell(status) || status === 'failed' || status === 'cancelled';

export function newRunState(
  fields: Pick<
    RunState,
    | 'runId'
    | 'workflow'
    | 'digest'
    | 'source'
    | 'cwd'
    | 'env'
    | 'createdAt'
    | 'createdBy'
    | 'intent'
    | 'inputs'
  >,
): RunState {
  const steps: Frame = { root: 'steps', indices: [], children: new Map(), open: 0, halted: false, soft: 0 };
  return {
    ...fields,
    status: 'queued',
    seq: 0,
    epoch: 0,
    phase: 'steps',
    steps,
    cleanupFailed: 0,
    byKey: new Map(),
    questions: new Map(),
    ready: new Set(),
    running: new Set(),
    parked: new Set(),
    closing: new Set(),
    stopping: new Set(),
    resolved: new Set(),
    timers: new RunTimers(),
    asking: 0,
    done: 0,
    total: taskCountOf(fields.workflow.steps),
    soft: 0,
    touched: new Set(),
    touchedQuestions: new Set(),
  };
}
