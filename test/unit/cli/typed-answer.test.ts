import { expect, test } from 'vitest';
import { typedAnswer } from '../../../src/cli/typed-answer.ts';

const approval = {
  properties: { approved: { type: 'boolean' }, reason: { type: 'string' } },
  required: ['approved'],
};

test.each([
  [['yes'], { approved: true }],
  [['NO'], { approved: false }],
  [['reject', 'reason=not now'], { approved: false, reason: 'not now' }],
  [['approved=true', 'reason=a=b'], { approved: true, reason: 'a=b' }],
])('%j answers an approval', (words, answer) => expect(typedAnswer(approval, words)).toEqual(answer));

test('a lone field needs no name, and words make one text', () => {
  expect(typedAnswer({ properties: { note: { type: 'string' } } }, ['two', 'words=1'])).toEqual({
    note: 'two words=1',
  });
});

test('text that is no number is left for the check to name', () => {
  const schema = { properties: { n: { type: 'number' }, m: { type: 'integer' } }, required: ['n', 'm'] };
  expect(typedAnswer(schema, ['n=many', 'm=2'])).toEqual({ n: 'many', m: 2 });
});

test('a bare value among several fields is refused with their names', () => {
  const schema = { properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a', 'b'] };
  expect(() => typedAnswer(schema, ['x'])).toThrow('`x` is no field of the question');
  expect(() => typedAnswer(approval, ['yes', 'approved=no'])).toThrow('no field');
});
