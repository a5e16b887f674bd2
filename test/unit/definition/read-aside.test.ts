/** What takes a step back, and what a checkpoint holds, as the model has it. */
import { describe, expect, test } from 'vitest';
import { definitionDigest } from '../../../src/definition/definition-digest.ts';
import { readDefinition } from '../../../src/definition/read-definition.ts';
import { DEFINITION_STEPS_MAX } from '../../../src/engine/core/limits.ts';
import type { CheckpointSpec, Step, Workflow } from '../../../src/engine/core/model.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

function read(text: string): Workflow {
  const { workflow, diagnostics } = readDefinition({ text }, stepTypes);
  expect(diagnostics).toEqual([]);
  return workflow!;
}

const one = (yaml: string): Step => read(`name: w\nsteps:\n  - { id: a, ${yaml} }`).steps[0]!;
const brief = (steps: readonly Step[] = []) =>
  steps.map(({ id, type, config, needs }) => [id, type, config.command, needs]);

describe('an undo', () => {
  test.each<[string, string, unknown[]]>([
    ['a command', 'undo: y', [['undo:a', 'shell', 'y', []]]],
    ['a step', 'undo: { command: y }', [['undo:a', 'shell', 'y', []]]],
    ['a step with an id', 'undo: { id: back, command: y }', [['back', 'shell', 'y', []]]],
    [
      'a list, one after the other',
      'undo: [{ command: y }, { id: back, command: z }, q]',
      [
        ['undo:a:1', 'shell', 'y', []],
        ['back', 'shell', 'z', ['undo:a:1']],
        ['undo:a:3', 'shell', 'q', ['back']],
      ],
    ],
    [
      'a list in its own order',
      'undo: [{ id: b, command: y, needs: [] }, { id: c, command: z, needs: [] }]',
      [
        ['b', 'shell', 'y', []],
        ['c', 'shell', 'z', []],
      ],
    ],
  ])('is %s', (_, yaml, expected) => {
    expect(brief(one(`command: x, ${yaml}`).undo)).toEqual(expected);
  });

  test('may hold blocks', () => {
    const [group] = one('command: x, undo: [{ parallel: [{ command: y }, { id: c, command: z }] }]').undo!;
    expect(group).toMatchObject({ id: 'undo:a:1', type: 'block' });
    expect(brief(group!.body)).toEqual([
      ['undo:a:1_1', 'shell', 'y', []],
      ['c', 'shell', 'z', []],
    ]);
  });

  test('has what it says itself', () => {
    const [undo] = one(
      'command: x, undo: { command: y, timeout: 5s, retry: { attempts: 2 }, on_failure: continue, when: "exit_code == 0" }',
    ).undo!;
    expect(undo).toMatchObject({ timeoutMs: 5_000, onFailure: 'continue', when: 'exit_code == 0' });
    expect(undo!.retry!.attempts).toBe(2);
  });

  test('works where and as its step does, unless it says so itself', () => {
    const { undo } = one(
      'command: x, cwd: app, shell: zsh, env: { A: "1", B: "1" }, undo: [y, { command: z, cwd: lib, shell: sh, env: { B: "2" } }]',
    );
    expect(undo![0]).toMatchObject({
      config: { command: 'y', cwd: 'app', shell: 'zsh' },
      env: { A: '1', B: '1' },
    });
    expect(undo![1]).toMatchObject({
      config: { command: 'z', cwd: 'lib', shell: 'sh' },
      env: { A: '1', B: '2' },
    });
  });

  test('takes `timeout` and `retry` from the defaults, and no policy', () => {
    const { steps, cleanup } = read(`
name: w
defaults: { timeout: 1m, retry: { attempts: 4 }, on_failure: rollback, cwd: app }
steps: [{ command: x, undo: y }]
cleanup: [{ command: z }]
`);
    expect(steps[0]!.onFailure).toBe('rollback');
    expect(steps[0]!.undo![0]).toMatchObject({
      timeoutMs: 60_000,
      onFailure: 'stop',
      config: { cwd: 'app' },
    });
    expect(steps[0]!.undo![0]!.retry!.attempts).toBe(4);
    expect(cleanup[0]!.onFailure).toBe('stop');
  });

  test('of a step in a loop sees the item', () => {
    const step = one('command: "mk {{ item }}", foreach: [1], undo: "rm {{ item }} {{ index }}"');
    expect(step.undo![0]!.config).toEqual({ command: 'rm {{ item }} {{ index }}' });
  });

  test.each([
    ['by the bare name', 'stdout', ['stdout']],
    ['by the id', 'steps.a.stderr', ['stderr']],
    ['not at all', 'exit_code', []],
  ])('makes its step keep what is read %s', (_, text, reads) => {
    const step = one(`command: x, undo: "y {{ ${text} }}"`);
    expect(step.reads).toEqual(reads);
    expect(step.undo![0]!.reads).toEqual([]);
  });

  test('means its own streams in its outputs', () => {
    const step = one('command: x, undo: { id: b, command: y, outputs: { n: "{{ stdout }}" } }');
    expect(step.reads).toEqual([]);
    expect(step.undo![0]!.reads).toEqual(['stdout']);
  });

  test('counts as a step of the definition', () => {
    const steps = Array.from({ length: DEFINITION_STEPS_MAX / 2 + 1 }, () => ({ command: 'x', undo: 'y' }));
    const { diagnostics } = readDefinition({ value: { name: 'w', steps } }, stepTypes);
    expect(diagnostics.map(({ code }) => code)).toEqual(['limit']);
  });
});

