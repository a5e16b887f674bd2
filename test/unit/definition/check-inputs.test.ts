import { describe, expect, test } from 'vitest';
import { checkInputs, coerceInput } from '../../../src/definition/check-inputs.ts';
import { readDefinition } from '../../../src/definition/read-definition.ts';
import type { InputType, Json, JsonObject } from '../../../src/engine/core/model.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

function check(declared: object, given: JsonObject) {
  const value = { name: 'w', inputs: declared, steps: [{ command: 'x' }] };
  return checkInputs(readDefinition({ value }, stepTypes).workflow!, given);
}

test('defaults are put in, and what is optional may be absent', () => {
  const declared = { env: { required: true }, replicas: { type: 'integer', default: 2 }, note: {} };
  expect(check(declared, { env: 'prod' })).toEqual({
    inputs: { env: 'prod', replicas: 2 },
    diagnostics: [],
    missing: [],
  });
});

test('everything that is wrong is said at once', () => {
  const declared = {
    env: { enum: ['staging', 'prod'], required: true },
    replicas: { type: 'integer', minimum: 1 },
    region: { required: true, description: 'where it runs' },
  };
  const { inputs, diagnostics, missing } = check(declared, { env: 'prd', replicas: 0, regoin: 'eu' });
  expect(inputs).toBeUndefined();
  expect(missing).toEqual(['region']);
  expect(diagnostics).toEqual([
    {
      severity: 'error',
      code: 'unknown_input',
      message: 'workflow `w` has no input `regoin`',
      hint: 'did you mean `region`',
      path: 'inputs.regoin',
    },
    {
      severity: 'error',
      code: 'wrong_value',
      message: 'input `env` must be one of `staging`, `prod`, found `"prd"`',
      hint: 'did you mean `prod`',
      path: 'inputs.env',
    },
    {
      severity: 'error',
      code: 'out_of_range',
      message: 'input `replicas` must be at least 1, found 0',
      path: 'inputs.replicas',
    },
    {
      severity: 'error',
      code: 'missing_input',
      message: 'input `region` is missing',
      hint: 'give it as string: where it runs',
      path: 'inputs.region',
    },
  ]);
});

describe('types', () => {
  test.each<[InputType, Json[], Json[]]>([
    ['string', ['', 'x', '3'], [3, true, [], {}]],
    ['number', [0, 1.5, -1], ['1', true]],
    ['integer', [0, -3], [1.5, '1', 2 ** 60]],
    ['boolean', [true, false], ['true', 0]],
    ['array', [[], [1]], ['a', {}]],
    ['object', [{}, { a: 1 }], [[], 'a']],
    ['file', ['./a', '/b'], ['', 3]],
  ])('%s', (type, right, wrong) => {
    for (const value of right) expect(check({ a: { type } }, { a: value }).inputs).toEqual({ a: value });
    for (const value of wrong)
      expect(check({ a: { type } }, { a: value }).diagnostics).toMatchObject([{ code: 'wrong_type' }]);
  });
});

test('null stands for no value', () => {
  expect(check({ a: { default: 'x' }, b: {} }, { a: null, b: null }).inputs).toEqual({ a: 'x' });
});

test.each([
  [{ a: { pattern: '[a-z]+' } }, { a: 'abc1' }, 'wrong_value'],
  [{ a: { pattern: '(a|aa)+$x' } }, { a: 'a'.repeat(50) }, 'wrong_value'],
  [{ a: { type: 'array', maximum: 2 } }, { a: [1, 2, 3] }, 'out_of_range'],
  [{ a: { maximum: 2 } }, { a: 'abc' }, 'out_of_range'],
  [{ a: {} }, { a: 'x'.repeat(1024 * 1024 + 1) }, 'limit'],
  [{ a: {} }, { a: '\0' }, 'forbidden_character'],
  [{ a: { type: 'object' } }, { a: JSON.parse('{"__proto__": 1}') }, 'forbidden_key'],
])('%j refuses what breaks it', (declared, given, code) => {
  const { inputs, diagnostics } = check(declared, given);
  expect(inputs).toBeUndefined();
  expect(diagnostics.map((one) => one.code)).toContain(code);
});

describe('text of a command line', () => {
  test.each<[InputType, string, Json]>([
    ['string', '3', '3'],
    ['file', 'a,b', 'a,b'],
    ['integer', '3', 3],
    ['integer', '3x', '3x'],
    ['number', '-1.5e3', -1500],
    ['number', '', ''],
    ['number', '0x10', '0x10'],
    ['boolean', 'true', true],
    ['boolean', 'yes', 'yes'],
    ['array', '["a", 1]', ['a', 1]],
    ['array', 'a,b', ['a', 'b']],
    ['array', '', []],
    ['object', '{"a": 1}', { a: 1 }],
    ['object', '{a', '{a'],
  ])('%s %j', (type, text, value) => {
    expect(coerceInput({ type, required: false }, text)).toEqual(value);
  });
});
