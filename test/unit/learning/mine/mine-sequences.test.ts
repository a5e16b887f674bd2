import { expect, test } from 'vitest';
import { collapse, mineSequences, occurrences } from '../../../../src/learning/mine/mine-sequences.ts';
import { mixHash } from '../../../../src/learning/rank/hash.ts';

const noise = (i: number, j: number): string => `n${(i * 31 + j * 17) % 97}`;
const sessions = Array.from({ length: 20 }, (_, i) => [
  noise(i, 1),
  noise(i, 2),
  'build',
  ...(i % 2 ? [noise(i, 3)] : []),
  'test',
  'push',
  noise(i, 4),
  noise(i, 5),
  noise(i, 6),
]);

test('a sequence that recurs is found over gaps, and only that', () => {
  const mined = mineSequences(sessions, { supportMin: 5 });
  expect(mined.map(({ steps }) => steps)).toEqual([['build', 'test', 'push']]);
  expect(mined[0]?.support).toBe(20);
  expect(mined[0]?.chanceSupport).toBeLessThan(10);
});

test('frequent steps in no order are no sequence', () => {
  const draw = (i: number, j: number): string => 'abcdefgh'[mixHash(mixHash(7, i), j) % 8] as string;
  const loose = Array.from({ length: 40 }, (_, i) => Array.from({ length: 14 }, (_, j) => draw(i, j)));
  expect(mineSequences(loose, { supportMin: 8 })).toEqual([]);
});

test('the same sessions and seed give the same sequences', () => {
  const options = { supportMin: 3, seed: 5 };
  expect(mineSequences(sessions, options)).toEqual(mineSequences(sessions, options));
});

test('places skip at most the gap', () => {
  expect(occurrences(['a', 'b'], ['a', 'x', 'x', 'b'], 2)).toEqual([[0, 3]]);
  expect(occurrences(['a', 'b'], ['a', 'x', 'x', 'x', 'b'], 2)).toEqual([]);
});

test('repeats at once are one step', () => {
  expect(collapse(['a', 'a', 'b', 'a'])).toEqual(['a', 'b', 'a']);
});
