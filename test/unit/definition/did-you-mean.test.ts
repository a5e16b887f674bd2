import { expect, test } from 'vitest';
import { didYouMean, nearest } from '../../../src/definition/did-you-mean.ts';

test.each<[string, string[], string[]]>([
  ['timout', ['timeout', 'type'], ['timeout']],
  ['biuld', ['build', 'test'], ['build']],
  ['Deploy', ['deploy', 'destroy'], ['deploy']],
  ['x', ['build', 'y'], ['y']],
  ['completely-else', ['build', 'test'], []],
  ['', ['a'], []],
  ['a'.repeat(65), ['a'.repeat(64)], []],
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
