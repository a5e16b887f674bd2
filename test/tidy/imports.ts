/**
 * Who imports whom: floors, cycles and the homes of third-party packages, as ARCHITECTURE.md draws them.
 * Type imports count like others: a floor must not even know the names above it.
 */
import { posix } from 'node:path';
import { type Finding, type Node, nodesOf, type Source } from './sources.ts';

/** Folders of `src` from the bottom up; files directly in `src` stand above all of them. */
const FLOORS: readonly (readonly string[])[] = [
  ['engine/core'],
  ['definition', 'steps', 'checkpoint', 'learning'],
  ['engine/host', 'store'],
  ['tools'],
  ['mcp'],
  ['http'],
  ['cli'],
];

/** Package to the paths below `src` that may import it; a package without an entry may not be imported. */
const HOMES: { readonly [name: string]: readonly string[] } = {
  zod: ['definition/', 'steps/', 'tools/', 'mcp/', 'http/'],
  yaml: ['definition/'],
  '@marcbachmann/cel-js': ['definition/expression'],
  'node:sqlite': ['store/', 'checkpoint/store-lock.ts'],
  ignore: ['checkpoint/'],
  diff: ['checkpoint/'],
  execa: ['engine/host/', 'cli/'],
  semver: ['definition/', 'engine/host/'],
  commander: ['cli/'],
  lowdb: ['tools/settings.ts', 'tools/packs/'],
  '@modelcontextprotocol/server': ['mcp/', 'http/'],
  hono: ['http/'],
  '@hono/node-server': ['http/'],
  jose: ['http/'],
  '@modelcontextprotocol/client': ['demo', 'steps/mcp'],
  ssh2: ['steps/ssh'],
  openai: ['steps/agent'],
  '@anthropic-ai/sdk': ['steps/agent'],
  nodemailer: ['steps/notify'],
  'tar-stream': ['store/'],
  pino: ['engine/host/log.ts'],
  '@opentelemetry/api': ['tools/telemetry/otlp-sink.ts'],
  '@opentelemetry/exporter-metrics-otlp-http': ['tools/telemetry/otlp-sink.ts'],
  '@opentelemetry/exporter-trace-otlp-http': ['tools/telemetry/otlp-sink.ts'],
  '@opentelemetry/resources': ['tools/telemetry/otlp-sink.ts'],
  '@opentelemetry/sdk-metrics': ['tools/telemetry/otlp-sink.ts'],
  '@opentelemetry/sdk-trace': ['tools/telemetry/otlp-sink.ts'],
};

/** What `source` imports, as written: static, re-exported and dynamic. */
export function specifiersOf(source: Source): readonly string[] {
  const found: string[] = [];
  for (const { node } of nodesOf(source)) {
    const { value } = (node.source ?? {}) as { value?: unknown };
    const imports = /^(Import|Export(Named|All))(Declaration|Expression)$/.test(node.type);
    if (imports && typeof value === 'string') found.push(value);
  }
  return found;
}

const resolved = (source: Source, specifier: string): string =>
  posix.join(posix.dirname(source.path), specifier);
const isRelative = (specifier: string): boolean => specifier.startsWith('.');

interface Place {
  readonly folder: string;
  readonly floor: number;
}

function placeOf(path: string): Place | undefined {
  const inner = path.slice('src/'.length);
  if (!path.startsWith('src/')) return undefined;
  if (!inner.includes('/')) return { folder: 'src', floor: FLOORS.length };
  for (const [floor, folders] of FLOORS.entries()) {
    const folder = folders.find((name) => inner.startsWith(`${name}/`));
    if (folder) return { folder, floor };
  }
  return undefined;
}

/** Imports that go up, or sideways into another folder, or out of `src`. */
export function floorFindings(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap((source) => {
    const from = placeOf(source.path);
    if (!from) return [{ path: source.path, says: 'lies on no floor: add its folder to the floors' }];
    const outward = specifiersOf(source).filter((specifier) => {
      if (!isRelative(specifier)) return from.floor === 0;
      const to = placeOf(resolved(source, specifier));
      return to === undefined || (to.folder !== from.folder && to.floor >= from.floor);
    });
    return outward.map((specifier) => ({ path: source.path, says: `may not import \`${specifier}\`` }));
  });
}

/** Packages imported outside of their home. */
export function homeFindings(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap((source) => {
    const strangers = specifiersOf(source).filter(
      (specifier) => !isRelative(specifier) && !isAtHome(source, specifier),
    );
    return strangers.map((specifier) => ({ path: source.path, says: `is no home of \`${specifier}\`` }));
  });
}

function isAtHome(source: Source, specifier: string): boolean {
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] as string);
  const homes = HOMES[specifier] ?? HOMES[name];
  return homes ? homes.some((home) => source.path.startsWith(`src/${home}`)) : name.startsWith('node:');
}

/** Rings of imports, each once, with the way around. */
export function cycleFindings(sources: readonly Source[]): readonly Finding[] {
  const imports = new Map(
    sources.map((source) => [
      source.path,
      specifiersOf(source)
        .filter(isRelative)
        .map((specifier) => resolved(source, specifier)),
    ]),
  );
  const done = new Set<string>();
  const findings: Finding[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const seen = way.indexOf(path);
    if (seen >= 0)
      findings.push({ path, says: `imports itself: ${[...way.slice(seen), path].join(' -> ')}` });
    if (seen >= 0 || done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return findings;
}

/** Step types and tools that their folder's catalogue does not import. */
export function catalogueFindings(sources: readonly Source[]): readonly Finding[] {
  const listed = new Set(
    sources
      .filter(({ path }) => posix.basename(path) === 'catalogue.ts')
      .flatMap((source) => specifiersOf(source).map((specifier) => resolved(source, specifier))),
  );
  return sources
    .filter(({ path }) => /\.(step|tool)\.ts$/.test(path) && path.startsWith('src/') && !listed.has(path))
    .map(({ path }) => ({ path, says: `is not in ${posix.dirname(path)}/catalogue.ts` }));
}

const CLOCKS = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'process.env',
  'process.cwd',
]);
const EFFECTS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']);

/** Clocks, chance, timers and promises in the core. */
export function purityFindings(sources: readonly Source[]): readonly Finding[] {
  const core = sources.filter(({ path }) => path.startsWith('src/engine/core/'));
  return core.flatMap((source) =>
    nodesOf(source)
      .map(({ node }) => impurity(source, node))
      .filter((found) => found !== undefined)
      .map((found) => ({ path: source.path, says: `the core is pure, found \`${found}\`` })),
  );
}

function impurity({ text }: Source, node: Node): string | undefined {
  const written = text.slice(node.start, node.end);
  if (node.type === 'MemberExpression' && CLOCKS.has(written)) return written;
  if (node.type === 'CallExpression') {
    const callee = node.callee as Node;
    const name = text.slice(callee.start, callee.end);
    return EFFECTS.has(name) ? name : undefined;
  }
  if (node.type === 'NewExpression' && /^new (Date\(\)|Promise\b)/.test(written)) return written.slice(0, 20);
  return node.type === 'AwaitExpression' || node.async === true ? 'async' : undefined;
}
