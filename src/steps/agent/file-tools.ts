/**
 * `read_file`, `list_files` and `write_file`: the files of the workspace, and no others.
 * 1. A file is written beside its place and moved there when it is whole; nothing half-written stays.
 */
import { randomBytes } from 'node:crypto';
import { chmod, glob, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { AGENT_RESULT_BYTES_MAX, AGENT_WALK_ENTRIES_MAX } from '../../engine/core/limits.ts';
import { openRegular } from '../http/regular-file.ts';
import type { ToolResult } from './model.ts';
import { type AgentTool, type Profile, refusal } from './toolbox.ts';
import { isFolder, isGuarded, type Place, placeIn } from './workspace-path.ts';

const LISTED_MAX = 500;
/** Folders that a listing does not go into unless it is asked to. */
const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules']);

const done = (text: string): ToolResult => ({ text, isError: false });
const failed = (text: string): ToolResult => ({ text, isError: true });

/** @param workspace absolute */
export function fileTools(workspace: string, profile: Profile): readonly AgentTool[] {
  return [readTool(workspace), listTool(workspace), writeTool(workspace, profile)] as readonly AgentTool[];
}

const readArguments = z.strictObject({
  path: z.string().describe('From the workspace'),
  from_line: z.int().min(1).optional().describe('First line wanted, 1 unless said'),
  lines: z.int().min(1).optional().describe('How many lines'),
});

const readTool = (workspace: string): AgentTool<typeof readArguments> => ({
  name: 'read_file',
  description: `Read a text file of the workspace; at most ${AGENT_RESULT_BYTES_MAX} bytes at once.`,
  arguments: readArguments,
  isRepeatable: true,
  async use({ path, from_line: first = 1, lines }) {
    const place = await placeIn(workspace, path);
    if (!place.ok) return refusal(place.error);
    const text = await textOf(place.value);
    if (typeof text !== 'string') return text;
    const wanted = text.split('\n').slice(first - 1, lines === undefined ? undefined : first - 1 + lines);
    return done(cut(wanted.join('\n'), 'ask for fewer lines, or for later ones with from_line'));
  },
});

/** More than is shown, so that later lines can be asked for; not so much that it hurts. */
const READ_BYTES_MAX = 8 * 1024 * 1024;

async function textOf({ path, name }: Place): Promise<string | ToolResult> {
  if (await isFolder(path)) return failed(`${name || '.'} is a folder; list_files shows what is in it`);
  const file = await openRegular(path);
  if (!file.ok) return failed(`${name} cannot be read: it is not there, or no regular file`);
  const { handle, bytes } = file.value;
  try {
    if (bytes > READ_BYTES_MAX) return failed(`${name} has ${bytes} bytes, more than can be read`);
    const content = await handle.readFile();
    return content.includes(0) ? failed(`${name} is no text: ${bytes} bytes`) : content.toString('utf8');
  } finally {
    await handle.close();
  }
}

/** The beginning of what is too long for a model, with how much there is. */
export function cut(text: string, instead: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= AGENT_RESULT_BYTES_MAX) return text;
  const start = bytes
    .subarray(0, AGENT_RESULT_BYTES_MAX)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  return `${start}\n… cut: ${bytes.length} bytes in all; ${instead}`;
}

const listArguments = z.strictObject({
  pattern: z.string().optional().describe('Glob from the workspace, such as src/**/*.ts; * unless said'),
});

const listTool = (workspace: string): AgentTool<typeof listArguments> => ({
  name: 'list_files',
  description: `List files and folders of the workspace by a glob; folders end with a slash, at most ${LISTED_MAX} names.`,
  arguments: listArguments,
  isRepeatable: true,
  async use({ pattern = '*' }, signal) {
    if (/(?:^|[\\/])\.\.(?:[\\/]|$)|^[\\/]/.test(pattern))
      return refusal('a pattern stays inside the workspace');
    let looked = 0;
    const isPassedOver = (name: string) => PASSED_OVER.has(name) && !pattern.includes(name);
    const exclude = ({ name }: { readonly name: string }) => {
      looked += 1;
      return looked > AGENT_WALK_ENTRIES_MAX || isPassedOver(name);
    };
    const names: string[] = [];
    for await (const entry of glob(pattern, { cwd: workspace, withFileTypes: true, exclude })) {
      signal.throwIfAborted();
      const place = await placeIn(workspace, join(entry.parentPath, entry.name));
      if (place.ok && !isPassedOver(entry.name))
        names.push(`${place.value.name}${entry.isDirectory() ? '/' : ''}`);
      if (names.length > LISTED_MAX) break;
    }
    if (names.length === 0) return done('nothing matches');
    const more = names.length > LISTED_MAX || looked > AGENT_WALK_ENTRIES_MAX ? '\n… and more' : '';
    return done(`${names.slice(0, LISTED_MAX).sort().join('\n')}${more}`);
  },
});

const writeArguments = z.strictObject({
  path: z.string().describe('From the workspace; folders on the way are made'),
  content: z.string().describe('The whole new content'),
});

const writeTool = (workspace: string, profile: Profile): AgentTool<typeof writeArguments> => ({
  name: 'write_file',
  description: 'Write a text file of the workspace, in place of what was there.',
  arguments: writeArguments,
  isRepeatable: true,
  async use({ path, content }, signal) {
    const place = await placeIn(workspace, path);
    if (!place.ok) return refusal(place.error);
    if (profile !== 'privileged' && isGuarded(place.value))
      return refusal(`${place.value.name} is not written by the security profile ${profile}`);
    if (await isFolder(place.value.path)) return failed(`${place.value.name || '.'} is a folder`);
    try {
      await write(place.value.path, content, signal);
      return done(`written: ${place.value.name}, ${Buffer.byteLength(content)} bytes`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (signal.aborted || code === undefined) throw error;
      return failed(`${place.value.name} cannot be written: ${code}`);
    }
  },
});

async function write(path: string, content: string, signal: AbortSignal): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const beside = join(folder, `.belay-${randomBytes(6).toString('hex')}.part`);
  try {
    await writeFile(beside, content, { flag: 'wx', signal });
    const before = await stat(path).catch(() => undefined);
    if (before) await chmod(beside, before.mode & 0o7777);
    await rename(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
}
