/**
 * What one answer may hold, decided here for every tool. Owns the bounds and how a value is cut, not what is cut.
 * 1. An answer whose values fit is not cut.
 * 2. A cut is visible: the value says how long it was and where the whole is.
 */
import type { Json, JsonObject } from '../engine/core/model.ts';

/** The structured part of a tool's answer. */
export const STRUCTURED_BYTES_MAX = 64 * 1024;
/** Its text. */
export const TEXT_BYTES_MAX = 8 * 1024;
/** Of an error; both are in its text. */
export const MESSAGE_BYTES_MAX = 6 * 1024;
export const HINT_BYTES_MAX = 1024;
/** A list that is only a part of an answer. */
export const LIST_BYTES_MAX = 48 * 1024;
/** A resource: a program asks for it by name, a model does not stumble on it. */
export const RESOURCE_BYTES_MAX = 1024 * 1024;
/** What is put to a person is never longer. */
export const PROMPT_BYTES_MAX = 4 * 1024;
/** A log in a view of many steps, and in one of the step that was asked for. */
export const LOG_BYTES_MAX = 16 * 1024;
export const STEP_LOG_BYTES_MAX = 48 * 1024;

export const QUESTIONS_SHOWN_MAX = 20;
export const WARNINGS_SHOWN_MAX = 20;
/** Log tails in one view; each has a link to the whole log. */
export const LOGS_SHOWN_MAX = 20;
export const NEXT_SHOWN_MAX = 5;
export const EVENTS_SHOWN_MAX = 100;

/** A row of a step without long values takes about this much; decides how many rows are shown. */
const ROW_BYTES = 320;
const VALUE_BYTES_MIN = 64;
/** An object may take as much as this many values at their bound. */
const OBJECT_VALUES = 4;

/** How generous one try at an answer is. */
export interface Bounds {
  /** A single value: an output, an input, a message. */
  readonly valueBytes: number;
  readonly rows: number;
  readonly events: number;
}

/**
 * Builds the answer with ever tighter bounds, and takes the first that fits: first values are cut, then rows left out.
 * @param bytesOf how large an answer is; the tightest is taken whatever its size
 */
export function withinBudget<T>(
  bytesMax: number,
  build: (bounds: Bounds) => T,
  bytesOf: (answer: T) => number,
): T {
  let bounds: Bounds = {
    valueBytes: bytesMax,
    rows: Math.floor(bytesMax / ROW_BYTES),
    events: EVENTS_SHOWN_MAX,
  };
  for (;;) {
    const answer = build(bounds);
    if (bytesOf(answer) <= bytesMax || bounds.rows <= 1) return answer;
    bounds = tighter(bounds);
  }
}

function tighter({ valueBytes, rows, events }: Bounds): Bounds {
  if (valueBytes > VALUE_BYTES_MIN) return { valueBytes: Math.floor(valueBytes / 4), rows, events };
  return { valueBytes, rows: Math.floor(rows / 2), events: Math.floor(events / 2) };
}

export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The first items that fit together. */
export function firstWithin<T>(items: readonly T[], bytesMax: number): readonly T[] {
  let left = bytesMax;
  const end = items.findIndex((item) => {
    left -= jsonBytes(item);
    return left < 0;
  });
  return end === -1 ? items : items.slice(0, end);
}

/** The beginning of a text that is too long, with its length and where the whole is. */
export function cutText(text: string, bytesMax: number, whole: string): string {
  const bytes = Buffer.byteLength(text);
  return bytes <= bytesMax ? text : `${beginning(text, bytesMax)}… ${bytes} bytes, ${whole}`;
}

/** The end of a log that is too long. */
export function cutLog(text: string, bytesMax: number, whole: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  const end = bytes
    .subarray(bytes.length - bytesMax)
    .toString('utf8')
    .replace(/^\uFFFD+/, '');
  return `… the end of ${bytes.length} bytes, ${whole}\n${end}`;
}

/** A value that is too long becomes the beginning of its text. */
export function cutJson(value: Json, bytesMax: number, whole: string): Json {
  if (typeof value === 'string') return cutText(value, bytesMax, whole);
  if (value === null || typeof value !== 'object') return value;
  return jsonBytes(value) <= bytesMax ? value : cutText(JSON.stringify(value), bytesMax, whole);
}

/** Each value by itself; entries beyond what an object may take are counted under the name `…`. */
export function cutObject(object: JsonObject, valueBytes: number, whole: string): JsonObject {
  const entries = Object.entries(object).map(([name, value]) => [name, cutJson(value, valueBytes, whole)]);
  const shown = firstWithin(entries, valueBytes * OBJECT_VALUES);
  const left = entries.length - shown.length;
  return Object.fromEntries(left === 0 ? shown : [...shown, ['…', `${left} more, ${whole}`]]) as JsonObject;
}

function beginning(text: string, bytesMax: number): string {
  // a character takes at least one byte
  const bytes = Buffer.from(text.slice(0, bytesMax)).subarray(0, bytesMax);
  return bytes.toString('utf8').replace(/\uFFFD+$/, '');
}
