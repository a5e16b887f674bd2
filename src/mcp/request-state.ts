/**
 * What a tool needs to go on after a form, sealed for its way through a 2026-07-28 client: signed, bound to the
 * tool and its arguments, and good for an hour. Signed, not encrypted: the client can read it.
 */
import { createHash } from 'node:crypto';
import {
  createRequestStateCodec,
  ProtocolError,
  ProtocolErrorCode,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Json, JsonObject } from '../engine/core/model.ts';
import { log } from '../engine/host/log.ts';
import { homeKey } from '../store/home-key.ts';
import type { OpenPage } from './page-asks.ts';

const VALID_SECONDS = 3_600;

/** What was asked, and what `resume` gets back with the responses. */
export interface OpenForm {
  readonly asks: readonly string[];
  /** Asked on pages of this server. */
  readonly pages?: readonly OpenPage[];
  readonly state: JsonObject;
}

interface Sealed extends OpenForm {
  readonly call: string;
}

/** A call's identity: the same tool with the same arguments, in whatever order their keys stand, by the same caller. */
interface CallIdentity {
  readonly tool: string;
  readonly arguments: JsonObject;
  /** Where callers are told apart. */
  readonly caller?: string | undefined;
}

export class RequestStates {
  readonly #home: string;
  #codec: RequestStateCodec<Sealed> | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /** Rejects when there is no key to sign with. */
  async seal(call: CallIdentity, form: OpenForm, context: ServerContext): Promise<string> {
    return this.#open().mint({ ...form, call: fingerprint(call) }, context);
  }

  /** Throws the protocol's `invalid params` for a state that is forged, expired or meant for another call. */
  async unseal(sealed: string, call: CallIdentity, context: ServerContext): Promise<OpenForm> {
    try {
      const opened = await this.#open().verify(sealed, context);
      if (opened.call === fingerprint(call)) return opened;
      log.warn({ tool: call.tool }, 'requestState of another call was refused');
    } catch (error) {
      log.warn({ reason: (error as Error).message, tool: call.tool }, 'requestState was refused');
    }
    // One answer for every reason, as the protocol wants it: a forger learns nothing from it.
    const message = 'Invalid or expired requestState';
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message, { reason: 'invalid_request_state' });
  }

  /** Throws while there is no key; a folder that could not be written may be writable at the next call. */
  #open(): RequestStateCodec<Sealed> {
    this.#codec ??= createRequestStateCodec<Sealed>({
      key: homeKey(this.#home, 'request state'),
      ttlSeconds: VALID_SECONDS,
    });
    return this.#codec;
  }
}

function fingerprint(call: CallIdentity): string {
  return createHash('sha256')
    .update(JSON.stringify([call.tool, sorted(call.arguments), call.caller ?? null]))
    .digest('base64url');
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // Entries, not an object: an object would put keys that look like numbers first again.
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}
