import { expect, test } from 'vitest';
import { definitionDigest } from '../../../src/definition/definition-digest.ts';
import { readDefinition } from '../../../src/definition/read-definition.ts';
import type { Workflow } from '../../../src/engine/core/model.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

const digest = (value: object): string => definitionDigest(readDefinition({ value }, stepTypes).workflow!);

test('does not depend on the order of keys', () => {
  const a = digest({ name: 'w', env: { A: '1', B: '2' }, steps: [{ id: 'a', command: 'x' }] });
  const b = digest({ steps: [{ command: 'x', id: 'a' }], env: { B: '2', A: '1' }, name: 'w' });
  expect(a).toBe(b);
});

test('depends on what is run', () => {
  expect(digest({ name: 'w', steps: [{ command: 'x' }] })).not.toBe(
    digest({ name: 'w', steps: [{ command: 'y' }] }),
  );
});

test('is the sha256 of the canonical JSON, without line numbers', () => {
  // printf '{"a":[1,{"b":"é","c":null}],"cleanup":[],"steps":[{"id":"s"}],"z":true}' | sha256sum
  const value = {
    z: true,
    a: [1, { c: null, b: 'é' }],
    absent: undefined,
    steps: [{ line: 3, id: 's' }],
    cleanup: [],
  } as unknown as Workflow;
  expect(definitionDigest(value)).toBe('650dd64de20fea1fad760ace5969cf980b9dbf1e2d115e21e78df12560cd16fb');
});
