/**
 * A run in memory: what the events so far mean. Built and changed by `evolve` alone, read by `decide`.
 * Owns the shapes and the small questions about them; `frames.ts` moves steps through them.
 * 1. A frame is one opened list of steps: the run's, its cleanup's, a group's, or a loop's iterations.
 * 2. `open` counts the children of a frame that still have to finish; at 0 its owner may close.
 * 3. A halted frame starts nothing new; its pending children no longer count as open.
 * 4. `ready`, `running`, `closing`, `stopping` and `timers` hold exactly the steps that `decide` has to look at,
 *    so that one event costs what it changed and not what the run holds.
 */
import type { ArtifactRow, ArtifactState, GivenArtifact } from './artifact.ts';
import type { ParentStep, RunStatus, SecretDigests, StepKey } from './events.ts';
import type { FailurePolicy, Json, JsonObject, Strategy, Workflow } from './model.ts';
import type { Answerers } from './question-events.ts';
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
  readonly context?: string;
  readonly schema: JsonObject;
  readonly answerers?: Answerers;
  readonly askedOf: 'human' | 'agent';
  readonly askedAt: number;
  readonly expiresAt?: number;
  /** Order of the instruction that its answer ticks off. */
  readonly instruction?: number;
  /** Asked by a call under way, which takes the answer itself. */
  readonly call?: true;
  status: 'open' | 'answered' | 'expired' | 'withdrawn';
  answer?: Json;
  by?: string;
  /** Where several people have to approve: those who have, before the last one. */
  approvals?: { readonly by: string; readonly answer: Json }[];
  /** Who works on it, until when; one whose time is over counts no more. */
  claim?: { readonly by: string; readonly until: number };
}

export interface RunState {
  readonly runId: string;
  workflow: Workflow;
  digest: string;
  /** Of the definitions that it went by before it was resumed with others, oldest first. */
  readonly earlierDigests: string[];
  readonly source: string;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
  readonly createdAt: number;
  readonly createdBy: string;
  /** Whoever created it, or has changed its inputs or its workflow since. */
  readonly requesters: string[];
  readonly intent?: string;
  readonly parent?: ParentStep;
  /** Every step is performed, and no result is kept. */
  readonly noCache?: true;
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
  cancel?: { readonly mode: 'graceful' | 'immediate'; readonly by: string; readonly reason?: string };
  /** Its concurrency group, as rendered when it was created. */
  readonly group?: string;
  readonly onConflict?: 'reject' | 'replace';
  /** It was claimed, which nobody could while another run had the group. */
  hasEntered?: true;
  /** 0 unless said; higher goes first. */
  readonly priority: number;
  /** When its time is over. */
  deadlineAt?: number;
  /** It was over. */
  timedOut?: true;
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
  /** Of those that run: tasks whose work another run does. They hold no slot. */
  readonly delegating: Set<StepState>;
  /** Tasks that sleep or wait for an answer. */
  readonly parked: Set<StepState>;
  /** Blocks whose children have finished. */
  readonly closing: Set<StepState>;
  /** Steps the host must end. */
  readonly stopping: Set<StepState>;
  /** Questions with an answer, or expired, whose step has not gone on. */
  readonly resolved: Set<QuestionState>;
  /** Keys: `round:`, `wake:`, `timeout:` + step key; `expire:`, `claim:` + question id. */
  readonly timers: RunTimers;
  /** Open questions. */
  asking: number;
  /** Tasks that wait for a signal, in the order in which they began to. */
  readonly awaiting: Set<StepState>;
  /** Those that have been given theirs and have not gone on. */
  readonly signalled: Set<StepState>;
  /** Payloads of signals that nobody has waited for yet, by name, oldest first. */
  readonly signals: Map<string, Json[]>;
  done: number;
  total: number;
  soft: number;
  /** By name: what it has made so far, also in steps that have run again since. */
  readonly artifacts: Map<string, ArtifactState>;
  /** By input. */
  readonly given: Map<string, GivenArtifact>;
  /** Steps, questions and artifacts changed since the last projection. */
  readonly touched: Set<StepState>;
  readonly touchedQuestions: Set<QuestionState>;
  readonly touchedArtifacts: ArtifactRow[];
}

/** What a run is made with. */
type NewRun = Pick<
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
  | 'noCache'
  | 'secrets'
  | 'group'
  | 'onConflict'
> & { readonly priority?: number | undefined };

export function newRunState(fields: NewRun): RunState {
  const steps: Frame = { root: 'steps', indices: [], children: new Map(), open: 0, halted: false, soft: 0 };
  return {
    ...fields,
    priority: fields.priority ?? 0,
    earlierDigests: [],
    requesters: [fields.createdBy],
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
    delegating: new Set(),
    parked: new Set(),
    closing: new Set(),
    stopping: new Set(),
    resolved: new Set(),
    timers: new RunTimers(),
    asking: 0,
    awaiting: new Set(),
    signalled: new Set(),
    signals: new Map(),
    done: 0,
    total: taskCountOf(fields.workflow.steps),
    soft: 0,
    artifacts: new Map(),
    given: new Map(),
    touched: new Set(),
    touchedQuestions: new Set(),
    touchedArtifacts: [],
  };
}

/** Tasks that hold a slot. */
export const slotsTaken = ({ running, delegating }: Pick<RunState, 'running' | 'delegating'>): number =>
  running.size - delegating.size;
