/** Sizes as written, in bytes. */
import { expect, test } from 'vitest';
import { sizeBytes, sizeField } from '../../../src/steps/size.ts';

test.each([
  ['64MB', 64 * 1024 * 1024],
  ['512 kb', 512 * 1024],
  ['1.5GB', 1.5 * 1024 ** 3],
  ['10B', 10],
  ['1TB', 1024 ** 4],
  [4096, 4096],
  ['4096', undefined],
  ['0MB', undefined],
  [0, undefined],
  [-1, undefined],
  ['many', undefined],
  [null, undefined],
])('%j', (written, bytes) => {
  expect(sizeBytes(written)).toBe(bytes);
});

test('the field names what it found', () => {
  expect(sizeField.safeParse('many').error?.issues[0]?.message).toContain('found `many`');
});
