import { expect, test } from 'vitest';
import { matchPatterns, patternProblem } from '../../../src/definition/pattern.ts';

test.each([
  ['[a-z]+', 'abc', true],
  ['[a-z]+', 'abc1', false],
  ['a|b', 'ab', false],
  ['', '', true],
  ['\\p{L}+', 'é', true],
])('%s on %s', (pattern, value, matches) => {
  expect(matchPatterns([{ pattern, value }])).toEqual([matches]);
});

test('a match that never ends is stopped, and those after it are left out', () => {
  const slow = { pattern: '(a+)+b', value: 'a'.repeat(60) };
  const quick = { pattern: 'a', value: 'a' };
  expect(matchPatterns([quick, slow, quick])).toEqual([true, 'slow']);
});

test.each(['(', 'a)|(b', '[', 'a{2,1}', 'x'.repeat(1_001)])('%s is refused', (pattern) => {
  expect(patternProblem(pattern)).toBeTypeOf('string');
});

test('a pattern that compiles is fine', () => {
  expect(patternProblem('^v\\d+(\\.\\d+)*$')).toBeUndefined();
});
