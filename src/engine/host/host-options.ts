/** What a host is made of, and why it may have stopped. */
import type { Clock, HostIdentity, Journal, ProcessRunner } from '../core/ports.ts';
import type { StepType } from '../core/step-type.ts';

export interface HostOptions {
  readonly journal: Journal;
  readonly runner: ProcessRunner;
  readonly clock: Clock;
  readonly identity: HostIdentity;
  readonly stepType: (type: string) => StepType;
  /** Task attempts at once, over all runs and in one run. */
  readonly slots: { readonly host: number; readonly run: number };
  /** A bug or a storage failure, in words for the log. */
  readonly report: (message: string, detail?: unknown) => void;
  readonly chance?: () => number;
}

export interface HostProblem {
  readonly code: 'storage';
  readonly message: string;
}
