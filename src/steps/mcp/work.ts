/**
 * What all parts of one performance share: the call, and the ways to the host.
 * 1. Nothing that goes these ways holds a secret of the call.
 */
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { Ask, CallIo } from '../../engine/core/step-type.ts';
import { withoutSecrets } from '../http/without-secrets.ts';
import type { McpCall } from './mcp-call.ts';
import { Silence } from './silence.ts';

export interface Work {
  readonly call: McpCall;
  readonly silence: Silence;
  readonly signal: AbortSignal;
  log(text: string): void;
  note(note: Json): Promise<void>;
  ask(ask: Ask): Promise<Json | undefined>;
}

export const workOf = (call: McpCall, io: CallIo): Work => ({
  call,
  silence: new Silence(call.silentMs),
  signal: io.signal,
  log: (text) => io.log(withoutSecrets(text, call.secrets)),
  note: (note) => io.note(withoutSecrets(note, call.secrets)),
  ask: (ask) => io.ask(withoutSecrets(ask as unknown as JsonObject, call.secrets) as unknown as Ask),
});

/** When a question that is asked now is no longer of use; undefined: never. */
export const expiryOf = ({ expiresMs }: McpCall): number | undefined =>
  expiresMs === undefined ? undefined : Date.now() + expiresMs;
