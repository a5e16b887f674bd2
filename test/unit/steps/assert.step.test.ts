/** Assertions: what holds passes, what does not is listed with the values it read. */
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/engine/core/failure.ts';
import type { Json, JsonObject } from '../../../src/engine/core/model.ts';
import type { Outcome } from '../../../src/engine/core/step-type.ts';
import { assertStep } from '../../../src/steps/assert.step.ts';
import { fakeContext } from './fake-context.ts';

const begin = (config: JsonObject, values: { readonly [source: string]: Json } = {}) =>
  assertStep.begin(fakeContext({ type: 'assert', config, values }));

const HELD = {
  ok: true,
  value: { kind: 'done', outcome: { ok: true, outputs: { violations: [], count: 0 } } },
};

function outcome(config: JsonObject, values: { readonly [source: string]: Json } = {}): Outcome {
  const begun = begin(config, values);
  if (!begun.ok || begun.value.kind !== 'done') throw new Error('expected an end');
  return begun.value.outcome;
}

function violated(config: JsonObject, values: { readonly [source: string]: Json } = {}): Failure {
  const ended = outcome(config, values);
  if (ended.ok) throw new Error('expected a failure');
  return ended.failure;
}

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
    const failure = violated(
      { condition: 'steps.test.outputs.rate >= inputs.target' },
      {
        'steps.test.outputs.rate >= inputs.target': false,
        'steps.test.outputs.rate': 71.5,
        'inputs.target': 80,
      },
    );
    expect(failure).toMatchObject({ code: 'assertion', retry: 'final' });
    expect(failure.message).toBe(
      'assertion does not hold: `steps.test.outputs.rate >= inputs.target` is false with steps.test.outputs.rate = 71.5, inputs.target = 80',
    );
  });

  test('and lists every violation, with messages', () => {
    const failure = violated(
      { assertions: ['a', { that: 'b', message: 'b of {{ who }}' }, 'c'], message: 'not ready' },
      { a: false, b: false, c: true, who: 'me' },
    );
    expect(failure.message).toBe(
      'not ready: `a` is false with a = false; b of me: `b` is false with b = false',
    );
    expect(failure.data?.violated).toHaveLength(2);
  });

  test.each([[1], ['true'], [null], [[]]])('by %j, which is no boolean', (value) => {
    expect(violated({ condition: 'a' }, { a: value }).message).toContain(
      `\`a\` is not a boolean, found \`${JSON.stringify(value)}\``,
    );
  });

  test('by an expression that cannot be evaluated', () => {
    expect(violated({ condition: 'missing', message: 'of {{ nobody }}' }).message).toBe(
      'of {{ nobody }}: `missing` cannot be evaluated: `missing` is unknown',
    );
  });

  test('without filling the journal with a long value', () => {
    const failure = violated({ condition: 'a' }, { a: 'x'.repeat(10_000) });
    expect(JSON.stringify(failure)).not.toContain('x'.repeat(300));
  });
});

describe('with severities', () => {
  const policy = {
    checks: [
      { condition: 'a', message: 'no a' },
      { condition: 'b', message: 'no b', severity: 'warning' },
      { condition: 'c', message: 'no c', severity: 'info' },
    ],
  };
  const severities = (ended: Outcome): unknown[] =>
    ((ended.outputs?.violations ?? []) as JsonObject[]).map(({ severity, message }) => [severity, message]);

  test('warnings warn, infos are listed, and neither fails the step', () => {
    const ended = outcome(policy, { a: true, b: false, c: false });
    expect(ended).toMatchObject({ ok: true, outputs: { count: 2 } });
    expect(ended.ok && ended.warnings).toEqual(['no b: `b` is false with b = false']);
    expect(severities(ended)).toEqual([
      ['warning', 'no b'],
      ['info', 'no c'],
    ]);
  });

  test('an error fails it with the errors alone; the outputs list all', () => {
    const ended = outcome(policy, { a: false, b: false, c: false });
    expect(ended.ok ? '' : ended.failure.message).toBe(
      'assertion does not hold: no a: `a` is false with a = false',
    );
    expect(severities(ended)).toHaveLength(3);
  });

  test('that of the step holds for all that name none, and its message too', () => {
    const ended = outcome({ condition: 'a', severity: 'warning', message: 'mind a' }, { a: false });
    expect(ended).toMatchObject({ ok: true, warnings: ['mind a: `a` is false with a = false'] });
    const mixed = { assertions: ['a', { that: 'b', severity: 'error' }], severity: 'info' };
    expect(outcome(mixed, { a: false, b: true })).toMatchObject({ ok: true, outputs: { count: 1 } });
    expect(outcome(mixed, { a: true, b: false })).toMatchObject({ ok: false });
  });

  test('no more are listed than an output holds; the count tells all', () => {
    const checks = Array.from({ length: 2_000 }, () => ({ condition: 'a', severity: 'warning' }));
    const ended = outcome({ checks }, { a: false });
    expect(ended.outputs?.count).toBe(2_000);
    expect(JSON.stringify(ended.outputs?.violations).length).toBeLessThanOrEqual(65_536);
    expect(ended.ok && ended.warnings).toHaveLength(100);
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
  [{ condition: 'a', severity: 'warning' }, true],
  [{ condition: 'a', severity: 'fatal' }, false],
  [{ checks: [{ condition: 'a', severity: 'info' }] }, true],
  [{ checks: [{ that: 'a' }] }, false],
  [{ checks: [{ condition: 'a' }], assertions: ['a'] }, false],
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
