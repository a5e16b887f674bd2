/** What all parts of one performance share. */
import type { CallIo } from '../../engine/core/step-type.ts';
import type { McpCall } from './mcp-call.ts';
import type { Silence } from './silence.ts';

export interface Work {
  readonly call: McpCall;
  readonly io: CallIo;
  readonly silence: Silence;
  /** To the log of the step, without secrets. */
  log(text: string): void;
}

/** When a question that is asked now is no longer of use; undefined: never. */
export const expiryOf = ({ expiresMs }: McpCall): number | undefined =>
  expiresMs === undefined ? undefined : Date.now() + expiresMs;
