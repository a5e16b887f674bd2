/** The rules of shape find what they are for, in files made up here. */
import { expect, test } from 'vitest';
import {
  fileLengthFindings,
  functionLengthFindings,
  headFindings,
  machinePathFindings,
  nameFindings,
  unfinishedFindings,
} from '../../tidy/shape.ts';
import type { Source } from '../../tidy/sources.ts';

const file = (path: string, text = ''): Source => ({ path, text });
const lines = (count: number) => 'x;\n'.repeat(count);

test('files are long from line 301 on, tests from 401 on', () => {
  expect(fileLengthFindings([file('src/a.ts', lines(300)), file('test/a.ts', lines(400))])).toEqual([]);
  expect(fileLengthFindings([file('src/a.ts', lines(301)), file('test/a.ts', lines(401))])).toHaveLength(2);
});

test.each([
  ['function a() {\n', '}', 48, 0],
  ['function a() {\n', '}', 49, 1],
  ['const a = () => {\n', '};', 49, 1],
  ['class A { b() {\n', '} }', 49, 1],
  ["describe('a', () => {\n", '});', 49, 0],
  ["test('a', () => {\n", '});', 49, 1],
])('a function as `%s…%s` with %i lines: %i', (open, close, count, found) => {
  expect(functionLengthFindings([file('src/a.ts', open + lines(count) + close)])).toHaveLength(found);
});

test.each([
  ['src/steps/shell.step.ts', 0],
  ['test/unit/steps/check-answer.test.ts', 0],
  ['src/steps/checkAnswer.ts', 1],
  ['src/Steps/a.ts', 1],
  ['src/steps/string-utils.ts', 1],
  ['src/helpers.ts', 1],
  ['src/run-manager.test.ts', 1],
])('name %s: %i', (path, found) => {
  expect(nameFindings([file(path)])).toHaveLength(found);
});

test('a head comment stands first', () => {
  expect(headFindings([file('a.test.ts', "import 'x';")])).toEqual([]);
  expect(
    headFindings([file('a.ts', '/** Owns a. */\n'), file('b.js', '#!/usr/bin/env node\n/** Owns b. */\n')]),
  ).toEqual([]);
  expect(headFindings([file('a.ts', "import 'x';\n/** Late. */"), file('b.ts', '// Owns b.')])).toHaveLength(
    2,
  );
});

test('open work is found with its line', () => {
  const open = ['TO', 'DO'].join('');
  expect(unfinishedFindings([file('a.ts', `x\n// ${open}: later`)])).toEqual([
    { path: 'a.ts', says: `line 2: \`${open}\`` },
  ]);
  expect(unfinishedFindings([file('a.ts', `x\n// ${open}LIST`)])).toEqual([]);
});

test.each([
  [`see ${'/home'}/jane/x`, 1],
  [`"${'/root'}/x"`, 1],
  ['belay://workflows/x and https://example.org/home/x', 0],
  ['HOME/workflows, ./work/x, ~/work/x', 0],
])('machine path in `%s`: %i', (text, found) => {
  expect(machinePathFindings([file('docs/a.md', text)])).toHaveLength(found);
});
