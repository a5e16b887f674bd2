import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Workflow } from '../../../../src/engine/core/model.ts';
import { masked } from '../../../../src/engine/host/mask.ts';

beforeEach(() => {
  process.env.BELAY_TEST_TOKEN = 's3cr3t-value';
  process.env.BELAY_TEST_SHORT = 'abc';
});
afterEach(() => {
  delete process.env.BELAY_TEST_TOKEN;
  delete process.env.BELAY_TEST_SHORT;
});

const asking = (...names: string[]): Workflow =>
  ({ prerequisites: names.map((env) => ({ kind: 'env', env })) }) as unknown as Workflow;

test('declared values are masked wherever they stand', () => {
  const event = { message: 'token s3cr3t-value is wrong', data: { list: ['s3cr3t-value'], n: 1 } };
  expect(masked(asking('BELAY_TEST_TOKEN'), event)).toEqual({
    message: 'token *** is wrong',
    data: { list: ['***'], n: 1 },
  });
});

test('what nobody declared, and what is too short to be a secret, stays', () => {
  const event = { message: 's3cr3t-value abc' };
  expect(masked(asking(), event)).toBe(event);
  expect(masked(asking('BELAY_TEST_SHORT'), event)).toEqual(event);
});
