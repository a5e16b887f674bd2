/**
 * What proves to a receiver that a delivery comes from here, and when it was sent.
 * 1. `belay-signature: t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY`.
 * 2. `webhook-signature: v1,BASE64`: HMAC-SHA256 over `ID.SECONDS.BODY`, as the Standard Webhooks specification 1.0.0 wants
 *    it, so that its libraries can check deliveries too.
 * The key of both is what stands in Base64 behind `whsec_`.
 */
import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;
/** Of Standard Webhooks. */
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;

/** As its holder sees it, once. */
export const secretText = (secret: Uint8Array): string =>
  `${PREFIX}${Buffer.from(secret).toString('base64')}`;

export const newSecret = (): Uint8Array => randomBytes(SECRET_BYTES);

/** A secret that somebody brings along; undefined where it is none. */
export function parseSecret(text: string): Uint8Array | undefined {
  const coded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  const bytes = Buffer.from(coded, 'base64');
  const isWhole = bytes.toString('base64').replace(/=+$/, '') === coded.replace(/=+$/, '');
  return isWhole && bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX ? bytes : undefined;
}

/** @param atMs when it is sent */
export function signatureHeaders(
  secret: Uint8Array,
  { id, atMs, body }: { readonly id: string; readonly atMs: number; readonly body: string },
): { readonly [name: string]: string } {
  const seconds = Math.floor(atMs / 1_000);
  const sign = (text: string) => createHmac('sha256', secret).update(text);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${sign(`${id}.${seconds}.${body}`).digest('base64')}`,
    'belay-signature': `t=${seconds},v1=${sign(`${seconds}.${body}`).digest('hex')}`,
  };
}
