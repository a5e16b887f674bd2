/**
 * How deep a value from outside is nested. Code that walks over values calls itself level by level: one that is nested
 * a thousand times would end the run as a bug in Belay, so it is turned away where it comes in.
 */
import { VALUE_DEPTH_MAX } from './limits.ts';
import type { Json } from './model.ts';

/** Words for a message: what such a value is. */
export const TOO_DEEP = `nested more than ${VALUE_DEPTH_MAX} levels deep`;

/** Whether lists and maps stand inside one another more than `VALUE_DEPTH_MAX` times. */
export function isTooDeep(value: Json | undefined): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth < VALUE_DEPTH_MAX; depth += 1) {
    level = level.flatMap(childrenOf);
    if (level.length === 0) return false;
  }
  return true;
}

const childrenOf = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value).filter(isNested) : [];

const isNested = (value: unknown): boolean => typeof value === 'object' && value !== null;
