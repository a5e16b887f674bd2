/** What a host is made of, and why it may have stopped. */
import type { Snapshots } from '../../checkpoint/snapshot.ts';
import type {
  ArtifactGiver,
  ArtifactIntake,
  Clock,
  HostIdentity,
  Journal,
  ProcessRunner,
} from '../core/ports.ts';
import type { StepCache } from '../core/step-cache.ts';
import type { StepType } from '../core/step-type.ts';
import type { RunSecrets } from './run-secrets.ts';

export interface HostOptions {
  readonly journal: Journal;
  readonly runner: ProcessRunner;
  readonly snapshots: Snapshots;
  /** Takes in the files that runs hand out. */
  readonly artifacts: ArtifactIntake;
  /** Brings what the inputs of sub-runs refer to; absent: a reference is a path like any other. */
  readonly giver?: ArtifactGiver;
  /** Absent: every step is performed. */
  readonly cache?: StepCache;
  /** Belay's own; no snapshot holds it. */
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly identity: HostIdentity;
  readonly stepType: (type: string) => StepType;
  readonly secrets: RunSecrets;
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
