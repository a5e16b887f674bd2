import { expect, test } from 'vitest';
import { z } from 'zod';
import { definitionJsonSchema } from '../../../src/definition/json-schema.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

const schema = definitionJsonSchema(stepTypes);
const accepts = (value: unknown) => z.fromJSONSchema(schema as never).safeParse(value).success;

test('is a 2020-12 schema with one alternative for each kind of step', () => {
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    required: ['name', 'steps'],
    additionalProperties: false,
  });
  const { step } = schema.$defs as { step: { anyOf: { $ref: string }[] } };
  const kinds = step.anyOf.map(({ $ref }) => $ref);
  for (const { type } of stepTypes) expect(kinds).toContain(`#/$defs/step-${type}`);
  expect(kinds).toContain('#/$defs/step-block');
});

test.each<[string, unknown, boolean]>([
  ['a command', { command: 'x' }, true],
  ['a typed step', { type: 'wait', for: '3s' }, true],
  ['a group', { parallel: [{ command: 'x' }, { steps: [{ command: 'y' }] }] }, true],
  ['an undo', { command: 'x', undo: ['y', { command: 'z', timeout: '3s' }] }, true],
  ['a wrong undo', { command: 'x', undo: { comand: 'y' } }, false],
  ['a checkpoint', { command: 'x', checkpoint: { name: 'n', paths: ['a'], capture: 'dump' } }, true],
  ['a wrong checkpoint', { command: 'x', checkpoint: { path: ['a'] } }, false],
  ['a checkpoint of its own', { type: 'checkpoint', timeout: '10s' }, true],
  ['a rollback', { command: 'x', on_failure: 'rollback:manual' }, true],
  ['an unknown key', { command: 'x', timout: '3s' }, false],
  ['a key of another type', { type: 'wait', for: '3s', command: 'x' }, false],
  ['a wrong step inside', { parallel: [{ command: 3 }] }, false],
  ['a wrong duration', { command: 'x', timeout: 'soon' }, false],
])('%s', (_, step, accepted) => {
  expect(accepts({ name: 'w', steps: [step] })).toBe(accepted);
});

test('has what a workflow says about taking back', () => {
  const flow = {
    name: 'w',
    steps: [{ command: 'x' }],
    on_failure: 'rollback',
    rollback: { confirm: 'never' },
  };
  expect(accepts({ ...flow, checkpoints: { exclude: ['dist'], max_bytes: '1GB' } })).toBe(true);
  expect(accepts({ ...flow, checkpoints: false })).toBe(true);
  expect(accepts({ ...flow, on_failure: 'continue' })).toBe(false);
  const { checkpoints } = schema.properties as { checkpoints: object };
  expect(checkpoints).toHaveProperty('description');
});
