import { expect, test } from 'vitest';
import { coverageOf, isWithin } from '../../../src/checkpoint/coverage.ts';

const covers = coverageOf({ roots: ['/t/a', '/t/file'], exclude: ['node_modules/', '*.log'], base: '/t' }, [
  '/t/a/data',
]);

test.each([
  ['/t/a', true],
  ['/t/a/b/c', true],
  ['/t/file', true],
  ['/t/ab', false],
  ['/t', false],
  ['/t/a/data', false],
  ['/t/a/data/x', false],
  ['/t/a/database', true],
  ['/t/a/x.log', false],
  ['/t/a/b/node_modules/deep/file', false],
  ['/t/a/b/node_modules', true],
])('%s as a file: %s', (path, is) => {
  expect(covers(path, false)).toBe(is);
});

test('a pattern for folders leaves a file of that name in', () => {
  expect(covers('/t/a/node_modules', true)).toBe(false);
});

test('a path is within itself and the root', () => {
  expect([isWithin('/a', '/a'), isWithin('/a/b', '/'), isWithin('/ab', '/a')]).toEqual([true, true, false]);
});
