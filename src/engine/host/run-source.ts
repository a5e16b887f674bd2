/** What turning commands into events needs of a run, and what comes out of it. */
import type { Event } from '../core/events.ts';
import type { JsonObject } from '../core/model.ts';
import type { ChangeNote } from '../core/rollback-events.ts';
import type { RestoreItem } from '../core/rollback-state.ts';
import type { StepState } from '../core/state.ts';
import type { CacheHit } from '../core/step-cache.ts';
import type { InnerRunSpec, ProcessSpec, StepType } from '../core/step-type.ts';
import type { NamedWish, StoredArtifacts } from './artifact-wishes.ts';
import type { ScriptRun } from './run-script.ts';
import type { ScopeSource } from './step-scope.ts';

/** A step's files are looked after; `changes` are what others have made of them since the last look. */
export interface Readiness {
  readonly changes?: ChangeNote;
}

/** An earlier result stands for the step; or it is performed, and what comes of it is kept under `key`. */
export type CacheAnswer =
  | { readonly kind: 'hit'; readonly hit: CacheHit }
  | { readonly kind: 'perform'; readonly key?: string };

export interface RunSource extends ScopeSource {
  /** What the effect `store` has stored under the name, once it has. */
  stored(name: string): StoredArtifacts | undefined;
  /** 0 to 1. */
  chance(): number;
  /** Of this machine, now. */
  readonly bootId: string;
  stepType(type: string): StepType;
  newQuestionId(step: StepState): string;
  /** Whether the step may start, as far as its files go; undefined: it has to be prepared. */
  readiness(step: StepState): Readiness | undefined;
  /** Whether the step has to be performed; undefined: somebody has to look. */
  cached(step: StepState): CacheAnswer | undefined;
  /** Stores a long item list; gives its sha256. */
  putBlob(bytes: Uint8Array): string;
}

export type Effect =
  | { readonly kind: 'spawn'; readonly step: StepState; readonly spec: ProcessSpec }
  | { readonly kind: 'call'; readonly step: StepState; readonly call: JsonObject }
  /** Begins the run that does the step's work; without `spec` takes it back. */
  | { readonly kind: 'run'; readonly step: StepState; readonly spec?: InnerRunSpec }
  | { readonly kind: 'stop'; readonly step: StepState; readonly why: 'cancelled' | 'timeout' }
  | { readonly kind: 'check_prerequisites' }
  /** What the step needs before it starts: a checkpoint, or a look at what others have changed. */
  | { readonly kind: 'prepare'; readonly step: StepState; readonly captures: readonly ScriptRun[] }
  /** Stores files; the command comes again when that is done. */
  | { readonly kind: 'store'; readonly name: string; readonly wishes: readonly NamedWish[] }
  /** Looks whether an earlier result stands for the step. */
  | { readonly kind: 'look_up_cache'; readonly step: StepState }
  /** Brings back the files of an earlier result. */
  | { readonly kind: 'bring_back'; readonly step: StepState; readonly hit: CacheHit }
  /** Writes down what a person has to do to take the run back. */
  | { readonly kind: 'write_instructions' }
  | { readonly kind: 'rescue' }
  | {
      readonly kind: 'restore';
      readonly item: RestoreItem;
      /** An earlier host may have restored a part of it. */
      readonly isBegun: boolean;
      readonly scripts: readonly ScriptRun[];
    };

export interface Realized {
  readonly events: readonly Event[];
  readonly effects: readonly Effect[];
}
