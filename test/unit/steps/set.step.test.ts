/** `set` turns rendered values into outputs. */
import { expect, test } from 'vitest';
import { setStep } from '../../../src/steps/set.step.ts';
import { fakeContext } from './fake-context.ts';

test('the rendered values are the outputs, types kept', () => {
  const config = {
    values: { count: '{{ n }}', text: 'n is {{ n }}', list: ['{{ n }}', true, null], map: { deep: 1 } },
  };
  expect(setStep.begin(fakeContext({ type: 'set', config, values: { n: 3 } }))).toEqual({
    ok: true,
    value: {
      kind: 'done',
      outcome: { ok: true, outputs: { count: 3, text: 'n is 3', list: [3, true, null], map: { deep: 1 } } },
    },
  });
});

test('an expression that fails is the failure of the step', () => {
  const begun = setStep.begin(fakeContext({ type: 'set', config: { values: { a: '{{ missing }}' } } }));
  expect(begun).toMatchObject({ ok: false, error: { code: 'expression' } });
});

test('plan names the values and what cannot be known yet', () => {
  const config = { values: { a: '{{ later }}', b: 1 } };
  expect(setStep.plan?.(fakeContext({ type: 'set', config }))).toEqual({
    does: 'sets `a`, `b`',
    unknown: '`later` is unknown',
  });
});

test.each([
  [{ values: {} }, true],
  [{ values: { 'not-a-name': 1 } }, false],
  [{ values: ['a'] }, false],
  [{}, false],
])('schema on %j: %s', (config, valid) => {
  expect(setStep.schema.safeParse(config).success).toBe(valid);
});
