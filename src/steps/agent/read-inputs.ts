/**
 * The files that go with a goal: found by path or glob inside the workspace, read as far as there is room.
 * Bounded in number, in bytes and in what a glob looks at; what is no text is named and not shown.
 */
import {
  closeSync,
  constants,
  fstatSync,
  globSync,
  openSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_INPUT_FILES_MAX, AGENT_WALK_ENTRIES_MAX } from '../../engine/core/limits.ts';
import { inputsInvalid } from './agent-messages.ts';

export interface InputFile {
  /** From the workspace. */
  readonly name: string;
  readonly bytes: number;
  /** Absent: no text, or no room for it. */
  readonly text?: string;
}

const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/** In the order of the patterns, each file once; failure `request_invalid`. */
export function readInputs(
  workspace: string,
  patterns: readonly string[],
  bytesMax: number,
): Result<readonly InputFile[], Failure> {
  if (patterns.length > AGENT_INPUT_FILES_MAX)
    return err(inputsInvalid(`expected at most ${AGENT_INPUT_FILES_MAX} paths, found ${patterns.length}`));
  const names = new Set<string>();
  for (const pattern of patterns) {
    const found = filesOf(workspace, pattern);
    if (!found.ok) return found;
    for (const name of found.value) names.add(name);
  }
  if (names.size > AGENT_INPUT_FILES_MAX)
    return err(inputsInvalid(`expected at most ${AGENT_INPUT_FILES_MAX} files, found ${names.size}`));
  let room = bytesMax;
  const files = [...names].map((name) => {
    const file = fileOf(join(workspace, name), name, room);
    if (file.text !== undefined) room -= file.bytes;
    return file;
  });
  return ok(files);
}

function filesOf(workspace: string, pattern: string): Result<readonly string[], Failure> {
  if (pattern.includes('\0')) return err(inputsInvalid('a path holds a NUL character'));
  const path = resolve(workspace, pattern);
  const name = relative(workspace, path);
  if (name.split(sep)[0] === '..')
    return err(inputsInvalid(`\`${pattern}\` lies outside of the directory of the run`));
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return isInside(workspace, path) ? ok([name]) : err(outside(pattern));
  if (found?.isDirectory()) return ok(globbed(workspace, join(name, '**')));
  if (found || !/[*?[{]/.test(pattern)) {
    const what = found ? 'something that is no file' : 'nothing';
    return err(inputsInvalid(`expected a file, found ${what} at \`${pattern}\``));
  }
  const files = globbed(workspace, name);
  return files.length > 0 ? ok(files) : err(inputsInvalid(`no file matches \`${pattern}\``));
}

const outside = (pattern: string): Failure =>
  inputsInvalid(`\`${pattern}\` lies outside of the directory of the run`);

function globbed(workspace: string, pattern: string): readonly string[] {
  let looked = 0;
  const exclude = ({ name }: { readonly name: string }) => {
    looked += 1;
    return looked > AGENT_WALK_ENTRIES_MAX || (PASSED_OVER.has(name) && !pattern.includes(name));
  };
  const found = globSync(pattern, { cwd: workspace, withFileTypes: true, exclude })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() && isInside(workspace, path));
  return found.map((path) => relative(workspace, path)).sort();
}

/** Links on the way may lead out of the workspace. */
function isInside(workspace: string, path: string): boolean {
  const way = relative(realpathSync(workspace), realpathSync(path));
  return way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}

/** One that is gone meanwhile, or may not be read, is named all the same. */
function fileOf(path: string, name: string, room: number): InputFile {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return { name, bytes: 0 };
  }
  try {
    const { size } = fstatSync(file);
    if (size > room) return { name, bytes: size };
    const content = readFileSync(file);
    const isText = !content.includes(0) && content.length <= room;
    return { name, bytes: content.length, ...(isText && { text: content.toString('utf8') }) };
  } finally {
    closeSync(file);
  }
}
