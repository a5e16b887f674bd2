import { expect, test } from 'vitest';
import { DiagnosticList } from '../../../../src/definition/diagnostic.ts';
import { readValue } from '../../../../src/definition/source/read-value.ts';

const LIMITS = { bytesMax: 1_000, keysMax: 20, depthMax: 5 };

function read(value: unknown) {
  const list = new DiagnosticList({ locate: () => undefined });
  const json = readValue(value, LIMITS, list);
  return { json, codes: list.sorted().map(({ code, path }) => `${code} ${path}`.trim()) };
}

test('copies JSON', () => {
  const value = { a: [1, 'x', null, { b: true }], c: undefined };
  const { json, codes } = read(value);
  expect(json).toEqual({ a: [1, 'x', null, { b: true }] });
  expect((json as { a?: unknown }).a).not.toBe(value.a);
  expect(codes).toEqual([]);
});

const circle: { self?: unknown } = {};
circle.self = circle;

test.each<[string, unknown, string]>([
  ['a circle', circle, 'limit self.self.self.self.self'],
  ['too deep', [[[[[[]]]]]], 'limit [0][0][0][0][0]'],
  ['too long', { a: 'x'.repeat(1_000) }, 'limit a'],
  ['too many values', { a: Array(1_000).fill(0) }, 'limit a[997]'],
  ['too many keys', Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, 0])), 'limit'],
])('refuses the whole of %s', (_, value, code) => {
  expect(read(value)).toEqual({ json: undefined, codes: [code] });
});

test.each<[string, unknown, unknown, string]>([
  ['a function', { a: () => 1, b: 1 }, { b: 1 }, 'wrong_type a'],
  ['a date', { a: new Date(0) }, {}, 'wrong_type a'],
  ['a big integer', { a: 1n }, {}, 'wrong_type a'],
  ['not a number', { a: Number.NaN }, {}, 'wrong_type a'],
  ['NUL', { a: '\0' }, {}, 'forbidden_character a'],
  ['a prototype key', JSON.parse('{"__proto__": {"x": 1}}'), {}, 'forbidden_key __proto__'],
])('leaves out %s', (_, value, json, code) => {
  expect(read(value)).toEqual({ json, codes: [code] });
});
