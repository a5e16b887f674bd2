/** What a public key of a server is called: its algorithm and its fingerprint, as OpenSSH shows them. */
import { createHash } from 'node:crypto';

export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The name of its algorithm, which every key begins with; '' where it is none. */
export function keyTypeOf(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  return length > 64 ? '' : key.subarray(4, 4 + length).toString('latin1');
}
