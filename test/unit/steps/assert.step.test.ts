/** Assertions: what holds passes, what does not is listed with the values it read. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/engine/core/model.ts';
import { assertStep } from '../../../src/steps/assert.step.ts';
import { fakeContext } from './fake-context.ts';

const begin = (config: JsonObject, values: { readonly [source: string]: Json } = {}) =>
  assertStep.begin(fakeContext({ type: 'assert', config, values }));

const HELD = { ok: true, value: { kind: 'done', outcome: { ok: true } } };

describe('holds', () => {
  test.each([
    [{ condition: 'a < b' }],
    [{ that: 'a < b' }],
    [{ condition: '{{ a < b }}' }],
    [{ condition: true }],
    [{ assertions: ['a < b', { that: 'c' }] }],
  ])('%j', (config) => {
    expect(begin(config, { 'a < b': true, '{{ a < b }}': true, c: true, true: true })).toEqual(HELD);
  });
});

describe('is violated', () => {
  test('and shows the expression and what it read', () => {
    const result = begin(
      { condition: 'steps.test.outputs.rate >= inputs.target' },
      {
        'steps.test.outputs.rate >= inputs.target': false,
        'steps.test.outputs.rate': 71.5,
        'inputs.target': 80,
      },
    );
    expect(result).toMatchObject({ ok: false, error: { code: 'assertion', retry: 'final' } });
    expect(result.ok ? '' : result.error.message).toBe(
      'assertion does not hold: `steps.test.outputs.rate >= inputs.target` is false with steps.test.outputs.rate = 71.5, inputs.target = 80',
    );
  });

  test('and lists every violation, with messages', () => {
    const result = begin(
      { assertions: ['a', { that: 'b', message: 'b of {{ who }}' }, 'c'], message: 'not ready' },
      { a: false, b: false, c: true, who: 'me' },
    );
    expect(result.ok ? '' : result.error.message).toBe(
      'not ready: `a` is false with a = false; b of me: `b` is false with b = false',
    );
    expect(result.ok ? [] : result.error.data?.violated).toHaveLength(2);
  });

  test.each([[1], ['true'], [null], [[]]])('by %j, which is no boolean', (value) => {
    const result = begin({ condition: 'a' }, { a: value });
    expect(result.ok ? '' : result.error.message).toContain(
      `\`a\` is not a boolean, found \`${JSON.stringify(value)}\``,
    );
  });

  test('by an expression that cannot be evaluated', () => {
    const result = begin({ condition: 'missing', message: 'of {{ nobody }}' });
    expect(result.ok ? '' : result.error.message).toBe(
      'of {{ nobody }}: `missing` cannot be evaluated: `missing` is unknown',
    );
  });

  test('without filling the journal with a long value', () => {
    const result = begin({ condition: 'a' }, { a: 'x'.repeat(10_000) });
    expect(result.ok ? '' : JSON.stringify(result.error)).not.toContain('x'.repeat(300));
  });
});

test.each([
  [{ condition: 'a' }, true],
  [{ assertions: ['a'], message: 'm' }, true],
  [{}, false],
  [{ condition: 'a', that: 'b' }, false],
  [{ assertions: [] }, false],
  [{ assertions: [{ that: 'a', hint: 'x' }] }, false],
  [{ condition: ' ' }, false],
  [{ condition: 1 }, false],
])('schema on %j: %s', (config, valid) => {
  expect(assertStep.schema.safeParse(config).success).toBe(valid);
});

test('plan names what is checked', () => {
  expect(
    assertStep.plan?.(fakeContext({ type: 'assert', config: { assertions: ['a', { that: 'b' }] } })),
  ).toEqual({
    does: 'checks `a`, `b`',
  });
});
