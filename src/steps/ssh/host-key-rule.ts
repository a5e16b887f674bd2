/**
 * Whether the key that a server shows is the one it should have. Owns the rules `strict`, `accept-new` and a written
 * fingerprint; what files of known hosts say is read in `known-hosts.ts`.
 * 1. A key that differs from a known one is never taken, whatever the rule.
 */
import type { Failure } from '../../engine/core/failure.ts';
import { fingerprintOf, keyTypeOf } from './host-key.ts';
import type { KnownKeys } from './known-hosts.ts';
import { hostKeyChanged, hostKeyRevoked, hostKeyUnknown } from './ssh-messages.ts';

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}=?$/;

/** What a rule looks like, for messages. */
export const HOST_KEY_EXPECTED = '`strict`, `accept-new` or a fingerprint such as `SHA256:…`';

export const isHostKeyRule = (text: string): boolean =>
  text === 'strict' || text === 'accept-new' || FINGERPRINT.test(text);

export type KeyVerdict =
  | { readonly kind: 'taken' }
  /** Taken for the first time: to be written down once the server has proved that it holds the key. */
  | { readonly kind: 'new' }
  | { readonly kind: 'refused'; readonly failure: Failure };

const TAKEN: KeyVerdict = { kind: 'taken' };

/** @param name of the server, as files of known hosts write it */
export function judgeHostKey(rule: string, name: string, key: Buffer, known: KnownKeys): KeyVerdict {
  const found = { name, type: keyTypeOf(key), fingerprint: fingerprintOf(key) };
  const refuse = (failure: Failure): KeyVerdict => ({ kind: 'refused', failure });
  const holds = (keys: readonly Buffer[]) => keys.some((each) => each.equals(key));
  if (holds(known.revoked)) return refuse(hostKeyRevoked(found));
  if (FINGERPRINT.test(rule)) {
    const wanted = rule.replace(/=+$/, '');
    return wanted === found.fingerprint ? TAKEN : refuse(hostKeyChanged(found, [wanted], 'host_key'));
  }
  if (holds(known.keys)) return TAKEN;
  if (known.keys.length > 0)
    return refuse(hostKeyChanged(found, known.keys.map(fingerprintOf), 'known_hosts'));
  if (rule === 'accept-new') return { kind: 'new' };
  return refuse(hostKeyUnknown(found, known.hasAuthority));
}
