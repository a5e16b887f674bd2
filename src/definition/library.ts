/**
 * The workflows that can be run by name: files in a few folders, first folder wins. Owns finding, reading within
 * bounds, and the cache. A file that is broken is listed with what is wrong with it, never hidden.
 * 1. Nothing outside the folders is read: a link counts only when it ends at a regular file inside its folder.
 * 2. A file is parsed again only when its size, times or inode have changed.
 */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, extname, join, sep } from 'node:path';
import { DEFINITION_BYTES_MAX } from '../engine/core/limits.ts';
import type { InputSpec } from '../engine/core/model.ts';
import type { Diagnostic } from './diagnostic.ts';
import { readDefinition } from './read-definition.ts';
import type { Catalogue } from './schema/catalogue-schemas.ts';

export interface LibraryFolder {
  /** Absolute; need not exist. */
  readonly path: string;
  readonly scope: 'workflows' | 'project' | 'user' | 'shipped';
}

export interface LibraryEntry {
  /** As the file says; the file's own name where it does not. */
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly category?: string;
  readonly tags: readonly string[];
  readonly inputs: { readonly [name: string]: InputSpec };
  readonly file: string;
  readonly scope: LibraryFolder['scope'];
  /** First error; then the workflow cannot be run. */
  readonly problem?: string;
}

export interface WorkflowLibrary {
  /** In the order in which they are searched. */
  readonly folders: readonly LibraryFolder[];
  /** By name; a name that an earlier folder has too is listed once. */
  list(): LibraryEntry[];
  /** The file behind a name, read now, broken or not. */
  find(name: string): (LibraryEntry & { readonly text: string }) | undefined;
  /** The file of that name in one folder, also where an earlier folder has the name too. */
  inFolder(scope: LibraryFolder['scope'], name: string): string | undefined;
}

/** Files of one folder that are looked at; the rest, by name, is left out. */
const FILES_MAX = 1_000;
const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);

interface Cached {
  readonly stamp: string;
  readonly entry: LibraryEntry;
}

export function workflowLibrary(options: {
  readonly folders: readonly LibraryFolder[];
  readonly catalogue: Catalogue;
}): WorkflowLibrary {
  let cache = new Map<string, Cached>();

  const list = (): LibraryEntry[] => {
    const seen = new Map<string, Cached>();
    const byName = new Map<string, LibraryEntry>();
    const twins: LibraryEntry[] = [];
    for (const folder of options.folders) {
      for (const file of filesOf(folder.path)) {
        const found = cachedEntry(file, folder, cache.get(file), options.catalogue);
        if (!found) continue;
        seen.set(file, found);
        const { entry } = found;
        const first = byName.get(entry.name);
        if (!first) byName.set(entry.name, entry);
        else if (first.scope === entry.scope) twins.push(twinOf(entry, first));
      }
    }
    cache = seen;
    return [...byName.values(), ...twins].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  };

  const find = (name: string) => {
    const entry = list().find((one) => one.name === name);
    const text = entry && readText(entry.file);
    return entry && text !== undefined ? { ...entry, text } : undefined;
  };

  const inFolder = (scope: LibraryFolder['scope'], name: string) => {
    list();
    return [...cache.values()].find(({ entry }) => entry.scope === scope && entry.name === name)?.entry.file;
  };

  return { folders: options.folders, list, find, inFolder };
}

function filesOf(folder: string): string[] {
  try {
    const root = realpathSync(folder);
    const names = readdirSync(root).filter((name) => EXTENSIONS.has(extname(name)) && !name.startsWith('.'));
    return names
      .sort()
      .slice(0, FILES_MAX)
      .map((name) => join(root, name))
      .filter((file) => isInside(file, root));
  } catch {
    // No folder, no workflows: most projects have none of their own.
    return [];
  }
}

function isInside(file: string, root: string): boolean {
  try {
    return realpathSync(file).startsWith(root + sep) && statSync(file).isFile();
  } catch {
    return false;
  }
}

function cachedEntry(
  file: string,
  { scope }: LibraryFolder,
  cached: Cached | undefined,
  catalogue: Catalogue,
): Cached | undefined {
  const stamp = stampOf(file);
  if (stamp === undefined) return undefined;
  if (cached?.stamp === stamp && cached.entry.scope === scope) return cached;
  const text = readText(file);
  if (text === undefined) {
    return {
      stamp,
      entry: brokenEntry(file, scope, basename(file, extname(file)), 'the file cannot be read'),
    };
  }
  const {
    workflow,
    diagnostics,
    name = basename(file, extname(file)),
  } = readDefinition({ text, file }, catalogue);
  if (!workflow) return { stamp, entry: brokenEntry(file, scope, name, firstError(diagnostics)) };
  const { version, description, category, tags, inputs } = workflow;
  const known = {
    ...(description !== undefined && { description }),
    ...(category !== undefined && { category }),
  };
  return { stamp, entry: { name, version, ...known, tags, inputs, file, scope } };
}

function stampOf(file: string): string | undefined {
  try {
    const { size, mtimeMs, ctimeMs, ino }: Stats = statSync(file);
    return [size, mtimeMs, ctimeMs, ino].join(' ');
  } catch {
    return undefined;
  }
}

const brokenEntry = (
  file: string,
  scope: LibraryFolder['scope'],
  name: string,
  problem: string,
): LibraryEntry => ({
  name,
  version: '',
  tags: [],
  inputs: {},
  file,
  scope,
  problem,
});

/** Two files of one folder with one name: the second cannot be reached. */
const twinOf = (entry: LibraryEntry, first: LibraryEntry): LibraryEntry => ({
  ...entry,
  problem: `\`${basename(first.file)}\` has the same name: rename one of the two workflows`,
});

function firstError(diagnostics: readonly Diagnostic[]): string {
  const first = diagnostics.find(({ severity }) => severity === 'error');
  return first
    ? `${first.line === undefined ? '' : `line ${first.line}: `}${first.message}`
    : 'the file is broken';
}

/** At most one byte over the limit, so that the reader of the text sees that it is too long. */
function readText(file: string): string | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(handle).isFile()) return undefined;
    const bytes = Buffer.alloc(DEFINITION_BYTES_MAX + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(handle, bytes, length, bytes.length - length, null);
    }
    return decode(bytes.subarray(0, length));
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Bytes that are no UTF-8 become half a surrogate pair, which no definition may hold. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.length > DEFINITION_BYTES_MAX ? 'x'.repeat(bytes.length) : '\uDC80';
  }
}
