/** Every bound in one place, the unit last in the name. Doc comments say what happens at the bound. */

/** Definition text, before parsing: diagnostic `limit`. */
export const DEFINITION_BYTES_MAX = 256 * 1024;
export const DEFINITION_KEYS_MAX = 5_000;
export const DEFINITION_DEPTH_MAX = 64;
/** Steps written in one definition: diagnostic `limit`. */
export const DEFINITION_STEPS_MAX = 2_000;

/** Items of one `foreach`: failure `too_many_items`. */
export const FOREACH_ITEMS_MAX = 10_000;
/** Rounds of one `repeat`: diagnostic `limit`. */
export const REPEAT_ROUNDS_MAX = 10_000;
/** Attempts of one step: diagnostic `limit`. */
export const RETRY_ATTEMPTS_MAX = 100;

/** One output value in the journal; longer text is cut and the whole stays in the log file. */
export const OUTPUT_BYTES_MAX = 64 * 1024;
/** All outputs of one step together, or all that a run ends with: failure `output_too_large`. */
export const STEP_OUTPUTS_BYTES_MAX = 512 * 1024;
/**
 * All outputs of one run together, over all its attempts: a host keeps them in memory and the journal for ever.
 * A step that would go beyond fails with `output_too_large`; what a failed step leaves beyond is not kept.
 */
export const RUN_OUTPUTS_BYTES_MAX = 64 * 1024 * 1024;
/** Runs that start one another from their steps; one more is refused: error `limit`. */
export const RUN_DEPTH_MAX = 16;
/** What a shell step may write to its log files: failure `output_limit`, or cut by choice. */
export const STEP_LOG_BYTES_MAX = 64 * 1024 * 1024;
/** One interpolated value (Linux gives one environment string 128 KiB): failure `value_too_large`. */
export const ENV_VALUE_BYTES_MAX = 120 * 1024;
/** All inputs of one run together: diagnostic `limit`. */
export const INPUTS_BYTES_MAX = 1024 * 1024;
/** One file that `read`, `json`, `parse_coverage` … may open: failure `expression`. */
export const READ_BYTES_MAX = 8 * 1024 * 1024;

/** What a remote system may ask a retry to wait (`Retry-After`); a longer wait is cut to this. */
export const RETRY_AFTER_MS_MAX = 86_400_000;
/** An HTTP answer, unless the step says `max_bytes`: failure `response_too_large`. */
export const HTTP_ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** One that is not saved to a file: diagnostic. */
export const HTTP_MEMORY_BYTES_MAX = 64 * 1024 * 1024;
/** A whole HTTP exchange, redirects included, unless the step says `timeout`: failure `timeout`. */
export const HTTP_MS_MAX = 30_000;
/** One after the other: failure `redirect`. */
export const HTTP_REDIRECTS_MAX = 5;

/** Wait between TERM and KILL, and for a call that was told to end. */
export const KILL_GRACE_MS = 5_000;
/** A host that has not renewed for this long has lost its runs. */
export const LEASE_MS = 15_000;
export const LEASE_RENEW_MS = 4_000;
/** Longest timeout, wait or delay: ten years; keeps time arithmetic exact. */
export const DURATION_MS_MAX = 10 * 365 * 86_400_000;

/** What one snapshot may hold and how long it may take; more is left out and listed, a longer one fails. */
export const CHECKPOINT_BYTES_MAX = 5 * 1024 ** 3;
export const CHECKPOINT_FILES_MAX = 500_000;
export const CHECKPOINT_MS_MAX = 60_000;
/** An automatic checkpoint that nobody has asked for is given up sooner: the step starts without. */
export const CHECKPOINT_UNASKED_MS_MAX = 10_000;
/** Content that an automatic checkpoint which nobody has asked for reads at most; where there is more it is not taken. */
export const CHECKPOINT_UNASKED_BYTES_MAX = 1024 ** 3;
/** One capture or restore command: failure `timeout`. */
export const CAPTURE_MS_MAX = 10 * 60_000;
/** Retention of snapshots unless told otherwise: age, number, bytes on disk. */
export const SNAPSHOT_AGE_MS_MAX = 7 * 86_400_000;
export const SNAPSHOTS_MAX = 1_000;
export const SNAPSHOT_STORE_BYTES_MAX = 20 * 1024 ** 3;
