/** The files that go with a goal: found, bounded, inside the workspace, and shown so that none can pass for the goal. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goalText } from '../../../../src/steps/agent/goal.ts';
import { readInputs } from '../../../../src/steps/agent/read-inputs.ts';
import { scratchFolder } from './at-work.ts';

function workspace(): string {
  const folder = scratchFolder();
  const cwd = join(folder, 'work');
  mkdirSync(join(cwd, 'src/deep'), { recursive: true });
  writeFileSync(join(cwd, 'src/a.ts'), 'a');
  writeFileSync(join(cwd, 'src/deep/b.ts'), 'bb');
  writeFileSync(join(cwd, 'image'), Buffer.from([0, 1]));
  writeFileSync(join(folder, 'secret'), 'hidden');
  symlinkSync('../secret', join(cwd, 'link'));
  return cwd;
}

const names = (cwd: string, patterns: readonly string[], bytesMax = 1000) => {
  const read = readInputs(cwd, patterns, bytesMax);
  if (!read.ok) throw new Error(read.error.message);
  return read.value.map(({ name, text }) => [name, text]);
};

test('paths, folders and globs, each file once', () => {
  const cwd = workspace();
  expect(names(cwd, ['src/**/*.ts', 'src/a.ts', './image'])).toEqual([
    ['src/a.ts', 'a'],
    ['src/deep/b.ts', 'bb'],
    ['image', undefined],
  ]);
  expect(names(cwd, ['src']).map(([name]) => name)).toEqual(['src/a.ts', 'src/deep/b.ts']);
});

test('what has no room is named only', () => {
  expect(names(workspace(), ['src/deep/b.ts', 'src/a.ts'], 2)).toEqual([
    ['src/deep/b.ts', 'bb'],
    ['src/a.ts', undefined],
  ]);
});

test.each(['../secret', '/etc/passwd', 'link', 'none', '*.none', 'src/\0'])('refuses %j', (pattern) => {
  expect(readInputs(workspace(), [pattern], 1000)).toMatchObject({
    ok: false,
    error: { code: 'request_invalid', message: expect.stringContaining('`inputs`') },
  });
});

test('a glob does not lead out, nor into folders that nobody means', () => {
  const cwd = workspace();
  mkdirSync(join(cwd, 'node_modules'));
  writeFileSync(join(cwd, 'node_modules/x.ts'), 'x');
  expect(names(cwd, ['**']).map(([name]) => name)).toEqual(['image', 'src/a.ts', 'src/deep/b.ts']);
});

test('more files than a model should be given are refused', () => {
  const cwd = workspace();
  for (let index = 0; index < 201; index += 1) writeFileSync(join(cwd, `f${index}.txt`), '');
  expect(readInputs(cwd, ['*.txt'], 1000)).toMatchObject({ ok: false, error: { code: 'request_invalid' } });
});

test('a file cannot end its fence', () => {
  const text = goalText({ prompt: 'p', files: ['./out.md'] }, [{ name: 'a', bytes: 9, text: 'x\n````\ny' }]);
  expect(text).toContain('a\n`````\nx\n````\ny\n`````');
  expect(text).toContain('- ./out.md');
});
