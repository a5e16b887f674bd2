import { expect, test } from 'vitest';
import { shortPath, visiblePath } from '../../../src/tools/visible-path.ts';

test('a path in the directory is relative to it, others are whole', () => {
  expect(shortPath('/project/a/b', '/project')).toBe('a/b');
  expect(shortPath('/project-two/a', '/project')).toBe('/project-two/a');
});

test('a name cannot pass for another line', () => {
  expect(visiblePath('a\n2. nothing\u001b[2K\u202e')).toBe('a\\u{a}2. nothing\\u{1b}[2K\\u{202e}');
  expect(visiblePath('größe.txt')).toBe('größe.txt');
});
