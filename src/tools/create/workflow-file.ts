/**
 * The file of a workflow in one of the folders that people write to: where it is, what is in it, and writing it.
 * 1. A name is nothing but a name: no path leaves the folder, and a link inside it is not followed.
 * 2. A file is there as a whole or as it was: written beside, then renamed.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, sep } from 'node:path';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { DEFINITION_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Belay } from '../belay.ts';
import type { ToolError } from '../tool.ts';

export type Scope = 'project' | 'user';

export interface WorkflowFile {
  readonly path: string;
  /** Absent where there is no such file yet. */
  readonly text?: string;
  readonly mode: number;
}

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const NAME_CHARS_MAX = 100;
const NEW_FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** The file that has the workflow now, or the one that it would get. */
export function workflowFile(belay: Belay, scope: Scope, name: string): Result<WorkflowFile, ToolError> {
  if (!NAME.test(name) || name.length > NAME_CHARS_MAX) return err(badName(name));
  const folder = belay.library.folders.find((each) => each.scope === scope)?.path;
  if (folder === undefined) return err(noFolder(scope));
  if (scope === 'project' && leaves(folder)) return err(outside(folder));
  const entry = belay.library.inFolder(scope, name);
  const path = entry ?? join(folder, `${name}.yaml`);
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) return ok({ path, mode: NEW_FILE_MODE });
    if (!stat.isFile() || stat.size > DEFINITION_BYTES_MAX) return err(noFile(path));
    return ok({ path, text: readFileSync(path, 'utf8'), mode: stat.mode & 0o777 });
  } catch (error) {
    return err(unwritable(path, error));
  }
}

/** The project's own folder may be a link, but not to somewhere else. */
function leaves(folder: string): boolean {
  const project = dirname(dirname(folder));
  try {
    const root = realpathSync(project);
    const real = realpathSync(nearest(folder));
    return real !== root && !real.startsWith(root + sep);
  } catch {
    return true;
  }
}

/** The folder itself, or the nearest one above that is there. */
function nearest(folder: string): string {
  return lstatSync(folder, { throwIfNoEntry: false }) ? folder : nearest(dirname(folder));
}

export function writeWorkflowFile({ path, mode }: WorkflowFile, text: string): ToolError | undefined {
  const folder = dirname(path);
  const beside = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    const handle = openSync(beside, 'wx', mode);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(beside, path);
    return undefined;
  } catch (error) {
    rmSync(beside, { force: true });
    return unwritable(path, error);
  }
}

export const isJsonFile = ({ path }: WorkflowFile): boolean => extname(path) === '.json';

const badName = (name: string): ToolError => ({
  code: 'invalid_input',
  message: `expected a kebab-case name such as \`deploy-service\`, found \`${name}\``,
  hint: 'the name becomes the name of the file; `scope` says in which folder',
});

const noFolder = (scope: string): ToolError => ({
  code: 'invalid_input',
  message: `there is no folder for scope \`${scope}\``,
  hint: 'write `project` or `user`',
});

const outside = (folder: string): ToolError => ({
  code: 'invalid_input',
  message: `\`${folder}\` leads out of its project`,
  hint: 'make it a folder of the project, or write with `scope: user`',
});

const noFile = (path: string): ToolError => ({
  code: 'invalid_input',
  message: `\`${path}\` is no regular file, or larger than a definition may be`,
  hint: 'remove it, or take another name',
});

const unwritable = (path: string, error: unknown): ToolError => ({
  code: 'storage',
  message: `\`${path}\` cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
  hint: 'look at the permissions of the folder, or take the other `scope`; nothing was changed',
});
