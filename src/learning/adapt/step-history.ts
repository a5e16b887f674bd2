/** What is known of one step of one workflow from earlier runs; what proposals and warnings rest on. */
/** The step in one run, all its attempts together. */
export interface StepOutcome {
  readonly run: string;
  readonly at: number;
  /** Its last attempt failed. */
  readonly failed: boolean;
  readonly attempts: number;
  readonly failedAttempts: number;
  /** Of the last attempt, if it succeeded. */
  readonly durationMs?: number;
  /** Code of its last failure, and whether another attempt might help. */
  readonly code?: string;
  readonly mayHelpAgain?: boolean;
  readonly cached?: true;
  readonly savedMs?: number;
  /** A cache was asked and had nothing. */
  readonly missed?: true;
  readonly outputs?: string;
  readonly changesFiles: boolean;
  /** Plain inputs of the run, and how the steps before it came out: `inputs.env = "prod"`. */
  readonly conditions: readonly string[];
  /** The same for runs with the same inputs. */
  readonly inputs: string;
}

export interface StepHistory {
  readonly workflow: string;
  readonly step: string;
  /** Task type. */
  readonly type: string;
  /** As the newest run had it. */
  readonly definition: {
    readonly timeoutMs?: number | undefined;
    readonly attempts?: number | undefined;
    readonly isCached: boolean;
    readonly isTakenBack: boolean;
  };
  /** Oldest first. */
  readonly outcomes: readonly StepOutcome[];
}
