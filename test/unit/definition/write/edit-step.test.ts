import { expect, test } from 'vitest';
import { editStep } from '../../../../src/definition/write/edit-step.ts';

const TEXT = `name: x # its name
steps:
  # one
  - id: a # first
    command: |
      echo 1
      echo 2
    timeout: 5s # short
  - { id: b, command: echo }
  - command: ls
    id: c
    retry:
      attempts: 3
      delay: 1s

    env: { A: "1" }
  - parallel:
      - id: d
        command: ls
`;

test.each<[string, [string, string, never], string, string]>([
  ['a key that is there', ['a', 'timeout', '1m' as never], 'timeout: 5s # short', 'timeout: 1m # short'],
  [
    'a new key',
    ['a', 'use_cache', true as never],
    '- id: a # first\n',
    '- id: a # first\n    use_cache: true\n',
  ],
  [
    'a step on one line',
    ['b', 'timeout', '1m' as never],
    '{ id: b, command',
    '{ id: b, timeout: 1m, command',
  ],
  [
    'a step whose id comes later',
    ['c', 'timeout', '1m' as never],
    '    id: c\n',
    '    id: c\n    timeout: 1m\n',
  ],
  [
    'a step in a block',
    ['d', 'retry', { attempts: 2 } as never],
    '- id: d\n',
    '- id: d\n        retry: { attempts: 2 }\n',
  ],
])('%s changes and nothing else', (_what, change, before, after) => {
  expect(editStep(TEXT, ...change)).toBe(TEXT.replace(before, after));
});

test('a key is taken away with all of its lines', () => {
  expect(editStep(TEXT, 'a', 'timeout', undefined)).toBe(TEXT.replace('    timeout: 5s # short\n', ''));
  expect(editStep(TEXT, 'c', 'retry', undefined)).toBe(
    TEXT.replace('    retry:\n      attempts: 3\n      delay: 1s\n', ''),
  );
});

test('what cannot be done is not half done', () => {
  expect(editStep(TEXT, 'z', 'timeout', '1m')).toBeUndefined();
  expect(editStep(TEXT, 'b', 'retry', undefined)).toBeUndefined();
  expect(editStep('steps: [', 'a', 'timeout', '1m')).toBeUndefined();
});
