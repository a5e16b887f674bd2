import { expect, test } from 'vitest';
import { parseSize } from '../../../src/definition/size.ts';

test.each<[string | number, number | undefined]>([
  ['1GB', 1024 ** 3],
  ['512 MB', 512 * 1024 ** 2],
  ['1.5kb', 1536],
  ['10B', 10],
  [2048, 2048],
  ['GB', undefined],
  ['1XB', undefined],
  ['-1GB', undefined],
  [-1, undefined],
  ['99999999TB', undefined],
])('%j', (written, bytes) => {
  expect(parseSize(written)).toBe(bytes);
});
