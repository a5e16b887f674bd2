/**
 * The rules of the house that a program can check, over the whole tree.
 * The rules are in `test/tidy/`, their own tests in `test/unit/tidy/`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { EXCEPTIONS } from './tidy/exceptions.ts';
import {
  catalogueFindings,
  cycleFindings,
  floorFindings,
  homeFindings,
  purityFindings,
} from './tidy/imports.ts';
import {
  fileLengthFindings,
  functionLengthFindings,
  headFindings,
  machinePathFindings,
  nameFindings,
  unfinishedFindings,
} from './tidy/shape.ts';
import { type Finding, type Source, sourcesIn } from './tidy/sources.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = sourcesIn(root, ['src'], ['.ts']);
const code = [...src, ...sourcesIn(root, ['test', 'bench', 'bin'], ['.ts', '.js'])];
const prose = sourcesIn(root, ['.', 'docs', 'templates'], ['.md', '.yaml', '.yml']);

const RULES: readonly (readonly [
  string,
  readonly Source[],
  (sources: readonly Source[]) => readonly Finding[],
])[] = [
  ['imports go down', src, floorFindings],
  ['packages stay at home', src, homeFindings],
  ['imports make no ring', code, cycleFindings],
  ['catalogues are complete', src, catalogueFindings],
  ['the core is pure', src, purityFindings],
  ['files are short', code, fileLengthFindings],
  ['functions are short', code, functionLengthFindings],
  ['files are well named', code, nameFindings],
  ['files say what they own', code, headFindings],
  ['nothing is left open', [...code, ...prose], unfinishedFindings],
  ['nothing names one machine', [...src, ...prose], machinePathFindings],
];

const isExcepted = (finding: Finding): boolean =>
  EXCEPTIONS.some(({ path, says }) => finding.path === path && finding.says.startsWith(says));

test.each(RULES)('%s', (_, sources, findingsOf) => {
  const findings = findingsOf(sources).filter((finding) => !isExcepted(finding));
  expect(findings.map(({ path, says }) => `${path} ${says}`)).toEqual([]);
});

test('every exception is still needed', () => {
  const findings = RULES.flatMap(([, sources, findingsOf]) => findingsOf(sources));
  const idle = EXCEPTIONS.filter(
    ({ path, says }) => !findings.some((finding) => finding.path === path && finding.says.startsWith(says)),
  );
  expect(idle).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')).not.toMatch(
    /"resolved": "http/,
  );
});

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s names files that are there', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const named = [...text.matchAll(/`((?:src|test|bin|docs|templates|bench)\/[\w./-]*)`/g)].map(
    ([, path]) => path as string,
  );
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
