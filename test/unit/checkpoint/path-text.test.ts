/** Every name has a text, and that text leads back to the name. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytePath, fsPath, pathText, rawBytes } from '../../../src/checkpoint/path-text.ts';

const asBytes = (...bytes: number[]): string => Buffer.from(bytes).toString('latin1');

test('every byte path comes back from its text, and its text fits into JSON', () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString('latin1'));
  const mixed = fc.array(
    fc.oneof(bytes, fc.string({ unit: 'grapheme' }).map(rawBytes), fc.constant('\\xe9')),
  );
  fc.assert(
    fc.property(mixed, (parts) => {
      const path = parts.join('/');
      const text = pathText(path);
      expect(JSON.parse(JSON.stringify(text))).toBe(text);
      expect(text.isWellFormed()).toBe(true);
      expect(bytePath(text)).toBe(path);
    }),
  );
});

test.each([
  ['/a/b', '/a/b'],
  [rawBytes('/é/世界/😀'), '/é/世界/😀'],
  ['/back\\slash', '/back\\\\slash'],
  [`/${asBytes(0xff, 0x61, 0xc3)}`, '/\\xffa\\xc3'],
  // A surrogate in UTF-8, and an overlong slash: neither is UTF-8.
  [asBytes(0xed, 0xa0, 0x80), '\\xed\\xa0\\x80'],
  [asBytes(0xc0, 0xaf), '\\xc0\\xaf'],
  [asBytes(0xef, 0xbb, 0xbf), '\ufeff'],
  ['/new\nline', '/new\nline'],
])('%j reads %j', (path, text) => {
  expect(pathText(path)).toBe(text);
  expect(bytePath(text)).toBe(path);
});

test('the file functions get bytes only where text would not do', () => {
  expect(fsPath('/plain')).toBe('/plain');
  expect(fsPath('/\xe9')).toEqual(Buffer.from([0x2f, 0xe9]));
});
