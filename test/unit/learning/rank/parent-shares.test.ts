import { expect, test } from 'vitest';
import { LabelEntry } from '../../../../src/learning/rank/label-entry.ts';
import { sharesAnswered, sharesByParent } from '../../../../src/learning/rank/parent-shares.ts';

const ENTRIES = [
  ['ls -la <path>', 'ls'],
  ['ls <path>', 'ls'],
  ['cat <path>', 'cat'],
  ['never heard of', 'never'],
].map(([label = '', parent = ''], i) => new LabelEntry(i + 1, label, parent, label));
const SHARES = Float64Array.of(0.1, 0.2, 0.6, 0.1);
const PARENTS = new Map([
  ['ls', 0.8],
  ['cat', 0.1],
]);
const sumOf = (shares: Iterable<number>): number => [...shares].reduce((sum, share) => sum + share, 0);

test('templates come nearer to the share of their stub, and keep their order among themselves', () => {
  const moved = sharesByParent(SHARES, ENTRIES, PARENTS);
  const [long = 0, short = 0, cat = 0, never = 0] = moved;
  expect(sumOf(moved)).toBeCloseTo(1, 12);
  expect(long + short).toBeGreaterThan(0.6);
  expect(short / long).toBeCloseTo(2, 12);
  expect(cat).toBeLessThan(0.3);
  expect(never).toBeGreaterThan(0);
});

test('shares stay chances where nothing is known of any stub, or nothing is left of a share', () => {
  for (const shares of [SHARES, Float64Array.of(1, 0, 0, 0)])
    for (const parents of [new Map<string, number>(), PARENTS]) {
      const moved = sharesByParent(shares, ENTRIES, parents);
      expect(sumOf(moved)).toBeCloseTo(1, 12);
      for (const truth of ENTRIES.keys())
        expect(sumOf(sharesAnswered(moved, ENTRIES, truth))).toBeLessThanOrEqual(1 + 1e-12);
    }
  expect(sharesByParent(new Float64Array(0), [], PARENTS)).toHaveLength(0);
});

test('weights answer as the slope of the logarithm of the moved share has it', () => {
  const scores = [0.3, -0.2, 1.1, 0.4];
  const sharesOf = (of: readonly number[]): Float64Array => {
    const weights = Float64Array.from(of, Math.exp);
    return sharesByParent(
      weights.map((weight) => weight / sumOf(weights)),
      ENTRIES,
      PARENTS,
    );
  };
  const truth = 1;
  const answered = sharesAnswered(sharesOf(scores), ENTRIES, truth);
  for (const c of scores.keys()) {
    const nudged = (by: number): number =>
      Math.log(sharesOf(scores.map((score, i) => (i === c ? score + by : score)))[truth] as number);
    const slope = (nudged(1e-5) - nudged(-1e-5)) / 2e-5;
    expect((c === truth ? 1 : 0) - (answered[c] as number)).toBeCloseTo(slope, 6);
  }
});
