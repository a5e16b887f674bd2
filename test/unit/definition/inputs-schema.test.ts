import { expect, test } from 'vitest';
import { inputsSchema } from '../../../src/definition/inputs-schema.ts';
import { readDefinition } from '../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

const value = {
  name: 'w',
  inputs: {
    env: { enum: ['staging', 'prod'], required: true, description: 'where' },
    replicas: { type: 'integer', default: 2, minimum: 1, maximum: 9 },
    tags: { type: 'array', minimum: 1 },
    name: { pattern: 'a|b', maximum: 5 },
    script: { type: 'file', required: true },
  },
  steps: [{ command: 'x' }],
};
const workflow = readDefinition({ value }, stepTypes).workflow!;

test('says what each input takes', () => {
  expect(inputsSchema(workflow)).toEqual({
    type: 'object',
    properties: {
      env: { type: 'string', description: 'where', enum: ['staging', 'prod'] },
      replicas: { type: 'integer', minimum: 1, maximum: 9, default: 2 },
      tags: { type: 'array', minItems: 1 },
      name: { type: 'string', pattern: '^(?:a|b)$', maxLength: 5 },
      script: { type: 'string', description: 'Path of a file' },
    },
    required: ['env', 'script'],
    additionalProperties: false,
  });
});

test('asks only for some', () => {
  expect(inputsSchema(workflow, ['env'])).toMatchObject({ required: ['env'] });
  expect(Object.keys(inputsSchema(workflow, ['env']).properties as object)).toEqual(['env']);
});
