/** `input` asks for a flat form and takes only what fits it. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/engine/core/model.ts';
import { inputStep } from '../../../src/steps/input.step.ts';
import { fakeContext, NOW_MS } from './fake-context.ts';

const FIELDS = {
  region: { type: 'string', enum: ['eu', 'us'], title: 'Region' },
  replicas: { type: 'integer', minimum: 1, maximum: 9, default: 2 },
};
const context = (config: JsonObject) =>
  fakeContext({ type: 'input', config: { message: 'Where to?', ...config }, values: { who: 'you' } });

function asked(config: JsonObject) {
  const begun = inputStep.begin(context(config));
  if (!begun.ok || begun.value.kind !== 'ask') throw new Error('expected a question');
  return begun.value.ask;
}

describe('begin', () => {
  test('asks a human for every field, those without a default required', () => {
    expect(asked({ fields: FIELDS, message: 'Where to, {{ who }}?' })).toEqual({
      kind: 'input',
      prompt: 'Where to, you?',
      askedOf: 'human',
      schema: { type: 'object', properties: FIELDS, required: ['region'] },
    });
  });

  test('takes a whole schema as it stands', () => {
    const schema = { type: 'object', properties: { note: { type: 'string' } } };
    expect(asked({ schema }).schema).toEqual({ ...schema, required: [] });
  });

  test('lets an agent answer, and expires, where the step says so', () => {
    expect(asked({ fields: FIELDS, asked_of: 'agent', expires: 60 })).toMatchObject({
      askedOf: 'agent',
      expiresAtMs: NOW_MS + 60_000,
    });
  });
});

describe('answered', () => {
  const answered = (answer: Json, config: JsonObject = { fields: FIELDS }) =>
    inputStep.answered?.(context(config), answer);

  test('gives the answer, with defaults, as outputs', () => {
    expect(answered({ region: 'eu' })).toEqual({ ok: true, outputs: { region: 'eu', replicas: 2 } });
    expect(answered({ region: 'us', replicas: 3 })).toEqual({
      ok: true,
      outputs: { region: 'us', replicas: 3 },
    });
    expect(answered('eu')).toEqual({ ok: true, outputs: { region: 'eu', replicas: 2 } });
  });

  test('names each problem', () => {
    expect(answered({ region: 'mars', replicas: 1.5, other: 1 })).toMatchObject({
      ok: false,
      failure: {
        code: 'answer_invalid',
        data: {
          problems: [
            '`region` expected one of `eu`, `us`, found `"mars"`',
            '`replicas` expected an integer, found `1.5`',
            '`other` is no field: expected `region`, `replicas`',
          ],
        },
      },
    });
  });
});

test('nobody answering is a failure', () => {
  expect(inputStep.expired?.(context({ fields: FIELDS }))).toMatchObject({
    ok: false,
    failure: { code: 'expired' },
  });
});

test('nobody answering takes the defaults where the step says so', () => {
  const { replicas } = FIELDS;
  const config = { fields: { replicas }, on_expire: 'defaults' };
  expect(inputStep.expired?.(context(config))).toEqual({ ok: true, outputs: { replicas: 2 } });
});

test('shows what it is about, and says who may answer', () => {
  expect(asked({ fields: FIELDS, show: 'for {{ who }}', by: ['ann'] })).toMatchObject({
    context: 'for you',
    answerers: { by: ['ann'] },
  });
});

test('plan names the fields', () => {
  expect(inputStep.plan?.(context({ fields: FIELDS }))).toEqual({
    does: 'asks for `region`, `replicas`: Where to?',
  });
});

test.each([
  [{ fields: FIELDS }, true],
  [{ schema: { properties: FIELDS, required: ['region'] } }, true],
  [{ schema: { properties: FIELDS, required: ['nobody'] } }, false],
  [{ fields: FIELDS, schema: { properties: FIELDS } }, false],
  [{}, false],
  [{ fields: {} }, false],
  [{ fields: { deep: { type: 'object' } } }, false],
  [{ fields: { a: { type: 'string', minimum: 1 } } }, false],
  [{ fields: { a: { type: 'integer', default: 1.5 } } }, false],
  [{ fields: { a: { type: 'string', enum: ['x'], default: 'y' } } }, false],
  [{ fields: FIELDS, on_expire: 'defaults' }, false],
  [{ fields: { a: { type: 'boolean', default: false } }, on_expire: 'defaults' }, true],
  [{ fields: FIELDS, approvals: 2 }, false],
])('schema on %j: %s', (config, valid) => {
  expect(inputStep.schema.safeParse({ message: 'm', ...config }).success).toBe(valid);
});
