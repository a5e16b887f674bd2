/** What turning commands into events needs of a run, and what comes out of it. */
import type { Event } from '../core/events.ts';
import type { JsonObject } from '../core/model.ts';
import type { ChangeNote } from '../core/rollback-events.ts';
import type { RestoreItem } from '../core/rollback-state.ts';
import type { StepState } from '../core/state.ts';
import type { ProcessSpec, StepType } from '../core/step-type.ts';
import type { ScriptRun } from './run-script.ts';
import type { ScopeSource } from './step-scope.ts';

/** A step's files are looked after; `changes` are what others have made of them since the last look. */
export interface Readiness {
  readonly changes?: ChangeNote;
}

export interface RunSource extends ScopeSource {
  /** 0 to 1. */
  chance(): number;
  /** Of this machine, now. */
  readonly bootId: string;
  stepType(type: string): StepType;
  newQuestionId(step: StepState): string;
  /** Whether the step may start, as far as its files go; undefined: it has to be prepared. */
  readiness(step: StepState): Readiness | undefined;
  /** Stores a long item list; gives its sha256. */
  putBlob(bytes: Uint8Array): string;
}

export type Effect =
  | { readonly kind: 'spawn'; readonly step: StepState; readonly spec: ProcessSpec }
  | { readonly kind: 'call'; readonly step: StepState; readonly call: JsonObject }
  | { readonly kind: 'stop'; readonly step: StepState; readonly why: 'cancelled' | 'timeout' }
  | { readonly kind: 'check_prerequisites' }
  /** What the step needs before it starts: a checkpoint, or a look at what others have changed. */
  | { readonly kind: 'prepare'; readonly step: StepState; readonly captures: readonly ScriptRun[] }
  /** Writes down what a person has to do to take the run back. */
  | { readonly kind: 'write_instructions' }
  | { readonly kind: 'rescue' }
  | { readonly kind: 'restore'; readonly item: RestoreItem; readonly scripts: readonly ScriptRun[] };

export interface Realized {
  readonly events: readonly Event[];
  readonly effects: readonly Effect[];
}
