/**
 * The workflow as data: what a definition means once it has been read and checked.
 * Owns the shapes only. Durations are milliseconds, expressions and templates stay source text
 * (`definition/expression` compiles them), and every order is explicit:
 * 1. `needs` is always filled: the implicit chain is written out by the definition loader.
 * 2. Step ids are unique in the whole workflow, cleanup included.
 * 3. A step has `body` (a block) or a task `type`, never both.
 */

/** Names one instance of a step: its id and the indices of the loops around it (`test[3][0]`). */
export type StepKey = string;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export type InputType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'file';

export interface InputSpec {
  readonly type: InputType;
  readonly description?: string;
  readonly required: boolean;
  readonly default?: Json;
  readonly enum?: readonly Json[];
  /** ECMAScript regular expression source; the whole value must match. */
  readonly pattern?: string;
  /** Bound of a number; of the length for strings and arrays. */
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface OutputSpec {
  readonly type?: InputType;
  readonly description?: string;
  /** Template; when absent the output is taken from the step output of the same name. */
  readonly value?: string;
  /** Its value is the path of a file that is stored. */
  readonly artifact?: ArtifactSpec;
}

/** How the file at the path that an output says is stored. */
export interface ArtifactSpec {
  /** By the file's extension unless said. */
  readonly mediaType?: string;
  readonly tags?: readonly string[];
  /** Retention leaves it alone. */
  readonly pin?: true;
}

export type Prerequisite =
  | { readonly kind: 'tool'; readonly tool: string; readonly version?: string }
  | { readonly kind: 'env'; readonly env: string }
  | { readonly kind: 'reachable'; readonly reachable: string }
  | { readonly kind: 'disk'; readonly bytes: number };

export interface RetryPolicy {
  /** All attempts, the first included. */
  readonly attempts: number;
  readonly delayMs: number;
  /** Factor from one delay to the next; 1 keeps it constant. */
  readonly backoff: number;
  readonly maxDelayMs: number;
  /** Share of the delay that chance may take away, 0 to 1. */
  readonly jitter: number;
  /** Failure codes that are retried (`timeout`, `exit`, `exit:75`, …); absent: every failure that says `again`. */
  readonly on?: readonly string[];
}

export const STRATEGIES = ['immediate', 'graceful', 'checkpoint', 'manual'] as const;
/** How a run is taken back; DESIGN, Rollback. */
export type Strategy = (typeof STRATEGIES)[number];
/** `rollback` alone is graceful. */
export type RollbackPolicy = 'rollback' | `rollback:${Strategy}`;
export type FailurePolicy = 'stop' | 'continue' | RollbackPolicy;

/** The strategy that a failure policy asks for; undefined where it asks for no rollback. */
export function strategyOf(policy: FailurePolicy | undefined): Strategy | undefined {
  if (!policy?.startsWith('rollback')) return undefined;
  return STRATEGIES.find((strategy) => policy === `rollback:${strategy}`) ?? 'graceful';
}

/** What a step may change: nothing, files under its directory, or the world outside this machine. */
export type Effects = 'none' | 'workspace' | 'remote';

/** What a snapshot covers, and how much it may cost. Absent parts come from the workflow, else from the limits. */
export interface SnapshotScope {
  /** Relative to the run's directory, or absolute. */
  readonly paths?: readonly string[];
  /** Patterns as in `.gitignore`. */
  readonly exclude?: readonly string[];
  readonly bytesMax?: number;
  readonly filesMax?: number;
  readonly timeMs?: number;
}

export const CACHE_SCOPES = ['run', 'project', 'user'] as const;
/** Who may be given the result: the same run, runs in the same project, or every run of this data folder. */
export type CacheScope = (typeof CACHE_SCOPES)[number];

/** When an earlier result of a step stands for a new one, and what is kept of it. */
export interface CacheSpec {
  /** Template; with it nothing else says whether two results are the same, but for `version`. */
  readonly key?: string;
  readonly scope: CacheScope;
  /** The key is meant for every step and workflow of the scope that has it. */
  readonly isShared?: true;
  /** Patterns of files that the result depends on, from the directory of the run; templates. */
  readonly files?: readonly string[];
  /** Variables that it depends on. */
  readonly env?: readonly string[];
  /** Patterns of files that it makes, in the directory of the run. */
  readonly paths?: readonly string[];
  readonly ttlMs?: number;
  /** Templates. */
  readonly tags?: readonly string[];
  /** Of the workflow, and of the step. */
  readonly version?: string;
}

/** A checkpoint before a step. */
export interface CheckpointSpec extends SnapshotScope {
  /** Unique in the run; the step's id unless said. */
  readonly name?: string;
  /** Steps that run a process, whose stdout is kept with the checkpoint. */
  readonly capture?: readonly Step[];
  /** Steps whose process gets it back on stdin, one for each of `capture`. */
  readonly restore?: readonly Step[];
}

/** When a rollback that an agent asks for is shown to a person first. */
export type ConfirmPolicy = 'never' | 'destructive' | 'always';

export interface Foreach {
  /** Expression or literal list. A range is written `range(1, 10)` or `1..10`. */
  readonly items: string | readonly Json[];
  /** Name of the item in expressions, besides `item`. */
  readonly as: string;
  /** Iterations that may be open at once; 1 (in order) unless said. */
  readonly maxParallel: number;
  /** True when `when` reads the item, so that it is asked for each item instead of once before. */
  readonly whenPerItem: boolean;
}

export interface Repeat {
  /** Expression, asked after each round. Absent: `max` rounds. */
  readonly until?: string;
  readonly max: number;
  readonly delayMs: number;
}

export interface Step {
  readonly id: string;
  /** Task type (`shell`, `set`, …), or `block` for a step with a body. */
  readonly type: string;
  readonly description?: string;
  /** The task type's own fields, checked by its schema. */
  readonly config: JsonObject;
  /** Its own, and those of the blocks around it. */
  readonly tags?: readonly string[];
  /** Ids in the same list of steps. */
  readonly needs: readonly string[];
  readonly when?: string;
  readonly foreach?: Foreach;
  readonly repeat?: Repeat;
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  readonly onFailure: FailurePolicy;
  readonly idempotent: boolean;
  /** Of its type, unless the step says. Absent in blocks, and in runs of releases before 0.2. */
  readonly effects?: Effects;
  /** A checkpoint before it starts; `false`: not even an automatic one. */
  readonly checkpoint?: CheckpointSpec | false;
  /** Absent: it is performed each time. */
  readonly cache?: CacheSpec;
  /** What takes it back, in order. */
  readonly undo?: readonly Step[];
  /** Why it cannot be taken back. */
  readonly irreversible?: string;
  /** May lose what cannot be made again: a checkpoint is taken first. */
  readonly destructive?: boolean;
  /** Output name to template. */
  readonly outputs: { readonly [name: string]: string };
  /** Those of its outputs that are paths of files to store. */
  readonly artifacts?: { readonly [output: string]: ArtifactSpec };
  readonly env: { readonly [name: string]: string };
  /** Streams that some expression reads apart (`stdout`, `steps.build.stderr`); empty: one combined log. */
  readonly reads: readonly ('stdout' | 'stderr')[];
  /** Steps of a group, of `parallel`, or of a looped block. */
  readonly body?: readonly Step[];
  /** Line in the definition, 1-based; for messages. */
  readonly line?: number;
}

export const CONFLICT_POLICIES = ['queue', 'reject', 'replace'] as const;

/** Runs of one group go one after the other. */
export interface ConcurrencySpec {
  /** Template over inputs and environment. */
  readonly group: string;
  /** A run that finds the group taken waits, is not created, or takes the place of those that are there. */
  readonly onConflict: (typeof CONFLICT_POLICIES)[number];
}

export interface Workflow {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly category?: string;
  readonly tags: readonly string[];
  readonly inputs: { readonly [name: string]: InputSpec };
  readonly outputs: { readonly [name: string]: OutputSpec };
  readonly env: { readonly [name: string]: string };
  readonly prerequisites: readonly Prerequisite[];
  readonly steps: readonly Step[];
  readonly cleanup: readonly Step[];
  /** Step attempts that may run at once in one run; absent: the host decides. */
  readonly maxParallel?: number;
  /** By tag: steps with it that may be under way at once in one run. */
  readonly limits?: { readonly [tag: string]: number };
  /** Scope of every checkpoint that names no other; `false`: no automatic ones. */
  readonly checkpoints?: SnapshotScope | false;
  /** What a run that fails does. */
  readonly onFailure?: FailurePolicy;
  readonly confirmRollback?: ConfirmPolicy;
  readonly concurrency?: ConcurrencySpec;
  /** Of a whole run, from its beginning to the end of its steps. */
  readonly timeoutMs?: number;
  /** Definitions of all that its `workflow` steps run, directly or in turn, by name; pinned when the run is created. */
  readonly workflows?: { readonly [name: string]: Workflow };
}
