import { expect, test } from 'vitest';
import { rangeExpression } from '../../../src/definition/foreach-range.ts';

test.each([
  ['1..10', { expression: 'range(1, 10)', count: 10 }],
  [' -2 .. 2 ', { expression: 'range(-2, 2)', count: 5 }],
  ['3..3', { expression: 'range(3, 3)', count: 1 }],
  ['3..1', { expression: 'range(3, 1)', count: 0 }],
  ['1..n', undefined],
  ['1.5..2', undefined],
  ['range(1, 3)', undefined],
])('%s', (text, range) => {
  expect(rangeExpression(text)).toEqual(range);
});
