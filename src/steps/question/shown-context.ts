/**
 * What is shown with a question: texts and files that the answer is about, as one text.
 * 1. A piece that is cut says its length and sha256, so that the digest of the question covers what is not shown, too.
 * 2. A file lies in the directory of the run, links followed.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import * as z from 'zod';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { QUESTION_CONTEXT_BYTES_MAX, READ_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Json } from '../../engine/core/model.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { showFailed } from '../messages.ts';

const PIECES_MAX = 20;

const title = z.string().min(1).optional().describe('Stands above it');
const text = z.string().min(1);
const piece = z.union([
  text,
  z.strictObject({ title, text: z.json().describe('Text, or a value that is shown as JSON') }),
  z.strictObject({ title, file: text.describe('Path of a file in the directory of the run') }),
]);

/** Field `show`, whose texts are templates. */
export const showField = z
  .union([piece, z.array(piece).min(1).max(PIECES_MAX)], {
    error: 'expected a text, {title, text}, {title, file}, or a list of them',
  })
  .describe('Shown with the question: texts and files, cut at 32 KB together');

type Piece = z.infer<typeof piece>;
type Show = z.infer<typeof showField>;

/** The `context` of a question; nothing where the step shows nothing. */
export function shownContext(
  context: StepContext,
  show: Show | undefined,
): Result<{ readonly context?: string }, Failure> {
  if (show === undefined) return ok({});
  const pieces: readonly Piece[] = Array.isArray(show) ? show : [show];
  const bytesMax = Math.floor(QUESTION_CONTEXT_BYTES_MAX / pieces.length);
  const texts: string[] = [];
  for (const written of pieces) {
    const shown = textOf(context, written);
    if (!shown.ok) return shown;
    texts.push(headed(shown.value.title, cut(shown.value.text, bytesMax)));
  }
  return ok({ context: texts.join('\n\n') });
}

interface Shown {
  readonly title?: string;
  readonly text: string;
}

/** What a piece is follows from how it is written: a value that looks like `{file}` is shown, not opened. */
function textOf(context: StepContext, written: Piece): Result<Shown, Failure> {
  if (typeof written === 'string') return rendered(context, written);
  const above = written.title === undefined ? undefined : rendered(context, written.title);
  if (above?.ok === false) return above;
  const head = above && { title: above.value.text };
  const inside = rendered(context, 'file' in written ? written.file : written.text);
  if (!inside.ok) return inside;
  if (!('file' in written)) return ok({ ...head, text: inside.value.text });
  const path = inside.value.text;
  const read = readShown(context.cwd, path);
  return read.ok ? ok({ title: path, ...head, text: read.value }) : read;
}

function rendered(context: StepContext, template: Json): Result<Shown, Failure> {
  const value = context.render(template);
  return value.ok ? ok({ text: wording(value.value) }) : value;
}

const wording = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

const headed = (above: string | undefined, shown: string): string =>
  above === undefined ? shown : `--- ${above}\n${shown}`;

function cut(whole: string, bytesMax: number): string {
  const bytes = Buffer.from(whole);
  if (bytes.length <= bytesMax) return whole;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const note = `\n… the beginning of ${bytes.length} bytes, sha256 ${sha256}`;
  const start = bytes.subarray(0, Math.max(0, bytesMax - note.length - 2)).toString('utf8');
  return start.replace(/\uFFFD+$/, '') + note;
}

function readShown(cwd: string, path: string): Result<string, Failure> {
  let descriptor: number | undefined;
  try {
    const real = realpathSync(resolve(cwd, path));
    const way = relative(realpathSync(cwd), real);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
      return err(showFailed(path, 'it lies outside of the directory of the run'));
    // a pipe is refused, never waited for
    descriptor = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return err(showFailed(path, 'it is no regular file'));
    if (stat.size > READ_BYTES_MAX)
      return err(showFailed(path, `it has ${stat.size} bytes, at most ${READ_BYTES_MAX} are read`));
    return ok(readAll(descriptor, stat.size));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return err(showFailed(path, code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${code}`));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readAll(descriptor: number, size: number): string {
  const bytes = Buffer.alloc(size);
  let length = 0;
  for (let got = 1; got > 0 && length < size; length += got)
    got = readSync(descriptor, bytes, length, size - length, null);
  return bytes.subarray(0, length).toString('utf8');
}
