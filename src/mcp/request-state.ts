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
import { signingKey } from './signing-key.ts';

const VALID_SECONDS = 3_600;

/** What was asked, and what `resume` gets back with the responses. */
export interface OpenForm {
  readonly asks: readonly string[];
  readonly state: JsonObject;
}

interface Sealed extends OpenForm {
  readonly call: string;
}

/** A call's identity: the same tool with the same arguments, in whatever order their keys stand. */
interface CallIdentity {
  readonly tool: string;
  readonly arguments: JsonObject;
}

export class RequestStates {
  readonly #home: string;
  #codec: Promise<RequestStateCodec<Sealed>> | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /** Rejects when there is no key to sign with. */
  async seal(call: CallIdentity, form: OpenForm, context: ServerContext): Promise<string> {
    const codec = await this.#open();
    return codec.mint({ ...form, call: fingerprint(call) }, context);
  }

  /** Throws the protocol's `invalid params` for a state that is forged, expired or meant for another call. */
  async unseal(sealed: string, call: CallIdentity, context: ServerContext): Promise<OpenForm> {
    try {
      const codec = await this.#open();
      const opened = await codec.verify(sealed, context);
      if (opened.call === fingerprint(call)) return opened;
      log.warn({ tool: call.tool }, 'requestState of another call was refused');
    } catch (error) {
      log.warn({ reason: (error as Error).message, tool: call.tool }, 'requestState was refused');
    }
    // One answer for every reason, as the protocol wants it: a forger learns nothing from it.
    const message = 'Invalid or expired requestState';
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message, { reason: 'invalid_request_state' });
  }

  #open(): Promise<RequestStateCodec<Sealed>> {
    this.#codec ??= signingKey(this.#home).then((key) =>
      createRequestStateCodec<Sealed>({ key, ttlSeconds: VALID_SECONDS }),
    );
    // A directory that could not be written may be writable at the next call.
    this.#codec.catch(() => {
      this.#codec = undefined;
    });
    return this.#codec;
  }
}

function fingerprint(call: CallIdentity): string {
  return createHash('sha256')
    .update(JSON.stringify([call.tool, sorted(call.arguments)]))
    .digest('base64url');
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // Entries, not an object: an object would put keys that look like numbers first again.
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}
