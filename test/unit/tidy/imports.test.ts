/** The import rules find what they are for, in trees made up here. */
import { expect, test } from 'vitest';
import {
  catalogueFindings,
  cycleFindings,
  floorFindings,
  homeFindings,
  purityFindings,
  specifiersOf,
} from '../../tidy/imports.ts';
import type { Finding, Source } from '../../tidy/sources.ts';

const file = (path: string, text: string): Source => ({ path, text });
const says = (findings: readonly Finding[]) => findings.map((finding) => `${finding.path} ${finding.says}`);

test('sees every way to import', () => {
  const text = `import a from 'a'; import type { B } from 'b'; import 'c'; export * from 'd'; export { e } from 'e';
    export const f = () => import('f'); const text = "import 'not'";`;
  expect([...specifiersOf(file('src/x.ts', text))].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test.each([
  ['src/steps/a.ts', '../engine/core/model.ts', true],
  ['src/steps/a.ts', './b.ts', true],
  ['src/steps/deep/a.ts', '../b.ts', true],
  ['src/engine/host/a.ts', '../../definition/b.ts', true],
  ['src/cli/main.ts', '../mcp/b.ts', true],
  ['src/index.ts', './cli/main.ts', true],
  ['src/steps/a.ts', 'node:fs', true],
  ['src/steps/a.ts', '../definition/b.ts', false],
  ['src/store/a.ts', '../engine/host/b.ts', false],
  ['src/mcp/a.ts', '../http/b.ts', false],
  ['src/engine/core/a.ts', '../../steps/b.ts', false],
  ['src/engine/core/a.ts', 'node:crypto', false],
  ['src/tools/a.ts', '../index.ts', false],
  ['src/tools/a.ts', '../../test/b.ts', false],
])('%s importing %s: %s', (path, specifier, allowed) => {
  const findings = floorFindings([file(path, `import type { X } from '${specifier}'`)]);
  expect(says(findings)).toEqual(allowed ? [] : [`${path} may not import \`${specifier}\``]);
});

test('a folder without a floor is found', () => {
  expect(floorFindings([file('src/attic/a.ts', '')])).toHaveLength(1);
});

test.each([
  ['src/steps/a.ts', 'zod', true],
  ['src/store/a.ts', 'zod', false],
  ['src/store/database.ts', 'node:sqlite', true],
  ['src/tools/a.ts', 'node:sqlite', false],
  ['src/definition/expression/cel.ts', '@marcbachmann/cel-js', true],
  ['src/definition/load.ts', '@marcbachmann/cel-js', false],
  ['src/mcp/a.ts', '@modelcontextprotocol/server/stdio', true],
  ['src/engine/host/log.ts', 'pino', true],
  ['src/engine/host/drive.ts', 'pino', false],
  ['src/cli/a.ts', 'left-pad', false],
  ['src/cli/a.ts', 'node:path', true],
])('%s as a home of %s: %s', (path, specifier, allowed) => {
  expect(homeFindings([file(path, `import x from '${specifier}'`)])).toHaveLength(allowed ? 0 : 1);
});

test('a ring is found once, with its way', () => {
  const ring = [
    file('src/steps/a.ts', "import './b.ts'"),
    file('src/steps/b.ts', "import './c.ts'"),
    file('src/steps/c.ts', "import './b.ts'; import './d.ts'"),
    file('src/steps/d.ts', ''),
  ];
  expect(says(cycleFindings(ring))).toEqual([
    'src/steps/b.ts imports itself: src/steps/b.ts -> src/steps/c.ts -> src/steps/b.ts',
  ]);
});

test('a step type or tool outside of its catalogue is found', () => {
  const sources = [
    file('src/steps/catalogue.ts', "import './in.step.ts'"),
    file('src/steps/in.step.ts', ''),
    file('src/steps/out.step.ts', ''),
    file('src/tools/run.tool.ts', ''),
  ];
  expect(says(catalogueFindings(sources))).toEqual([
    'src/steps/out.step.ts is not in src/steps/catalogue.ts',
    'src/tools/run.tool.ts is not in src/tools/catalogue.ts',
  ]);
});

test.each([
  ['const a = Date.now()', 1],
  ['const a = new Date()', 1],
  ['setTimeout(() => {}, 1)', 1],
  ['export async function a() {}', 1],
  ['const a = Math.random()', 1],
  ['const a = new Date(5)', 0],
  ['const a = step.process.env', 0],
])('purity of `%s`: %i', (text, count) => {
  expect(purityFindings([file('src/engine/core/a.ts', text)])).toHaveLength(count);
  expect(purityFindings([file('src/store/a.ts', text)])).toHaveLength(0);
});
