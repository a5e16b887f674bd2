/** Which events a webhook is told of: `run.finished`, all of a kind (`run.*`), or `*`. */
import { EVENT_TYPES } from '../../engine/core/events.ts';

const KINDS = [...new Set(EVENT_TYPES.map((type) => `${type.split('.')[0]}.*`))];

export const isPattern = (text: string): boolean =>
  text === '*' || KINDS.includes(text) || (EVENT_TYPES as readonly string[]).includes(text);

export const matches = (patterns: readonly string[], type: string): boolean =>
  patterns.some(
    (each) => each === '*' || each === type || (each.endsWith('.*') && type.startsWith(each.slice(0, -1))),
  );
