/** What turning commands into events needs of a run, and what comes out of it. */
import type { Event } from '../core/events.ts';
import type { StepState } from '../core/state.ts';
import type { ProcessSpec, StepType } from '../core/step-type.ts';
import type { ScopeSource } from './step-scope.ts';

export interface RunSource extends ScopeSource {
  /** 0 to 1. */
  chance(): number;
  /** Of this machine, now. */
  readonly bootId: string;
  stepType(type: string): StepType;
  newQuestionId(step: StepState): string;
  /** Stores a long item list; gives its sha256. */
  putBlob(bytes: Uint8Array): string;
}

export type Effect =
  | { readonly kind: 'spawn'; readonly step: StepState; readonly spec: ProcessSpec }
  | { readonly kind: 'stop'; readonly step: StepState; readonly why: 'cancelled' | 'timeout' }
  | { readonly kind: 'check_prerequisites' };

export interface Realized {
  readonly events: readonly Event[];
  readonly effects: readonly Effect[];
}
