/**
 * The files that the tidy rules look at, as values: path, text and, for code, what its syntax tree tells.
 * Owns reading and parsing only. The parser is oxc's, as vitest hands it on (`parseAst`): it reads TypeScript.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'vitest/node';

/** A node of the syntax tree; offsets count UTF-16 units of the text. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** One breach of one rule. */
export interface Finding {
  readonly path: string;
  readonly says: string;
}

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'fixtures']);

/** Files below `folders`, where they are, whose names end in one of `endings`; `.` is the root without its folders. */
export function sourcesIn(
  root: string,
  folders: readonly string[],
  endings: readonly string[],
): readonly Source[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => walk(root, folder))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function walk(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return folder === '.' || SKIPPED.has(entry.name) ? [] : walk(root, path);
  });
}

/** A node and the one it stands in; the program has none. */
export interface Placed {
  readonly node: Node;
  readonly parent: Node | undefined;
}

const parsed = new WeakMap<Source, readonly Placed[]>();

/** Every node below and including the program; parents come first. Parsed once for each source. */
export function nodesOf(source: Source): readonly Placed[] {
  const known = parsed.get(source);
  if (known) return known;
  const program = parseAst(source.text, {
    lang: source.path.endsWith('.ts') ? 'ts' : 'js',
  }) as unknown as Node;
  const nodes: Placed[] = [{ node: program, parent: undefined }];
  // The list grows while it is walked: what is appended here is visited later.
  for (const { node } of nodes) {
    const children = Object.values(node).flat().filter(isNode);
    nodes.push(...children.map((child) => ({ node: child, parent: node })));
  }
  parsed.set(source, nodes);
  return nodes;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** Line of an offset, 1-based. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
