/** What keys about caching become, and where they are refused. */
import { describe, expect, test } from 'vitest';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import type { CacheSpec } from '../../../../src/engine/core/model.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';

const read = (step: object, workflow: object = {}) =>
  readDefinition({ value: { name: 'w', ...workflow, steps: [{ id: 'a', ...step }] } }, stepTypes);

function specOf(step: object, workflow: object = {}): CacheSpec | undefined {
  const { workflow: built, diagnostics } = read({ command: 'x', ...step }, workflow);
  expect(diagnostics).toEqual([]);
  return built?.steps[0]?.cache;
}

const found = (step: object, workflow: object = {}) =>
  read(step, workflow).diagnostics.map(({ code, path, message }) => [code, path, message]);

const placed = (step: object, workflow: object = {}) =>
  found(step, workflow).map(([code, path]) => [code, path]);

describe('a step', () => {
  test('is performed each time unless it says otherwise', () => {
    expect(specOf({})).toBeUndefined();
    expect(specOf({ use_cache: false, cache_key: 'k', cache: { paths: ['out'] } })).toBeUndefined();
    expect(specOf({ cache_version: 2 }, { cache: { ttl: '1h' }, cache_version: 1 })).toBeUndefined();
    expect(specOf({ use_cache: true })).toEqual({ scope: 'project' });
    expect(specOf({ cache_key: 'k' })).toEqual({ key: 'k', scope: 'project' });
    expect(specOf({ cache: {} })).toEqual({ scope: 'project' });
  });

  test('goes before its workflow, and names and tags count together', () => {
    const workflow = { cache: { scope: 'user', ttl: '1h', env: ['A'], tags: ['t'] }, cache_version: 3 };
    expect(specOf({ use_cache: true }, workflow)).toEqual({
      scope: 'user',
      ttlMs: 3_600_000,
      env: ['A'],
      tags: ['t'],
      version: '["3",null]',
    });
    const cache = {
      scope: 'run',
      ttl: '5m',
      env: ['B', 'A'],
      tags: ['u'],
      files: ['src/**'],
      paths: ['out'],
    };
    expect(specOf({ cache, cache_version: 'x' }, workflow)).toEqual({
      scope: 'run',
      ttlMs: 300_000,
      env: ['A', 'B'],
      tags: ['t', 'u'],
      files: ['src/**'],
      paths: ['out'],
      version: '["3","x"]',
    });
  });

  test('shares its key with others only where it says for whom itself', () => {
    const workflow = { cache: { scope: 'user' } };
    expect(specOf({ cache_key: 'k' }, workflow)).not.toHaveProperty('isShared');
    expect(specOf({ cache_key: 'k', cache: { scope: 'user' } })).toHaveProperty('isShared', true);
  });
});

describe('refused are', () => {
  const use = { use_cache: true };

  test.each<[string, object, string]>([
    ['approvals', { type: 'approval', message: 'm' }, 'asked again each time'],
    ['inputs', { type: 'input', message: 'p', fields: { x: { type: 'string' } } }, 'asked again each time'],
    ['waits', { type: 'wait', for: '1s' }, 'it waits each time'],
    ['checkpoints', { type: 'checkpoint' }, 'of the files as they are now'],
    ['blocks', { steps: [{ command: 'x' }] }, 'the result of block `a` cannot be kept'],
    ['repeats', { command: 'x', repeat: { max: 2 } }, 'repeated until something changes'],
    ['what has an undo', { command: 'x', undo: 'y' }, 'it has an `undo`'],
    ['what is destructive', { command: 'x', destructive: true }, 'it is `destructive`'],
    ['what is irreversible', { command: 'x', irreversible: 'sent' }, 'it is `irreversible`'],
    ['what works elsewhere', { command: 'x', effects: 'remote' }, 'it changes something elsewhere'],
    ['what writes elsewhere', { type: 'http', method: 'POST', url: 'https://x.example' }, 'elsewhere'],
  ])('%s', (_, step, why) => {
    expect(found({ ...step, ...use })).toEqual([
      ['conflict', 'steps[0].use_cache', expect.stringContaining(why) as string],
    ]);
    expect(found({ ...step, use_cache: false })).toEqual([]);
  });

  test('but not where somebody vouches for what is changed', () => {
    for (const effects of ['none', 'workspace']) {
      expect(found({ command: 'x', undo: 'y', effects, ...use })).toEqual([]);
      expect(found({ type: 'http', method: 'POST', url: 'https://x.example', effects, ...use })).toEqual([]);
    }
    expect(found({ type: 'http', url: 'https://x.example', ...use })).toEqual([]);
  });

  test('steps of the cleanup, and what takes back', () => {
    const cleanup = [{ id: 'z', command: 'x', ...use }];
    expect(placed({ command: 'x' }, { cleanup })).toEqual([['conflict', 'cleanup[0].use_cache']]);
    const undo = [{ id: 'u', command: 'y', ...use }];
    expect(placed({ command: 'x', undo })).toEqual([['conflict', 'steps[0].undo[0].use_cache']]);
  });

  test.each(['/abs', '../up', 'a/../../up', '~/x', '.', '**', '**/*', 'out-{{ inputs.x }}'])(
    'paths such as `%s`',
    (path) => {
      const cache = { paths: ['fine', path] };
      expect(placed({ command: 'x', cache })).toEqual([['wrong_value', 'steps[0].cache.paths[1]']]);
    },
  );

  test('files of a step that changes none', () => {
    expect(placed({ command: 'x', effects: 'none', cache: { paths: ['out'] } })).toEqual([
      ['conflict', 'steps[0].cache.paths'],
    ]);
  });

  test('two answers to when results are the same', () => {
    expect(placed({ command: 'x', cache_key: 'k', cache: { files: ['src'] } })).toEqual([
      ['conflict', 'steps[0].cache_key'],
    ]);
  });

  test('expressions about what is not there', () => {
    const step = { command: 'x', cache_key: '{{ inputs.x }}', cache: { tags: ['{{ b.outputs.y }}'] } };
    expect(placed(step).map(([code, path]) => [code, path])).toEqual([
      ['unknown_input', 'steps[0].cache_key'],
      ['unknown_reference', 'steps[0].cache.tags[0]'],
    ]);
    expect(placed({ command: 'x', use_cache: true }, { cache: { tags: ['{{ inputs.x }}'] } })).toEqual([
      ['unknown_input', 'cache.tags[0]'],
    ]);
  });
});
