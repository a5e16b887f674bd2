/**
 * The first event of a run: all that it is created with.
 * Fields are stored forever: add, never rename.
 */
import type { GivenArtifact } from './artifact.ts';
import type { FailurePolicy, JsonObject, StepKey } from './model.ts';

/** `run.created`. */
export interface RunCreated {
  readonly type: 'run.created';
  readonly workflow: string;
  readonly version: string;
  /** sha256 of the canonical JSON of `definition`, without line numbers; hex. */
  readonly digest: string;
  /** The workflow model as checked at creation; the run never looks at the file again. */
  readonly definition: JsonObject;
  readonly inputs: JsonObject;
  /** Absolute. */
  readonly cwd: string;
  /** The allow-listed environment of whoever created the run; never secrets. */
  readonly env: { readonly [name: string]: string };
  readonly source: string;
  readonly created_by: string;
  readonly intent?: string;
  readonly idempotency_key?: string;
  /**
   * Keyed digests of the variables that the workflow asks for by name, of those that were set: never the values.
   * Absent where it asks for none. A name that is not in it was not set.
   */
  readonly secrets?: SecretDigests;
  /** The step that started this run, and how deep that is; absent for a run that no step of this journal started. */
  readonly parent?: ParentStep;
  /** Inputs that are artifacts of other runs. */
  readonly given?: readonly GivenArtifact[];
  /** What the caller wants when the run fails; before what the workflow says. */
  readonly on_failure?: FailurePolicy;
  /** Every step is performed, and no result is kept for other runs. */
  readonly no_cache?: true;
  /** Runs of one group go one after the other. */
  readonly group?: string;
  /** What becomes of it where the group is taken; absent: `queue`. */
  readonly on_conflict?: 'reject' | 'replace';
  /** Absent: 0. Higher goes first. */
  readonly priority?: number;
}

/** By name of the variable; hex. */
export type SecretDigests = { readonly [name: string]: string };

/** The step that starts another run. */
export interface ParentStep {
  readonly run: string;
  readonly step: StepKey;
  /** Sequence number of its attempt's `step.started`. */
  readonly seq: number;
  /** 1 for a run that a step of an outermost run started. */
  readonly depth: number;
}
