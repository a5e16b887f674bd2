/**
 * The pieces of an answer as outputs: texts and links as they are, images, sounds and files as their size, saved to a
 * folder where the step names one. Owns the names of the files; bytes never become outputs.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { MCP_FILES_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { placeIn } from '../agent/workspace-path.ts';
import { saveFailed } from './mcp-messages.ts';

export interface Folder {
  /** The directory of the run, which the folder must lie in. */
  readonly cwd: string;
  /** Absent: nothing is saved. */
  readonly saveTo?: string;
}

/** Failure `save_failed`. */
export async function answerContent(
  blocks: readonly JsonObject[],
  folder: Folder,
): Promise<Result<readonly JsonObject[], Failure>> {
  const content: JsonObject[] = [];
  if (folder.saveTo !== undefined && blocks.length > MCP_FILES_MAX)
    return err(saveFailed(`the answer has ${blocks.length} pieces, at most ${MCP_FILES_MAX} are saved`));
  for (const block of blocks) {
    const piece = await pieceOf(block, folder, content.length + 1);
    if (!piece.ok) return piece;
    content.push(piece.value);
  }
  return ok(content);
}

/** All that is text, line by line. */
export const textIn = (blocks: readonly JsonObject[]): string =>
  blocks.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');

async function pieceOf(
  block: JsonObject,
  folder: Folder,
  number: number,
): Promise<Result<JsonObject, Failure>> {
  const { _meta: _, annotations: _hints, icons: _icons, ...piece } = block;
  if (piece.type === 'resource' && isObject(piece.resource)) {
    const inner = await pieceOf(piece.resource, folder, number);
    return inner.ok ? ok({ type: 'resource', resource: inner.value }) : inner;
  }
  const { data, blob, ...rest } = piece;
  const encoded = typeof data === 'string' ? data : blob;
  if (typeof encoded !== 'string') return ok(piece);
  const bytes = Buffer.from(encoded, 'base64');
  const known = { ...rest, bytes: bytes.length };
  if (folder.saveTo === undefined) return ok(known);
  const name = `${number}.${endingOf(rest)}`;
  const saved = await save(folder, join(folder.saveTo, name), bytes);
  return saved.ok ? ok({ ...known, file: saved.value }) : saved;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** By its media type, which a server names: nothing else of its words gets into a path. */
function endingOf({ mimeType }: JsonObject): string {
  const [, sub = 'bin'] = /^[\w.+-]+\/(?:x-)?(\w{1,12})/.exec(String(mimeType ?? '')) ?? [];
  return sub === 'octet' ? 'bin' : sub;
}

/** The path as seen from the directory of the run. */
async function save({ cwd }: Folder, written: string, bytes: Buffer): Promise<Result<string, Failure>> {
  const place = await placeIn(cwd, written);
  if (!place.ok) return err(saveFailed(place.error));
  const { path, name } = place.value;
  const beside = join(dirname(path), `.${randomUUID()}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(beside, bytes, { flag: 'wx' });
    await rename(beside, path);
    return ok(name);
  } catch (error) {
    return err(saveFailed(`\`${written}\` cannot be written: ${(error as NodeJS.ErrnoException).code}`));
  } finally {
    await rm(beside, { force: true });
  }
}
