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

test('who may answer, and how many have to, goes along', () => {
  const begun = approvalStep.begin(
    context({ by: ['ann', 'bob'], roles: ['approver'], not_requester: true, approvals: 2 }),
  );
  expect(begun).toMatchObject({
    value: {
      ask: { answerers: { by: ['ann', 'bob'], roles: ['approver'], not_requester: true, approvals: 2 } },
    },
  });
  const open = approvalStep.begin(context({ approvals: 1, not_requester: false }));
  expect(open.ok && open.value.kind === 'ask' && open.value.ask).not.toHaveProperty('answerers');
});

test('everybody who has answered is named in the outputs, also of a rejection', () => {
  const given = [
    { by: 'cli:ann', answer: true },
    { by: 'cli:bob', answer: { approved: false, reason: 'too late' } },
  ];
  expect(approvalStep.answered?.(context(), { approved: false, reason: 'too late' }, given)).toMatchObject({
    ok: false,
    outputs: {
      approved: false,
      answers: [
        { by: 'cli:ann', approved: true, reason: '' },
        { by: 'cli:bob', approved: false, reason: 'too late' },
      ],
    },
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
  [{ message: 'go?', by: ['ann', 'cli:bob'], approvals: 2 }, true],
  [{ message: 'go?', by: ['ann'], approvals: 2 }, false],
  [{ message: 'go?', by: ['ann'], roles: ['approver'], approvals: 2 }, true],
  [{ message: 'go?', by: [] }, false],
  [{ message: 'go?', by: ['{{ inputs.who }}'] }, false],
  [{ message: 'go?', approvals: 0 }, false],
  [{ message: 'go?', approvals: 21 }, false],
  [{ message: 'go?', show: 'a' }, true],
  [{ message: 'go?', show: [{ file: 'a' }, { title: 'b', text: { c: 1 } }, 'd'] }, true],
  [{ message: 'go?', show: { file: 'a', text: 'b' } }, false],
  [{ message: 'go?', show: [] }, false],
])('schema on %j: %s', (config, valid) => {
  expect(approvalStep.schema.safeParse(config).success).toBe(valid);
});
