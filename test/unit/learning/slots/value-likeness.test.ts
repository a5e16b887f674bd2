import { expect, test } from 'vitest';
import {
  directoryOf,
  likeness,
  mannerOf,
  shareOf,
  wordsIn,
} from '../../../../src/learning/slots/value-likeness.ts';

test('values are alike by what both begin and end with; a value is not like itself', () => {
  expect(likeness('RHOST', 'RHOSTS')).toBeCloseTo(5 / 6);
  expect(likeness('/user/share/list.txt', '/usr/share/list.txt')).toBeGreaterThan(0.9);
  expect(likeness('abc', 'xyz')).toBe(0);
  expect(likeness('same', 'same')).toBe(0);
  expect(likeness('', 'a')).toBe(0);
});

test('words of a value are found whatever stands between them', () => {
  expect(wordsIn('src/Learning_model-2.test.ts')).toEqual(['src', 'learning', 'model', '2', 'test', 'ts']);
  expect(shareOf(wordsIn('a/model.ts'), new Set(['model', 'ts']))).toBe(1);
  expect(shareOf([], new Set(['model']))).toBe(0);
});

test('values written in the same manner have the same number', () => {
  expect(mannerOf('RHOSTS')).toBe(mannerOf('LPORT'));
  expect(mannerOf('docs/')).toBe(mannerOf('src/'));
  const different = ['rhosts', 'RHOSTS', 'docs/', '/docs', './docs', '~/docs', 'a/b', 'me@host', '10'];
  expect(new Set(different.map(mannerOf)).size).toBe(different.length);
});

test('the directory of a path is what stands before its last slash', () => {
  expect(directoryOf('src/a/b.ts')).toBe('src/a');
  expect(directoryOf('b.ts')).toBeUndefined();
  expect(directoryOf(undefined)).toBeUndefined();
});
