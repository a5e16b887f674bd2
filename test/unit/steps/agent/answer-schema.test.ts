import { expect, test } from 'vitest';
import { answerIn } from '../../../../src/steps/agent/answer-schema.ts';

test('an answer that is nested without end does not fit any schema', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  expect(answerIn(deep, {})).toEqual({ ok: false, error: ['it is nested more than 200 levels deep'] });
  expect(answerIn('[[1]]', {})).toEqual({ ok: true, value: [[1]] });
});
