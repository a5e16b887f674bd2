/** What lies in flat arrays is kept, forgotten and found again just as plain maps of objects would have it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashLong } from '../../../../src/learning/rank/hash.ts';
import { LabelBook } from '../../../../src/learning/rank/label-book.ts';
import { NumberBlocks } from '../../../../src/learning/rank/number-blocks.ts';
import { RecentMap } from '../../../../src/learning/rank/recent-map.ts';
import { RecentRows } from '../../../../src/learning/rank/recent-rows.ts';
import { TextShelf } from '../../../../src/learning/rank/text-shelf.ts';

const RUNS = { numRuns: 60 };
const keys = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 500 });

test('rows are forgotten as entries of a map are, and each that is forgotten is told', () => {
  fc.assert(
    fc.property(keys, (asked) => {
      const map = new RecentMap<number, number>(20);
      const dropped: number[] = [];
      const rows = new RecentRows(20, (row) => dropped.push(row));
      const kept = new Map<number, number>();
      for (const [at, key] of asked.entries()) {
        const known = map.get(key) !== undefined;
        expect(rows.get(key * 2 ** 40)).toBe(known ? kept.get(key) : -1);
        if (known) continue;
        map.set(key, at);
        const row = rows.add(key * 2 ** 40);
        for (const gone of dropped.splice(0))
          for (const [other, of] of kept) if (of === gone) kept.delete(other);
        expect([...kept.values()]).not.toContain(row);
        expect(row).toBeLessThan(rows.capacity);
        kept.set(key, row);
      }
    }),
    RUNS,
  );
});

test('restored rows go on as the first ones do', () => {
  fc.assert(
    fc.property(keys, keys, (before, after) => {
      const first = new RecentRows(20);
      const use = (rows: RecentRows, key: number): number => {
        const row = rows.get(key);
        return row < 0 ? rows.add(key) : row;
      };
      for (const key of before) use(first, key);
      const second = new RecentRows(20);
      second.restore(structuredClone(first.snapshot()));
      for (const key of after) expect(use(second, key)).toBe(use(first, key));
      expect(second.snapshot()).toEqual(first.snapshot());
    }),
    RUNS,
  );
});

test('a list grows and shrinks in its block, and no other list changes', () => {
  const lengths = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 30 })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(lengths, (wanted) => {
      const blocks = new NumberBlocks([2, 4, 8, 30]);
      const lists = new Map<number, { from: number; numbers: number[] }>();
      for (const [of, length] of wanted) {
        const list = lists.get(of) ?? { from: blocks.take(0), numbers: [] };
        list.from = blocks.fit(list.from, list.numbers.length, length);
        while (list.numbers.length > length) list.numbers.pop();
        while (list.numbers.length < length) {
          blocks.numbers[list.from + list.numbers.length] = of * 1000 + list.numbers.length;
          list.numbers.push(of * 1000 + list.numbers.length);
        }
        lists.set(of, list);
        for (const { from, numbers } of lists.values())
          expect([...blocks.numbers.subarray(from, from + numbers.length)]).toEqual(numbers);
      }
    }),
    RUNS,
  );
});

const texts = fc.array(fc.tuple(fc.nat(40), fc.string({ unit: 'binary', maxLength: 40 })), {
  maxLength: 300,
});

test('a text is the same in every script, however often others change', () => {
  fc.assert(
    fc.property(texts, (put) => {
      const shelf = new TextShelf();
      const plain = new Map<number, string>([[3, '\ud800 half a character']]);
      shelf.set(3, '\ud800 half a character');
      for (const [place, text] of put) {
        shelf.set(place, text);
        plain.set(place, text);
      }
      const again = new TextShelf();
      again.restore(structuredClone(shelf.snapshot(41)), 41);
      for (let place = 0; place <= 41; place += 1) {
        expect(shelf.get(place)).toBe(plain.get(place) ?? '');
        expect(again.get(place)).toBe(plain.get(place) ?? '');
      }
    }),
    RUNS,
  );
});

test('texts that are replaced all the time take no more room', () => {
  const shelf = new TextShelf();
  for (let i = 0; i < 5_000; i += 1) shelf.set(i % 7, `${i}`.repeat(1 + (i % 50)));
  expect(shelf.used).toBe(shelf.snapshot(7).bytes.length);
  expect(shelf.get(4_999 % 7)).toBe('4999'.repeat(50));
});

test('texts that differ little have other hashes', () => {
  const hashes = new Set<number>();
  for (let i = 0; i < 20_000; i += 1)
    hashes.add(hashLong(`src/file${i}.ts`)).add(hashLong(`${i}src/file.ts`));
  expect(hashes.size).toBe(40_000);
  expect([...hashes].every(Number.isSafeInteger)).toBe(true);
});

/** A book of as few labels as plain maps would keep. */
class PlainBook {
  readonly byLabel = new RecentMap<string, { id: number; count: number; example: string }>(12);
  readonly byId = new RecentMap<number, { id: number; count: number; example: string }>(12);
  next = 1;

  learn(label: string, example: string): void {
    const entry = this.byLabel.take(label, () => ({ id: this.next++, count: 0, example }));
    entry.count += 1;
    entry.example = example;
    this.byId.set(entry.id, entry);
  }
}

test('a book of labels keeps and forgets as plain maps do, also after it was restored', () => {
  const acts = fc.array(fc.tuple(fc.constantFrom('learn', 'find', 'entry'), fc.nat(40)), { maxLength: 300 });
  fc.assert(
    fc.property(acts, fc.nat(299), (done, restoredAt) => {
      const plain = new PlainBook();
      let book = new LabelBook(12);
      for (const [at, [act, of]] of done.entries()) {
        if (at === restoredAt) {
          const again = new LabelBook(12);
          again.restore(structuredClone(book.snapshot()));
          book = again;
        }
        if (act === 'learn') {
          plain.learn(`label ${of}`, `example ${at % 5}`);
          book.learn(`label ${of}`, 'parent', `example ${at % 5}`);
        } else {
          const found = act === 'find' ? book.find(`label ${of}`) : book.entry(of);
          const expected = act === 'find' ? plain.byLabel.get(`label ${of}`) : plain.byId.get(of);
          expect(found && { id: found.id, count: found.count, example: found.example }).toEqual(expected);
        }
      }
    }),
    RUNS,
  );
});

test('a snapshot of a book stays as it is, whatever is looked up afterwards and forgotten by that', () => {
  const lookUps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 15 })), { maxLength: 60 });
  fc.assert(
    fc.property(keys, lookUps, (learned, asked) => {
      const book = new LabelBook(12);
      for (const key of learned) book.learn(`label ${key}`, 'parent', `label ${key}`);
      const state = book.snapshot();
      const then = structuredClone(state);
      for (const [byLabel, at] of asked) {
        const key = learned.at(-1 - at) ?? 0;
        if (byLabel) book.find(`label ${key}`);
        else book.entry(state.next - 1 - at);
      }
      expect(state).toEqual(then);
    }),
    RUNS,
  );
});

test('very long labels are forgotten sooner: what they take is bounded', () => {
  const book = new LabelBook(20_000);
  for (let i = 0; i < 9_000; i += 1) book.learn(`${i} ${'x'.repeat(4_000)}`, '', `${i}`);
  expect(book.snapshot().texts.bytes.length).toBeLessThanOrEqual(16 * 1024 * 1024);
  expect(book.find(`8999 ${'x'.repeat(4_000)}`)?.example).toBe('8999');
  expect(book.find(`0 ${'x'.repeat(4_000)}`)).toBeUndefined();
});
