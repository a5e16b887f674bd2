import { applyPatch } from 'diff';
import { expect, test } from 'vitest';
import { DIFF_FILE_BYTES_MAX, textDiff, textOf } from '../../../src/checkpoint/text-diff.ts';

test('a change reads as git would show it', () => {
  expect(textDiff('/t/a', 'one\ntwo\nthree\n', 'one\n2\nthree\n')).toBe(
    '--- a/t/a\n+++ b/t/a\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n',
  );
});

test('a file that comes or goes is shown against nothing', () => {
  expect(textDiff('/t/a', undefined, 'new\n')).toBe('--- /dev/null\n+++ b/t/a\n@@ -0,0 +1,1 @@\n+new\n');
  expect(textDiff('/t/a', 'old', undefined)).toBe(
    '--- a/t/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-old\n\\ No newline at end of file\n',
  );
  expect(textDiff('/t/a', undefined, '')).toBe('--- /dev/null\n+++ b/t/a\n');
  expect(textDiff('/t/a', 'same', 'same')).toBe('');
});

test('a name cannot break its line', () => {
  expect(textDiff('/t/a\n+++ b/evil', 'x\n', 'y\n').split('\n').slice(0, 3)).toEqual([
    '--- "a/t/a\\n+++ b/evil"',
    '+++ "b/t/a\\n+++ b/evil"',
    '@@ -1,1 +1,1 @@',
  ]);
});

test('texts with nothing in common become one replacement, which still applies', () => {
  const before = Array.from({ length: 3_000 }, (_, n) => `old ${n}\n`).join('');
  const after = Array.from({ length: 2_500 }, (_, n) => `new ${n}\n`)
    .join('')
    .slice(0, -1);
  const diff = textDiff('/t/a', before, after);
  expect(diff.match(/^@@/gm)).toHaveLength(1);
  expect(applyPatch(before, diff)).toBe(after);
});

test.each([
  ['a NUL near its start', Buffer.from('text\0text')],
  ['bytes that are no UTF-8', Buffer.from([0x74, 0xff, 0x0a])],
  ['more bytes than a diff is made of', Buffer.alloc(DIFF_FILE_BYTES_MAX + 1, 'a')],
])('a file with %s is no text', (_, content) => {
  expect(textOf(content)).toBeUndefined();
});

test('a byte order mark and CRLF are part of the text', () => {
  expect(textOf(Buffer.from('\ufeffa\r\n'))).toBe('\ufeffa\r\n');
});
