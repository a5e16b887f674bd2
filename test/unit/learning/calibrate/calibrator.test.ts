import { expect, test } from 'vitest';
import { Calibrator, type CalibratorState } from '../../../../src/learning/calibrate/calibrator.ts';
import { wholeState } from '../../../../src/learning/state-check.ts';

/** A stream where the best candidate's share says .9 and comes true seven times of ten. */
function overconfident(): Calibrator {
  const calibrator = new Calibrator();
  for (let i = 0; i < 2000; i += 1) calibrator.learn(0.9, 2, true, i % 10 < 7);
  return calibrator;
}

test('a share that comes true seven times of ten is stated as .7', () => {
  expect(overconfident().confidence(0.9, 0, 2)).toBeCloseTo(0.7, 1);
});

test('what no candidate bears keeps its mass', () => {
  const calibrator = new Calibrator();
  for (let i = 0; i < 2000; i += 1) calibrator.learn(0.99, 0, i % 2 === 0, i % 2 === 0);
  expect(calibrator.confidence(0.99, 0, 0)).toBeCloseTo(0.5, 1);
  expect(calibrator.confidence(0.5, 1, 0)).toBeLessThan(0.3);
});

test('a restored calibrator states the same', () => {
  const calibrator = overconfident();
  const again = new Calibrator();
  again.restore(structuredClone(calibrator.snapshot()));
  for (const share of [0.1, 0.5, 0.9]) {
    expect(again.confidence(share, 0, 2)).toBe(calibrator.confidence(share, 0, 2));
  }
});

test.each([
  ['more that was missed than there was', (state: CalibratorState) => state.outside.set([9, 8])],
  ['more that came true than there was', (state: CalibratorState) => state.bins.set([1, 2, 0])],
  ['no start', (state: CalibratorState) => state.outside.fill(0)],
])('a state with %s is refused', (_what, damage) => {
  const state = structuredClone(overconfident().snapshot());
  damage(state);
  expect(wholeState(() => new Calibrator().restore(state)).ok).toBe(false);
});
