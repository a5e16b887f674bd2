/**
 * What is kept to learn from: commands in the order in which somebody ran them, and what they were for. Runs and imports
 * are brought into this form; whatever stores it takes secrets out first.
 */
import type { FinalStatus } from '../engine/core/events.ts';
import type { JsonObject } from '../engine/core/model.ts';

export interface LearnedStep {
  readonly command: string;
  readonly exitCode?: number | undefined;
  readonly durationMs?: number | undefined;
  /** The directory it ran in. */
  readonly place?: string | undefined;
  /** The words told with it. */
  readonly intent?: string | undefined;
}

export interface LearnedSession {
  /** The same key is learned once, whatever it comes with later. */
  readonly key: string;
  /** What it can be forgotten by as a whole: `run:<id>`, `import:<digest>`. */
  readonly source: string;
  /** When it began, epoch ms; 0 where nobody knows. */
  readonly at: number;
  /** What it was for, in its caller's words. */
  readonly goal?: string | undefined;
  /** Root of the project; '' where nobody knows. */
  readonly project: string;
  /** The named workflow that it was a run of, how that ended, and what it was given. */
  readonly workflow?: string | undefined;
  readonly ending?: FinalStatus | undefined;
  readonly inputs?: JsonObject | undefined;
  readonly steps: readonly LearnedStep[];
}
