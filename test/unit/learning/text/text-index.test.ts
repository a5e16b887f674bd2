import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextIndex } from '../../../../src/learning/text/text-index.ts';

test('the text with the rare words in common comes first', () => {
  const index = new TextIndex(10);
  index.add(['run', 'test']);
  index.add(['run', 'linter']);
  index.add(['list', 'file']);
  expect(index.query(['run', 'linter'], 5).map(({ document }) => document)).toEqual([1, 0]);
  expect(index.query(['nothing'], 5)).toEqual([]);
});

test('texts beyond the bound are forgotten, oldest first', () => {
  const index = new TextIndex(3);
  for (let i = 0; i < 10; i += 1) index.add(['same']);
  const found = index.query(['same'], 10).map(({ document }) => document);
  expect(found.sort()).toEqual([7, 8, 9]);
});

test('a restored index answers alike', () => {
  const index = new TextIndex(3);
  for (const terms of [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'd'],
    ['d', 'a'],
  ])
    index.add(terms);
  const restored = new TextIndex(3);
  restored.restore(structuredClone(index.snapshot()));
  expect(restored.query(['a', 'c'], 5)).toEqual(index.query(['a', 'c'], 5));
  expect(restored.add(['a'])).toBe(index.add(['a']));
});

const TERMS = fc.array(fc.constantFrom(...'abcdefghij'), { minLength: 1, maxLength: 12 });

/** The same formula over all texts that are there, each for itself. */
function scoresOf(texts: readonly (readonly string[])[], newest: number, asked: readonly string[]): number[] {
  const average = texts.reduce((sum, { length }) => sum + length, 0) / texts.length;
  const scoreOf = (text: readonly string[]): number =>
    [...new Set(asked)].reduce((score, term) => {
      const seen = texts.filter((each) => each.includes(term)).length;
      const count = text.filter((each) => each === term).length;
      const weight = Math.log(1 + (texts.length - seen + 0.5) / (seen + 0.5)) * 2.2;
      return score + (weight * count) / (count + 1.2 * (0.25 + (0.75 * text.length) / average));
    }, 0);
  return texts.slice(-newest).map(scoreOf);
}

test('scores are those of the formula, however texts come and go, also after it was restored', () => {
  fc.assert(
    fc.property(fc.array(TERMS, { minLength: 1, maxLength: 150 }), TERMS, fc.nat(149), (texts, asked, at) => {
      let index = new TextIndex(40);
      for (const [i, text] of texts.entries()) {
        index.add(text);
        if (i !== at) continue;
        const again = new TextIndex(40);
        again.restore(structuredClone(index.snapshot()));
        index = again;
      }
      const expected = scoresOf(texts, 40, asked);
      const first = texts.length - expected.length;
      const found = index.query(asked, 50);
      expect(found).toHaveLength(expected.filter((score) => score > 0).length);
      for (const { document, score } of found)
        expect(score).toBeCloseTo(expected[document - first] as number, 9);
      expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
    }),
    { numRuns: 60 },
  );
});

test('of a term that is everywhere the newest texts are found', () => {
  const index = new TextIndex(2_000);
  for (let i = 0; i < 3_000; i += 1) index.add(['same', `own${i % 1_500}`]);
  const found = index.query(['same'], 5_000).map(({ document }) => document);
  expect(found.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, at) => 2_600 + at));
  expect(index.query(['own1499'], 5).map(({ document }) => document)).toEqual([1_499, 2_999]);
});
