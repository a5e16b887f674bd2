/** Which references an expression reads, by token shape. */
import { expect, test } from 'vitest';
import { referencesOf } from '../../../src/steps/references.ts';

test.each([
  ['a.b < c', ['a.b', 'c']],
  ['{{ inputs.x }} == env.Y', ['inputs.x', 'env.Y']],
  ['steps.a.outputs.list[0].name == "inputs.no"', ['steps.a.outputs.list[0].name']],
  ["stdout.startsWith('v1.2') && !stdout.contains(item)", ['stdout', 'item']],
  ['size(inputs.list) > 0', ['inputs.list']],
  ['a == true && a != null || 1e3 < 2', ['a']],
  ["'it\\'s x.y' == z", ['z']],
  ['', []],
])('%s', (expression, references) => {
  expect(referencesOf(expression)).toEqual(references);
});

test('shows ten at most', () => {
  expect(referencesOf(Array.from({ length: 30 }, (_, n) => `v${n}`).join(' + '))).toHaveLength(10);
});
