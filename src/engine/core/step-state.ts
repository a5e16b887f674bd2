/**
 * One step of a run in memory, the lists of steps that are opened below it, and the small questions about both.
 * Owns the shapes only: `frames.ts` moves steps, `evolve` alone changes them.
 */
import type { CallTerms, InnerRunTerms, ProcessTerms, StepKey, StepStatus } from './events.ts';
import type { Failure } from './failure.ts';
import type { Json, JsonObject, Step } from './model.ts';
import type { ChangeNote } from './rollback-events.ts';

/** What a step instance is: loops wrap rounds or iterations, groups wrap a list of steps, tasks do the work. */
export type Layer = 'foreach' | 'repeat' | 'group' | 'task';

/** What an attempt left behind. */
export interface LastResult {
  readonly exitCode?: number;
  readonly outputs?: JsonObject;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly failure?: Failure;
}

export interface StepState {
  readonly key: StepKey;
  /** Another one when the run is resumed with another definition. */
  step: Step;
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
  /** Of the event that ended it, and how it ended; an undo asks for it whatever has become of the step since. */
  endSeq?: number;
  endStatus?: StepStatus;
  /** Both of the attempt before, in case the last one turns out never to have run. */
  previous?: { readonly seq: number; readonly endSeq?: number };
  process?: ProcessTerms;
  call?: CallTerms;
  /** Its attempt is not performed, but brings back files that a cache kept. */
  isRestoring?: true;
  /** Under which a cache is to keep the result of its last attempt. */
  cacheKey?: string;
  /** Where its result comes from, when it was not performed. */
  cached?: { readonly run: string; readonly step: StepKey };
  /** The run that does its work, or did. */
  innerRun?: InnerRunTerms;
  /** All that ever did, oldest first: a rollback takes each of them back. */
  innerRuns?: string[];
  /** Number of the attempt that began what the last one goes on with; they differ after the death of a host. */
  performedFrom?: number;
  /** What its call has noted since then. */
  notes?: Json[];
  /** Its last attempt was cut off and is made again. */
  isCutOff?: true;
  /** Questions that its call has asked. */
  asked?: string[];
  startedAt?: number;
  finishedAt?: number;
  wakeAt?: number;
  /** When it began to sleep or to wait for a signal. */
  sleepsSince?: number;
  /** When it stops sleeping on. */
  deadlineAt?: number;
  /** Name of the signal that it waits for, and what it was given. */
  awaits?: string;
  signal?: { readonly payload: Json };
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
  /** The run's inputs when its last attempt began: an undo speaks of those. */
  inputs?: JsonObject;
  /** Files that changed while it ran. */
  changes?: ChangeNote;
  /** It was performed, and put back without being taken back. */
  before?: LastResult;
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
  readonly root: 'steps' | 'cleanup' | 'undo';
  readonly indices: readonly number[];
  /** Loops: what it was opened over. An iteration that is no longer part of the run still speaks of these. */
  items?: readonly Json[] | { readonly blob: string };
  /** By step id; iterations of a loop by index. */
  readonly children: Map<string | number, StepState>;
  open: number;
  halted: boolean;
  /** First child that failed for good. */
  failed?: StepState;
  /** Children that failed softly. */
  soft: number;
  /**
   * Not counted in `open`: iterations of a loop to run again that must wait until fewer than `max_parallel` are open, and
   * steps that cannot run because something before them failed and is not run again.
   */
  held?: Set<StepState>;
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

/** Nothing more will come of it: it has finished, and may have been taken back since. */
export const isOver = (status: StepStatus): boolean =>
  isSettled(status) || status === 'undone' || status === 'undo_failed';

export const isSettled = (status: StepStatus): boolean =>
  isSettledWell(status) || status === 'failed' || status === 'cancelled';
