/** What a notification says: rendered, and cut where it is too long for the receivers. */
import { type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { NOTIFY_CHARS_MAX, NOTIFY_TITLE_CHARS_MAX } from '../../engine/core/limits.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import type { NotifyFields } from './notify-fields.ts';

export interface Words {
  /** One line. */
  readonly title?: string;
  readonly message: string;
}

export function wordsOf(context: StepContext, fields: NotifyFields): Result<Words, Failure> {
  const message = context.renderText(fields.message ?? '');
  if (!message.ok) return message;
  const words = { message: cut(message.value.trimEnd(), NOTIFY_CHARS_MAX) };
  if (fields.title === undefined) return ok(words);
  const title = context.renderText(fields.title);
  return title.ok ? ok({ ...words, title: oneLine(title.value) }) : title;
}

/** Nothing in it ends a line, so that no value becomes a header of its own. */
export const oneLine = (text: string): string =>
  cut(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim(), NOTIFY_TITLE_CHARS_MAX);

/** Not between the two halves of a character. */
const cut = (text: string, charsMax: number): string =>
  text.length <= charsMax
    ? text
    : `${text
        .slice(0, charsMax - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`;
