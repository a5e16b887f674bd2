/** The table of objects against a plain map. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { ObjectIndex } from '../../../src/checkpoint/object-index.ts';

const hashOf = (number: number): Buffer => createHash('sha256').update(String(number)).digest();

test('finds each of many objects, and no other', () => {
  const index = new ObjectIndex();
  for (let n = 0; n < 5_000; n += 1)
    index.add(n % 7, { hash: hashOf(n), offset: n, stored: 2 * n, size: 3 * n });
  expect(index.count).toBe(5_000);
  for (let n = 0; n < 5_000; n += 1) {
    expect(index.find(hashOf(n))).toEqual({ pack: n % 7, offset: n, stored: 2 * n, size: 3 * n });
    expect(index.rowOf(hashOf(n))).toBe(n);
  }
  for (let n = 5_000; n < 6_000; n += 1) expect(index.has(hashOf(n))).toBe(false);
});

test('objects whose hashes begin alike are told apart, and the first place stays', () => {
  const index = new ObjectIndex();
  const alike = [0, 1, 2].map((last) => Buffer.alloc(32, 5).fill(last, 31));
  for (const [size, hash] of alike.entries()) index.add(0, { hash, offset: 0, stored: 0, size });
  index.add(9, { hash: alike[0] as Buffer, offset: 9, stored: 9, size: 9 });
  expect(alike.map((hash) => index.find(hash)?.size)).toEqual([0, 1, 2]);
});
