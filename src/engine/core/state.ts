/**
 * A run in memory: what the events so far mean. Built and changed by `evolve` alone, read by `decide`.
 * Owns the shapes and the small questions about them; `frames.ts` moves steps through them.
 * 1. A frame is one opened list of steps: the run's, its cleanup's, a group's, or a loop's iterations.
 * 2. `open` counts the children of a frame that still have to finish; at 0 its owner may close.
 * 3. A halted frame starts nothing new; its pending children no longer count as open.
 * 4. `ready`, `running`, `closing`, `stopping` and `timers` hold exactly the steps that `decide` has to look at,
 *    so that one event costs what it changed and not what the run holds.
 */
import type { ParentStep, RunStatus, SecretDigests, StepKey } from './events.ts';
import type { FailurePolicy, Json, JsonObject, Strategy, Workflow } from './model.ts';
import type { ChangeRecord, CheckpointState, UnwindState } from './rollback-state.ts';
import { RunTimers } from './run-timers.ts';
import type { Frame, StepState } from './step-state.ts';
import { taskCountOf } from './step-state.ts';

export * from './step-state.ts';

export interface QuestionState {
  readonly id: string;
  readonly step: StepState;
  readonly kind: 'approval' | 'input' | 'agent';
  readonly prompt: string;
  readonly schema: JsonObject;
  readonly askedOf: 'human' | 'agent';
  readonly askedAt: number;
  readonly expiresAt?: number;
  /** Order of the instruction that its answer ticks off. */
  readonly instruction?: number;
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
  readonly parent?: ParentStep;
  /** Of the variables that the workflow asks for, as the run was created or last resumed. */
  secrets?: SecretDigests;
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
  /** What it does when it fails. */
  readonly onFailure?: FailurePolicy;
  phase: 'steps' | 'unwind' | 'cleanup' | 'done';
  /** By id, in the order in which they were taken. */
  readonly checkpoints: Map<string, CheckpointState>;
  /** An automatic checkpoint was tried and could not be taken. */
  checkpointSkipped?: string;
  readonly changes: ChangeRecord[];
  /** Steps that were cut off, so that nobody looked at what they had changed. */
  readonly unaccounted: Set<StepKey>;
  /** Steps with an undo that ran again with other inputs: what they did with the earlier ones is not undone. */
  readonly superseded: Set<StepKey>;
  /** Performed steps that are no longer part of the run; a rollback undoes them all the same. */
  readonly forgotten: Map<StepKey, StepState>;
  /** The files as they were before the first restore of the last rollback. */
  rescue?: CheckpointState;
  /** A step failed whose policy takes the run back. */
  rollbackDue?: { readonly strategy: Strategy; readonly reason: string };
  unwind?: UnwindState;
  /** The last unwind, when it is over. */
  unwound?: UnwindState;
  steps: Frame;
  cleanup?: Frame;
  cleanupFailed: number;
  /** What its steps have left so far, over all attempts and resumes (see `kept-bytes`). */
  outputBytes: number;
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
    | 'onFailure'
    | 'parent'
    | 'secrets'
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
    outputBytes: 0,
    cleanupFailed: 0,
    checkpoints: new Map(),
    changes: [],
    unaccounted: new Set(),
    superseded: new Set(),
    forgotten: new Map(),
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
