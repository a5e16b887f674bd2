/** What keys and text may never be, however the definition arrives. */
import type { Finding } from '../diagnostic.ts';

const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const KEY_LENGTH_MAX = 256;

type Problem = Pick<Finding, 'code' | 'message' | 'hint'>;

/** Why a key is refused; undefined when it is not. */
export function keyProblem(key: string): Problem | undefined {
  if (PROTOTYPE_KEYS.has(key)) {
    return { code: 'forbidden_key', message: `key \`${key}\` is not allowed`, hint: 'choose another name' };
  }
  if (key.length > KEY_LENGTH_MAX) {
    const message = `key \`${key.slice(0, 32)}…\` has ${key.length} characters, expected at most ${KEY_LENGTH_MAX}`;
    return { code: 'limit', message, hint: 'choose a shorter name' };
  }
  return undefined;
}

/** Why a text is refused; undefined when it is not. */
export function textProblem(text: string): Problem | undefined {
  if (text.includes('\0')) {
    const hint = 'no command and no environment variable can hold it: remove it';
    return { code: 'forbidden_character', message: 'text holds the character NUL', hint };
  }
  if (!text.isWellFormed()) {
    const hint = 'save the text as UTF-8';
    return { code: 'forbidden_character', message: 'text holds half a surrogate pair', hint };
  }
  return undefined;
}
