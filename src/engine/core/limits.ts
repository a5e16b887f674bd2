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
/** All outputs of one step together: failure `output_too_large`. */
export const STEP_OUTPUTS_BYTES_MAX = 512 * 1024;
/** What a shell step may write to its log files: failure `output_limit`, or cut by choice. */
export const STEP_LOG_BYTES_MAX = 64 * 1024 * 1024;
/** One interpolated value (Linux gives one environment string 128 KiB): failure `value_too_large`. */
export const ENV_VALUE_BYTES_MAX = 120 * 1024;
/** All inputs of one run together: diagnostic `limit`. */
export const INPUTS_BYTES_MAX = 1024 * 1024;
/** One file that `read`, `json`, `parse_coverage` … may open: failure `expression`. */
export const READ_BYTES_MAX = 8 * 1024 * 1024;

/** Wait between TERM and KILL. */
export const KILL_GRACE_MS = 5_000;
/** A host that has not renewed for this long has lost its runs. */
export const LEASE_MS = 15_000;
export const LEASE_RENEW_MS = 4_000;
/** Longest timeout, wait or delay: ten years; keeps time arithmetic exact. */
export const DURATION_MS_MAX = 10 * 365 * 86_400_000;
