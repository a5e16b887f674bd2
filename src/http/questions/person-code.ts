/**
 * The code by which a person shows that they sit at a terminal of the machine, where there are no keys: made of the key of
 * the data folder and the time, so that `belay questions code` and every server on the folder agree without telling each other.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { homeKey } from '../../store/home-key.ts';

/** A code is good for this long at least, and for twice as long at most. */
export const CODE_MS = 5 * 60_000;

const CHARS = 8;
/** Without letters that look like figures, or like each other. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The code of now: `7K3M-90QX`. Throws a `StorageError` when the folder has no key and cannot get one. */
export function personCode(home: string, nowMs: number): string {
  const code = codeOf(home, periodOf(nowMs));
  return `${code.slice(0, CHARS / 2)}-${code.slice(CHARS / 2)}`;
}

/** Is it the code of now, or the one before? As people type it: in small letters, with or without the dash. */
export function isPersonCode(home: string, typed: string, nowMs: number): boolean {
  const given = Buffer.from(typed.toUpperCase().replace(/[\s-]/g, ''));
  const period = periodOf(nowMs);
  return [period, period - 1]
    .map((each) => Buffer.from(codeOf(home, each)))
    .some((code) => given.length === code.length && timingSafeEqual(given, code));
}

const periodOf = (ms: number): number => Math.floor(ms / CODE_MS);

function codeOf(home: string, period: number): string {
  const digest = createHmac('sha256', homeKey(home, 'question codes')).update(String(period)).digest();
  // 256 is a multiple of 32: each character is as likely as any other
  return [...digest.subarray(0, CHARS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