describe('a checkpoint', () => {
  test.each<[string, CheckpointSpec]>([
    ['true', {}],
    ['{}', {}],
    [
      '{ name: before, paths: [app, lib], exclude: [node_modules] }',
      { name: 'before', paths: ['app', 'lib'], exclude: ['node_modules'] },
    ],
    ['{ max_bytes: 1GB, max_files: 9, timeout: 5s }', { bytesMax: 1024 ** 3, filesMax: 9, timeMs: 5_000 }],
  ])('%s', (yaml, expected) => {
    expect(one(`command: x, checkpoint: ${yaml}`).checkpoint).toEqual(expected);
  });

  test('runs its commands as steps, where its step works', () => {
    const step = one(
      'command: x, shell: zsh, cwd: db, env: { DB: d }, checkpoint: { paths: [], capture: dump, restore: [load] }',
    );
    const { capture, restore } = step.checkpoint as CheckpointSpec;
    const expected = { type: 'shell', needs: [], env: { DB: 'd' } };
    expect(capture).toMatchObject([{ ...expected, id: 'capture:a', config: { command: 'dump', cwd: 'db' } }]);
    expect(restore).toMatchObject([
      { ...expected, id: 'restore:a:1', config: { command: 'load', cwd: 'db' } },
    ]);
    expect(capture![0]!.config).not.toHaveProperty('shell');
  });

  test('of a type is what a key would be', () => {
    const keys =
      'name: before, paths: [app], exclude: [b], max_bytes: 1GB, max_files: 9, timeout: 5s, capture: [c, d], restore: [e, f]';
    const typed = one(`type: checkpoint, ${keys}`);
    expect(typed).toMatchObject({ type: 'checkpoint', effects: 'none' });
    expect(typed.timeoutMs).toBeUndefined();
    expect(typed.checkpoint).toMatchObject({ name: 'before', paths: ['app'], timeMs: 5_000 });
    expect(unplaced(typed.checkpoint)).toEqual(
      unplaced(one(`command: x, checkpoint: { ${keys} }`).checkpoint),
    );
  });

  test('of a type needs no keys', () => {
    expect(one('type: checkpoint').checkpoint).toEqual({});
  });
});

const unplaced = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === 'line' ? undefined : member)));

test('a workflow says what its checkpoints cover and what failure means', () => {
  const workflow = read(`
name: w
checkpoints: { paths: [app], exclude: [dist], max_bytes: 2GB, max_files: 10, timeout: 30s }
on_failure: rollback:checkpoint
rollback: { confirm: always }
steps: [{ command: x }]
`);
  expect(workflow).toMatchObject({
    checkpoints: { paths: ['app'], exclude: ['dist'], bytesMax: 2 * 1024 ** 3, filesMax: 10, timeMs: 30_000 },
    onFailure: 'rollback:checkpoint',
    confirmRollback: 'always',
  });
  expect(read('name: w\ncheckpoints: false\nsteps: [{ command: x }]').checkpoints).toBe(false);
});

describe('the digest', () => {
  const digest = (text: string) => definitionDigest(read(text));
  const flow = (keys: string) => `name: w\nsteps: [{ id: a, command: x${keys} }]`;

  test.each([
    ', undo: y',
    ', checkpoint: true',
    ', checkpoint: false',
    ', checkpoint: { capture: y }',
    ', effects: remote',
    ', destructive: true',
    ', irreversible: why',
    ', on_failure: rollback',
  ])('tells%s', (keys) => {
    expect(digest(flow(keys))).not.toBe(digest(flow('')));
  });

  test('does not tell where undo and capture stand', () => {
    const flat = flow(', undo: { command: y }, checkpoint: { capture: [z] }');
    const spread =
      'name: w\nsteps:\n - id: a\n   command: x\n   undo:\n     command: y\n   checkpoint:\n     capture:\n      - z';
    expect(digest(spread)).toBe(digest(flat));
  });
});
