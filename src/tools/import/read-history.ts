/** One file into sessions: opens it with care, finds out which history it is, and hands it to the reader of that kind. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { readText } from '../../definition/source/read-text.ts';
import { IMPORT_DOCUMENT_BYTES_MAX, IMPORT_FILE_BYTES_MAX } from '../../engine/core/limits.ts';
import { readAtuinHistory } from '../../learning/import/atuin-history.ts';
import { readBashHistory } from '../../learning/import/bash-history.ts';
import { readClaudeTranscript } from '../../learning/import/claude-transcript.ts';
import { readCommandLines } from '../../learning/import/command-lines.ts';
import { detectKind } from '../../learning/import/detect-kind.ts';
import { readFishHistory } from '../../learning/import/fish-history.ts';
import { readGithubWorkflow } from '../../learning/import/github-workflow.ts';
import { readPackageScripts } from '../../learning/import/package-scripts.ts';
import type { ImportKind, Reading, SkipReason } from '../../learning/import/reading.ts';
import { SessionBuilder } from '../../learning/import/session-builder.ts';
import { readZshHistory } from '../../learning/import/zsh-history.ts';
import { atuinRows } from '../../store/atuin-rows.ts';
import { fileLines, textLines } from './file-lines.ts';

/** Why nothing was imported from a file. */
export type FileTrouble =
  | 'unreadable'
  | 'not_a_file'
  | 'too_large'
  | 'empty'
  | 'binary'
  | 'unknown'
  | 'broken';

const HEAD_BYTES = 64 * 1024;
const BYTE_ORDER_MARK = 0xfeff;

/** A named pipe would wait for its writer for ever. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** The sessions of the file at an absolute path without links. */
export function readHistory(path: string): Reading | FileTrouble {
  let file: number;
  try {
    file = openSync(path, OPEN_FLAGS);
  } catch {
    return 'unreadable';
  }
  try {
    return readOpened(file, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return 'unreadable';
    throw error;
  } finally {
    closeSync(file);
  }
}

function readOpened(file: number, path: string): Reading | FileTrouble {
  const stats = fstatSync(file);
  if (!stats.isFile()) return 'not_a_file';
  if (stats.size === 0) return 'empty';
  if (stats.size > IMPORT_FILE_BYTES_MAX) return 'too_large';
  const head = Buffer.alloc(Math.min(HEAD_BYTES, stats.size));
  const kind = detectKind(path, head.subarray(0, readSync(file, head, 0, head.length, 0)));
  if (kind === undefined) return 'unknown';
  if (kind === 'binary') return kind;
  const to = new SessionBuilder(kind, sourceOf(kind, path));
  if (kind === 'atuin') return readAtuin(path, to);
  if (kind === 'github' || kind === 'package') return readDocument(file, kind, path, stats.size, to);
  const lines = fileLines(file, () => to.skip('too_long'));
  if (kind === 'zsh') readZshHistory(lines, to);
  else TEXT_READERS[kind](textLines(lines), to);
  return to.end();
}

const TEXT_READERS = {
  bash: readBashHistory,
  fish: readFishHistory,
  claude: readClaudeTranscript,
  lines: readCommandLines,
};

/** The same file is the same source again, whatever was added to it. */
const sourceOf = (kind: ImportKind, path: string): string =>
  `import:${kind}:${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;

function readAtuin(path: string, to: SessionBuilder): Reading | FileTrouble {
  const found = atuinRows(path);
  if (!found) return 'unknown';
  readAtuinHistory(found.rows, to);
  for (const [why, count] of Object.entries(found.left)) to.skip(why as SkipReason, count);
  return to.end();
}

function readDocument(
  file: number,
  kind: 'github' | 'package',
  path: string,
  size: number,
  to: SessionBuilder,
): Reading | FileTrouble {
  if (size > IMPORT_DOCUMENT_BYTES_MAX) return 'too_large';
  const bytes = Buffer.alloc(size);
  const text = bytes.toString('utf8', 0, readSync(file, bytes, 0, size, 0));
  const document = kind === 'github' ? readText(text).value : jsonOf(text);
  if (document === undefined) return 'broken';
  if (kind === 'github') readGithubWorkflow(document, to);
  else readPackageScripts(document, dirname(path), to);
  return to.end();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}
