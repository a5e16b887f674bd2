import { expect, test } from 'vitest';
import { CountRow } from '../../../../src/learning/rank/count-row.ts';
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
  const { old, young } = map.snapshot((value) => value);
  expect(old.length + young.length).toBeLessThanOrEqual(100);
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

test('a full row gives up the rarest label and keeps the total', () => {
  const row = new CountRow();
  for (const id of [1, 1, 1, 2, 3, 3, 4]) row.add(id, 3);
  expect(row.countOf(1)).toBe(3);
  expect(row.countOf(2)).toBe(0);
  expect(row.countOf(4)).toBe(1);
  expect(row.total).toBe(7);
  expect(row.top(1)).toEqual([1]);
});

test('a restored row counts on', () => {
  const row = new CountRow();
  for (const id of [1, 2, 2]) row.add(id, 3);
  const again = CountRow.restore(structuredClone(row.snapshot()));
  row.add(2, 3);
  again.add(2, 3);
  expect(again.snapshot()).toEqual(row.snapshot());
});
