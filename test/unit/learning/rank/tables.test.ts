import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CountTable, countOf, mostCounted } from '../../../../src/learning/rank/count-table.ts';
import { RecentMap } from '../../../../src/learning/rank/recent-map.ts';

test('a full map keeps what is used and stays in bounds', () => {
  const map = new RecentMap<number, number>(100);
  map.set(-1, 1);
  for (let i = 0; i < 1000; i += 1) {
    map.set(i, i);
    expect(map.get(-1)).toBe(1);
  }
  expect(map.get(0)).toBeUndefined();
  expect(map.get(999)).toBe(999);
  expect(map.snapshot((value) => value).keys.length).toBeLessThanOrEqual(100);
});

test('a restored map forgets as the first one would', () => {
  const map = new RecentMap<string, number>(10);
  for (const [i, key] of ['a', 'b', 'c', 'd', 'e', 'f', 'a'].entries()) map.set(key, i);
  const again = new RecentMap<string, number>(10);
  again.restore(
    map.snapshot((value) => [value]),
    ([value]) => value as number,
  );
  for (const key of 'abcdefabcdef') expect(again.get(key)).toBe(map.get(key));
});

const KEY = 0xfedcba98;

test('a full row gives up the rarest label and keeps the total', () => {
  const table = new CountTable(10, 3);
  for (const id of [1, 1, 1, 2, 3, 3, 4]) table.add(KEY, id);
  const row = table.get(KEY);
  expect([1, 2, 3, 4].map((id) => countOf(row, id))).toEqual([3, 0, 2, 1]);
  expect(row?.total).toBe(7);
  expect(mostCounted(row, 1)).toEqual([1]);
});

test('key 0 is no context, and an unknown one has no row', () => {
  const table = new CountTable(10, 3);
  table.add(0, 1);
  expect([table.get(0), table.get(KEY), table.snapshot().keys.length]).toEqual([undefined, undefined, 0]);
});

test('a full table keeps the contexts that are used, and stays in bounds', () => {
  const table = new CountTable(100, 40);
  for (let key = 1; key <= 1000; key += 1) {
    for (let id = 0; id < key % 50; id += 1) table.add(key, id);
    table.add(KEY, 7);
    expect(table.get(KEY)?.total).toBe(key);
  }
  expect(table.snapshot().keys).toHaveLength(100);
  expect(table.get(1)).toBeUndefined();
  expect(table.get(999)?.ids).toHaveLength(40);
});

/** Contexts and labels as they come, from so few contexts that the small tables overflow. */
const stream = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 12 })), {
  maxLength: 600,
});

test('counts as a plain map does, for what it has not forgotten', () => {
  fc.assert(
    fc.property(stream, (counted) => {
      const table = new CountTable(20, 40);
      const plain = new Map<number, Map<number, number>>();
      for (const [key, id] of counted) {
        if (!table.get(key)) plain.delete(key);
        table.add(key, id);
        const row = plain.get(key) ?? new Map<number, number>();
        plain.set(key, row.set(id, (row.get(id) ?? 0) + 1));
        const view = table.get(key);
        expect(new Map([...(view?.ids ?? [])].map((each, at) => [each, view?.counts[at]]))).toEqual(row);
      }
    }),
    { numRuns: 50 },
  );
});

test('a restored table counts on and forgets as the first one does', () => {
  fc.assert(
    fc.property(stream, stream, (before, after) => {
      const first = new CountTable(20, 10);
      for (const [key, id] of before) first.add(key, id);
      const second = new CountTable(20, 10);
      second.restore(structuredClone(first.snapshot()));
      for (const [key, id] of after) {
        first.add(key, id);
        second.add(key, id);
      }
      expect(second.snapshot()).toEqual(first.snapshot());
    }),
    { numRuns: 50 },
  );
});
