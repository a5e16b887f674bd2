import { expect, test } from 'vitest';
import { didYouMean, HintBudget, nearest } from '../../../src/definition/did-you-mean.ts';

test.each<[string, string[], string[]]>([
  ['timout', ['timeout', 'type'], ['timeout']],
  ['biuld', ['build', 'test'], ['build']],
  ['Deploy', ['deploy', 'destroy'], ['deploy']],
  ['x', ['build', 'y'], ['y']],
  ['completely-else', ['build', 'test'], []],
  ['', ['a'], []],
  ['a'.repeat(65), ['a'.repeat(64)], []],
  ['abcdefghij', ['bacdefghji', 'abcdefghijklmn', 'jihgfedcba'], ['bacdefghji']],
  ['abcdefghi', ['abcdef', 'defghi', 'abcxyzghi', 'abwxyzghi'], ['abcdef', 'defghi', 'abcxyzghi']],
  ['aab', ['aaa', 'aac', 'aad', 'aae'], ['aaa', 'aac', 'aad']],
])('the names near %j', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toEqual(expected);
});

test('the hint names the near ones, else the few known ones, else nothing', () => {
  expect(didYouMean('biuld', ['build', 'test'])).toBe('did you mean `build`');
  expect(didYouMean('zzz', ['build', 'test'])).toBe('known are `build`, `test`');
  expect(
    didYouMean(
      'zzz',
      Array.from({ length: 17 }, (_, index) => `step-${index}`),
    ),
  ).toBeUndefined();
  expect(didYouMean('zzz', [])).toBeUndefined();
});

test('hints end with their budget, before the costly ones', () => {
  const names = Array.from({ length: 100 }, (_, index) => `${'abcdefgh'.repeat(7)}${index}`);
  const budget = new HintBudget();
  const hints = names.map((name) => didYouMean(`x${name}`, names, budget));
  expect(hints[0]).toContain('did you mean');
  expect(budget.isSpent).toBe(true);
  expect(hints.slice(10).every((hint) => hint === undefined)).toBe(true);
});
