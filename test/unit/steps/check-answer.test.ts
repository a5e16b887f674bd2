/** Answers against flat schemas: each problem named, the short form understood. */
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/engine/core/model.ts';
import { answerObject, checkAnswer } from '../../../src/steps/check-answer.ts';

const one = (property: JsonObject): JsonObject => ({
  type: 'object',
  properties: { a: property },
  required: ['a'],
});

test.each([
  [{ type: 'string' }, 'x', []],
  [{ type: 'string' }, 1, ['`a` expected a string, found `1`']],
  [{ type: 'string', minLength: 2 }, '👍', ['`a` expected at least 2 characters, found 1']],
  [{ type: 'string', maxLength: 2 }, 'abc', ['`a` expected at most 2 characters, found 3']],
  [{ type: 'string', enum: ['x', 'y'] }, 'z', ['`a` expected one of `x`, `y`, found `"z"`']],
  [{ type: 'number', minimum: 0 }, -0.5, ['`a` expected at least 0, found -0.5']],
  [{ type: 'number' }, '1', ['`a` expected a number, found `"1"`']],
  [{ type: 'integer', maximum: 3 }, 4, ['`a` expected at most 3, found 4']],
  [{ type: 'integer' }, 1.5, ['`a` expected an integer, found `1.5`']],
  [{ type: 'integer' }, 2, []],
  [{ type: 'boolean' }, false, []],
  [{ type: 'boolean' }, 0, ['`a` expected a boolean, found `0`']],
  [{ type: 'boolean' }, null, ['`a` expected a boolean, found `null`']],
] as [JsonObject, Json, string[]][])('%j against %j', (property, value, problems) => {
  expect(checkAnswer(one(property), { a: value })).toEqual(problems);
  expect(checkAnswer(one(property), value)).toEqual(problems);
});

test('names what is missing and what is too much', () => {
  expect(checkAnswer(one({ type: 'string' }), { b: 1, toString: 2 })).toEqual([
    '`a` is missing',
    '`b` is no field: expected `a`',
    '`toString` is no field: expected `a`',
  ]);
});

test('a bare value stands for the only required field', () => {
  expect(answerObject(one({ type: 'boolean' }), true)).toEqual({ a: true });
  expect(answerObject({ type: 'object', properties: {} }, true)).toBe(true);
});

test('a bare value does not answer several fields', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' } },
    required: ['a', 'b'],
  };
  expect(checkAnswer(schema, 'x')).toEqual(['expected an object with `a`, `b`, found `"x"`']);
});
