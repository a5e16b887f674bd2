import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readText } from '../../../../src/definition/source/read-text.ts';

const BYTES = 256 * 1024;
const fill = (unit: string, bytes = BYTES) => unit.repeat(Math.floor(bytes / unit.length));
const codes = (text: string) =>
  readText(text)
    .list.sorted()
    .map(({ code }) => code);

describe('hostile text is refused before it is composed', () => {
  test.each<[string, string, string]>([
    ['over the size', fill('a', BYTES + 1), 'limit'],
    ['over the size in bytes', fill('é', BYTES), 'limit'],
    ['open brackets', '['.repeat(100_000), 'limit'],
    ['open braces', fill('{'), 'limit'],
    ['nested lists', fill('- '), 'limit'],
    ['nested keys', fill('? '), 'limit'],
    [
      'indented keys',
      Array.from({ length: 100 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      'limit',
    ],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, 'limit'],
    ['a huge flow list', `[${fill('1,', BYTES - 2)}]`, 'limit'],
    ['commas', `[${fill(',', BYTES - 1)}`, 'limit'],
    ['comments', fill('#\n'), 'limit'],
    ['5,001 keys', Array.from({ length: 5_001 }, (_, index) => `k${index}: 1`).join('\n'), 'limit'],
    ['a long key', `${'k'.repeat(257)}: 1`, 'limit'],
    ['NUL', 'a: "\0"', 'forbidden_character'],
    ['an escaped NUL', 'a: "\\0"', 'forbidden_character'],
    ['half a surrogate pair', 'a: \uD800', 'forbidden_character'],
    ['a tab for indentation', 'a:\n\tb: 1', 'yaml'],
    ['an open quote', 'a: "b', 'yaml'],
    ['thousands of faults', fill('- "\\q"\n', 80_000), 'yaml'],
    ['a foreign tag', 'a: !!js/function x', 'yaml'],
    ['a binary tag', 'a: !!binary aGk=', 'yaml'],
    ['an alias', 'a: &x 1\nb: *x', 'alias'],
    ['an alias that is not there', 'b: *x', 'alias'],
    ['a merge key', 'b:\n  <<: { a: 1 }', 'merge_key'],
    ['equal keys', 'a: 1\nb: 2\na: 3', 'duplicate_key'],
    ['a prototype key', 'a: { __proto__: 1 }', 'forbidden_key'],
    ['a constructor key', 'constructor: 1', 'forbidden_key'],
    ['a key that is no text', '? [a]\n: 1', 'wrong_type'],
    ['two documents', 'a: 1\n---\na: 2', 'multiple_documents'],
    ['a number without end', 'a: .inf', 'wrong_value'],
    ['a number that loses digits', 'a: 12345678901234567890', 'wrong_value'],
  ])('%s', (_, text, code) => {
    expect(codes(text)).toContain(code);
    expect(readText(text).value).toBeUndefined();
  });

  test('a billion laughs', () => {
    const laughs = ['a0: &a0 [x, x]'];
    for (let level = 1; level < 30; level += 1)
      laughs.push(`a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`);
    expect(new Set(codes(laughs.join('\n')))).toEqual(new Set(['alias']));
  });
});

test('braces that YAML takes for a map of their own: the hint says to quote them', () => {
  const [first] = readText('a: { b: echo {{ x }} }').list.sorted();
  expect(first).toMatchObject({ code: 'yaml', hint: expect.stringContaining('needs quotes') });
});

describe('unusual text is read', () => {
  test.each<[string, string, unknown]>([
    ['a byte order mark', '\uFEFFa: 1', { a: 1 }],
    ['Windows line ends', 'a: 1\r\nb:\r\n  - c\r\n', { a: 1, b: ['c'] }],
    ['JSON indented by tabs', '{\n\t"a": [\n\t\t1\n\t]\n}', { a: [1] }],
    ['an anchor that nobody uses', 'a: &x 1', { a: 1 }],
    ['nothing', '', null],
    ['words of older YAML', 'on: yes\nno: off', { on: 'yes', no: 'off' }],
    ['keys that are no text', '1: a\ntrue: b', { '1': 'a', true: 'b' }],
    ['64 levels', `${'['.repeat(64)}${']'.repeat(64)}`, expect.any(Array)],
    ['one scalar of almost the limit', `a: ${'x'.repeat(BYTES - 10)}`, expect.any(Object)],
    ['names of object members', 'toString: 1\nhasOwnProperty: 2', { toString: 1, hasOwnProperty: 2 }],
  ])('%s', (_, text, value) => {
    expect(readText(text)).toMatchObject({ value });
    expect(codes(text)).toEqual([]);
  });
});

describe('positions', () => {
  const text =
    'a: word\nb: "quoted"\nc: |\n  one\n\n  two\nd: >-\n  folded\n  text\ne: "es\\tc"\nf: { g: [x, yy] }\n';
  const { locator } = readText(text);

  test.each([
    [['a'], undefined, 1, 4],
    [['a'], 2, 1, 6],
    [['b'], 3, 2, 8],
    [['c'], 1, 4, 4],
    [['c'], 6, 6, 4],
    [['d'], 3, 7, 4],
    [['e'], 3, 10, 4],
    [['f', 'g', 1], 1, 11, 14],
    [['f', 'nope', 'deeper'], undefined, 11, 4],
  ])('%j at %s', (path, offset, line, column) => {
    expect(locator.locate({ path, ...(offset !== undefined && { offset }) })).toEqual({ line, column });
  });

  test('of a key', () => {
    expect(locator.locate({ path: ['f', 'g'], key: true })).toEqual({ line: 11, column: 6 });
  });
});

test('any JSON value within the limits is read back from its text', () => {
  const keys = fc.string({ maxLength: 8 }).filter((key) => key.isWellFormed() && !key.includes('\0'));
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, false),
      fc.integer(),
      fc.string().filter((text) => text.isWellFormed() && !text.includes('\0')),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(keys, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;
  const refused = /"(?:__proto__|constructor|prototype|<<)":/;
  fc.assert(
    fc.property(json, (value) => {
      const text = JSON.stringify(value);
      fc.pre(!refused.test(text));
      expect(readText(text).value).toEqual(value);
    }),
    { numRuns: 150 },
  );
});
