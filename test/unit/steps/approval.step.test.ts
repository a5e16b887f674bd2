/** `approval` asks a human and fails closed. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/engine/core/model.ts';
import { approvalStep } from '../../../src/steps/approval.step.ts';
import { fakeContext, NOW_MS } from './fake-context.ts';

const context = (config: JsonObject = {}) =>
  fakeContext({
    type: 'approval',
    config: { message: 'Release {{ env }}?', ...config },
    values: { env: 'prod' },
  });
const answered = (answer: Json) => approvalStep.answered?.(context(), answer);
const expired = (config: JsonObject) => approvalStep.expired?.(context(config));

test('asks a human, for as long as the step says', () => {
  const begun = approvalStep.begin(context({ expires: '1h' }));
  expect(begun).toMatchObject({
    ok: true,
    value: {
      kind: 'ask',
      ask: { kind: 'approval', prompt: 'Release prod?', askedOf: 'human', expiresAtMs: NOW_MS + 3_600_000 },
    },
  });
  const open = approvalStep.begin(context());
  expect(open.ok && open.value.kind === 'ask' && open.value.ask).not.toHaveProperty('expiresAtMs');
});

describe('answered', () => {
  test.each([
    [true, ''],
    [{ approved: true }, ''],
    [{ approved: true, reason: 'looks good' }, 'looks good'],
  ])('%j approves', (answer, reason) => {
    expect(answered(answer)).toEqual({ ok: true, outputs: { approved: true, reason } });
  });

  test.each([
    [false, ''],
    [{ approved: false, reason: 'too late' }, 'too late'],
  ])('%j rejects', (answer, reason) => {
    expect(answered(answer)).toMatchObject({
      ok: false,
      failure: { code: 'rejected', retry: 'final' },
      outputs: { approved: false, reason },
    });
  });

  test.each([
    ['yes'],
    [1],
    [null],
    [{}],
    [{ approved: 'true' }],
    [{ approved: true, force: true }],
    [[true]],
  ])('%j approves nothing', (answer) => {
    expect(answered(answer)).toMatchObject({
      ok: false,
      failure: { code: 'answer_invalid', retry: 'final' },
    });
  });
});

test('nobody answering fails unless the step says otherwise', () => {
  expect(expired({})).toMatchObject({ ok: false, failure: { code: 'expired', retry: 'final' } });
  expect(expired({ on_expire: 'reject' })).toMatchObject({ ok: false, failure: { code: 'rejected' } });
  expect(expired({ on_expire: 'approve' })).toMatchObject({ ok: true, outputs: { approved: true } });
});

test('plan shows the question', () => {
  expect(approvalStep.plan?.(context())).toEqual({ does: 'asks a human for approval: Release prod?' });
  expect(approvalStep.plan?.(context({ message: '{{ later }}' }))).toMatchObject({
    unknown: '`later` is unknown',
  });
});

test.each([
  [{ message: 'go?' }, true],
  [{}, false],
  [{ message: 'go?', on_expire: 'ask' }, false],
  [{ message: 'go?', timeout: '5m' }, false],
])('schema on %j: %s', (config, valid) => {
  expect(approvalStep.schema.safeParse(config).success).toBe(valid);
});
