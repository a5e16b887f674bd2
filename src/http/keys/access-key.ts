/**
 * Access keys: what one looks like, and what is kept of it. The secret part is 256 random bits, so that a plain sha256 of
 * it can be stored: there is nothing to guess. The name in front tells which document to look at.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ROLES } from '../../tools/access.ts';

const SECRET_BYTES = 32;

/** Without `_`, which stands between the parts of a key. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

const KEY = /^belay_([a-z0-9][a-z0-9-]{0,62})_[A-Za-z0-9_-]{43}$/;

export const accessKeySchema = z.strictObject({
  name: z.string().regex(NAME, 'expected a word of a-z, 0-9 and `-`, at most 63 characters'),
  roles: z.array(z.enum(ROLES)).min(1),
  sha256: z.string().regex(/^[\da-f]{64}$/),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().optional(),
  revoked_at: z.iso.datetime().optional(),
});

/** What is kept of a key. */
export type AccessKey = z.output<typeof accessKeySchema>;

export type KeyState = 'active' | 'expired' | 'revoked';

export const isKeyName = (name: string): boolean => NAME.test(name);

/** A new key for the name, as its holder sees it once. */
export const mintKey = (name: string): string =>
  `belay_${name}_${randomBytes(SECRET_BYTES).toString('base64url')}`;

export const keyDigest = (key: string): string => createHash('sha256').update(key).digest('hex');

/** The name in a key; undefined for what cannot be one. */
export const nameInKey = (key: string): string | undefined => KEY.exec(key)?.[1];

export const isKeyOf = (kept: AccessKey, key: string): boolean =>
  timingSafeEqual(Buffer.from(kept.sha256, 'hex'), Buffer.from(keyDigest(key), 'hex'));

export function keyState({ revoked_at, expires_at }: AccessKey, nowMs: number): KeyState {
  if (revoked_at !== undefined) return 'revoked';
  return expires_at !== undefined && Date.parse(expires_at) <= nowMs ? 'expired' : 'active';
}
