import { expect, test } from 'vitest';
import { colour } from '../../../src/cli/style.ts';
import { tableLines } from '../../../src/cli/table.ts';

test('columns are as wide as their widest cell, and nothing trails', () => {
  expect(
    tableLines(
      ['A', 'B', 'C'],
      [
        ['long', '', 'x'],
        ['s', 'yy', ''],
      ],
      0,
    ),
  ).toEqual(['A     B   C', 'long      x', 's     yy']);
});

test('colour codes take no room', () => {
  const [, first, second] = tableLines(
    ['A', 'B'],
    [
      [colour.red('ab'), 'x'],
      ['abc', 'y'],
    ],
    0,
  );
  expect(first).toBe(`${colour.red('ab')}   x`);
  expect(second).toBe('abc  y');
});

test('the last column is cut to the width, but never to nothing', () => {
  expect(tableLines([], [['ab', 'x'.repeat(50)]], 20)).toEqual([`ab  ${'x'.repeat(15)}…`]);
  expect(tableLines([], [['a'.repeat(30), 'x'.repeat(50)]], 20)).toEqual([
    `${'a'.repeat(30)}  ${'x'.repeat(9)}…`,
  ]);
});

test('no rows give the head alone', () => expect(tableLines(['A'], [], 80)).toEqual(['A']));
