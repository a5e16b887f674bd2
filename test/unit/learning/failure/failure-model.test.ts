import { expect, test } from 'vitest';
import { FailureModel, FailureSession } from '../../../../src/learning/failure/failure-model.ts';

function taught(): FailureModel {
  const model = new FailureModel();
  for (let i = 0; i < 30; i += 1) {
    const session = new FailureSession();
    model.learn(session, 'npm test', i % 3 !== 0);
    model.learn(session, 'ls src', false);
  }
  return model;
}

test('what failed often is foretold to fail, with the count as the reason', () => {
  const model = taught();
  const failing = model.predict(new FailureSession(), 'npm test');
  const fine = model.predict(new FailureSession(), 'ls src');
  expect(failing.chance).toBeGreaterThan(0.5);
  expect(fine.chance).toBeLessThan(0.1);
  expect(failing.reason).toMatch(/^`npm test` failed \d+ of \d+ times$/);
});

test('of the unknown nothing is claimed', () => {
  const { chance, reason } = new FailureModel().predict(new FailureSession(), 'anything');
  expect(chance).toBeLessThan(0.5);
  expect(reason).toBe('');
});

test('a restored model foretells the same and predicting changes nothing', () => {
  const model = taught();
  const again = FailureModel.restore(structuredClone(model.snapshot()));
  expect(again.predict(new FailureSession(), 'npm test', 'Run tests')).toEqual(
    model.predict(new FailureSession(), 'npm test', 'Run tests'),
  );
  expect(again.snapshot()).toEqual(model.snapshot());
});
