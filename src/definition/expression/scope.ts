/**
 * What an expression may see. The caller builds it once per step; nothing else of the host is reachable.
 * `names` is complete data; step results come lazily through `step`, because a run may have thousands.
 */
import type { Json, JsonObject } from '../../engine/core/model.ts';

export interface Scope {
  /** `inputs`, `env`, `run`, `item`, `index`, the `as` name, `stdout`, `stderr`, `exit_code`, `outputs`, … */
  readonly names: { readonly [name: string]: Json };
  /** The result of one step; asked only for ids that the expression refers to. */
  step(id: string): JsonObject | undefined;
  /** Folder that `read`, `exists`, `hash_files` and `parse_*` start from. */
  readonly cwd: string;
  /** The time that `now()` tells, in epoch milliseconds. */
  readonly nowMs: number;
  /** The run has not begun: what is not there is not known yet, and no default may stand for it. */
  readonly isPlan?: boolean | undefined;
}
