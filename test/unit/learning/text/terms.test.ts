import { expect, test } from 'vitest';
import { termsOf, withPairs } from '../../../../src/learning/text/terms.ts';
import { readTold } from '../../../../src/learning/text/told-text.ts';

test('words are stemmed, empty words left out', () => {
  expect(termsOf('Running the tests in all packages, 3 times')).toEqual([
    'run',
    'test',
    'packag',
    '3',
    'tim',
  ]);
});

test('pairs follow the terms', () => {
  expect(withPairs(['a', 'b', 'c'])).toEqual(['a', 'b', 'c', 'a_b', 'b_c']);
});

test('the last sentence says what is done now', () => {
  const told = readTold('The build works. Now I will list files.');
  expect(told?.sentence).toContain('list_fil');
  expect(told?.sentence).not.toContain('build');
  expect(told?.terms).toContain('build');
});

test('nothing told is nothing', () => {
  expect(readTold('  ')).toBeUndefined();
  expect(readTold(undefined)).toBeUndefined();
});
