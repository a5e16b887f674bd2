import { describe, expect, test } from 'vitest';
import { readDefinition } from '../../../src/definition/read-definition.ts';
import type { Step, Workflow } from '../../../src/engine/core/model.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

function read(text: string): Workflow {
  const { workflow, diagnostics } = readDefinition({ text }, stepTypes);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return workflow!;
}

const withSteps = (steps: string): readonly Step[] => read(`name: w\nsteps:\n${steps}`).steps;

describe('a workflow', () => {
  test('needs no more than a name and a step', () => {
    expect(read('name: w\nsteps:\n  - command: ls\n')).toEqual({
      name: 'w',
      version: '1',
      tags: [],
      inputs: {},
      outputs: {},
      env: {},
      prerequisites: [],
      steps: [
        {
          id: 'step_1',
          type: 'shell',
          config: { command: 'ls' },
          needs: [],
          onFailure: 'stop',
          idempotent: false,
          effects: 'workspace',
          outputs: {},
          env: {},
          reads: [],
          line: 3,
        },
      ],
      cleanup: [],
    });
  });

  test('keeps everything it says', () => {
    const workflow = read(`
name: w
version: 1.10
description: d
category: c
tags: [a, b]
max_parallel: 3
env: { PORT: 8080, DEBUG: true }
inputs:
  replicas: { type: integer, default: 2, minimum: 1, maximum: 9 }
  name: { required: true, pattern: '[a-z]+' }
outputs:
  short: "{{ inputs.name }}"
  long: { type: string, description: what, value: "{{ inputs.replicas }}" }
  named: { type: number }
prerequisites:
  - { tool: node, version: ">=20" }
  - { env: TOKEN }
  - { reachable: "https://example.org" }
  - { disk: 1GB }
steps: [{ command: ls }]
cleanup: [{ command: a }, { id: last, command: b }]
`);
    expect(workflow.version).toBe('1.10');
    expect(workflow.maxParallel).toBe(3);
    expect(workflow.env).toEqual({ PORT: '8080', DEBUG: 'true' });
    expect(workflow.inputs).toEqual({
      replicas: { type: 'integer', required: false, default: 2, minimum: 1, maximum: 9 },
      name: { type: 'string', required: true, pattern: '[a-z]+' },
    });
    expect(workflow.outputs).toEqual({
      short: { value: '{{ inputs.name }}' },
      long: { type: 'string', description: 'what', value: '{{ inputs.replicas }}' },
      named: { type: 'number' },
    });
    expect(workflow.prerequisites).toEqual([
      { kind: 'tool', tool: 'node', version: '>=20' },
      { kind: 'env', env: 'TOKEN' },
      { kind: 'reachable', reachable: 'https://example.org' },
      { kind: 'disk', bytes: 1024 ** 3 },
    ]);
    expect(workflow.cleanup.map(({ id, needs }) => ({ id, needs }))).toEqual([
      { id: 'cleanup_1', needs: [] },
      { id: 'last', needs: ['cleanup_1'] },
    ]);
  });

  test('reads the same from JSON text and from a value, which has no lines', () => {
    const value = { name: 'w', steps: [{ id: 'a', command: 'ls', timeout: '1m' }] };
    const fromText = read(JSON.stringify(value, null, '\t'));
    const fromValue = readDefinition({ value }, stepTypes).workflow!;
    expect(fromText.steps[0]!.line).toBe(4);
    const { line, ...withoutLine } = fromText.steps[0]!;
    expect(fromValue).toEqual({ ...fromText, steps: [withoutLine] });
  });
});

describe('the order of steps', () => {
  const needs = (steps: readonly Step[]) => Object.fromEntries(steps.map((step) => [step.id, step.needs]));

  test('is the chain unless `needs` is written', () => {
    const steps = withSteps(`
  - { id: a, command: x }
  - { id: b, command: x }
  - { id: c, command: x, needs: [] }
  - { id: d, command: x, needs: a }
  - { id: e, command: x, needs: [b, c, b] }
`);
    expect(needs(steps)).toEqual({ a: [], b: ['a'], c: [], d: ['a'], e: ['b', 'c'] });
  });

  test('is free inside `parallel`, a chain inside `steps`', () => {
    const [both, group] = withSteps(`
  - { id: both, parallel: [{ id: a, command: x }, { id: b, command: x }, { id: c, command: x, needs: [a] }] }
  - { id: group, steps: [{ id: d, command: x }, { id: e, command: x }] }
`);
    expect(both!.type).toBe('block');
    expect(needs(both!.body!)).toEqual({ a: [], b: [], c: ['a'] });
    expect(needs(group!.body!)).toEqual({ d: [], e: ['d'] });
  });

  test('gives steps without an id one that is free', () => {
    const steps = withSteps(`
  - { id: step_2, command: x }
  - command: x
  - steps: [{ command: x }]
`);
    expect(steps.map(({ id }) => id)).toEqual(['step_2', 'step_2_', 'step_3']);
    expect(steps[2]!.body![0]!.id).toBe('step_3_1');
  });
});

describe('a step', () => {
  const one = (yaml: string): Step => withSteps(`  - { id: a, ${yaml} }\n`)[0]!;

  test.each([
    ['command: x, when: "1 == 1"', { when: '1 == 1' }],
    ['command: x, condition: true', { when: 'true' }],
    ['command: x, timeout: 1h30m', { timeoutMs: 5_400_000 }],
    ['command: x, timeout: 5', { timeoutMs: 5_000 }],
    ['command: x, on_failure: continue', { onFailure: 'continue' }],
    ['command: x, idempotent: true', { idempotent: true }],
    ['command: x, env: { A: 1 }', { env: { A: '1' } }],
    ['command: x, description: d', { description: 'd' }],
    ['type: wait, for: 3s', { type: 'wait', config: { for: '3s' } }],
    ['type: assert, condition: "1 == 1"', { config: { condition: '1 == 1' } }],
    ['command: x, use_cache: false', { config: { command: 'x' } }],
    ['command: x, checkpoint: false', { checkpoint: false }],
    ['command: x, effects: remote', { effects: 'remote' }],
    ['type: wait, for: 3s, effects: workspace', { effects: 'workspace' }],
    ['type: wait, for: 3s', { effects: 'none' }],
    ['type: http, url: "http://localhost/"', { effects: 'none' }],
    ['type: http, url: "http://localhost/", method: POST', { effects: 'remote' }],
    ['type: http, url: "http://localhost/", effects: remote', { effects: 'remote' }],
    ['command: x, irreversible: mail is sent', { irreversible: 'mail is sent' }],
    ['command: x, destructive: true', { destructive: true }],
    ['command: x, on_failure: rollback', { onFailure: 'rollback' }],
    ['command: x, on_failure: "rollback:checkpoint"', { onFailure: 'rollback:checkpoint' }],
    ['command: x, repeat: { max: 3 }', { repeat: { max: 3, delayMs: 0 } }],
    [
      'command: x, repeat: { until: "exit_code == 0", delay: 1s }',
      { repeat: { until: 'exit_code == 0', max: 100, delayMs: 1_000 } },
    ],
    [
      'command: x, retry: {}',
      { retry: { attempts: 3, delayMs: 1_000, backoff: 2, maxDelayMs: 60_000, jitter: 0 } },
    ],
    [
      'command: x, retry: { attempts: 5, delay: 2m }',
      { retry: { attempts: 5, delayMs: 120_000, backoff: 2, maxDelayMs: 120_000, jitter: 0 } },
    ],
  ])('%s', (yaml, expected) => {
    expect(one(yaml)).toMatchObject(expected);
  });

  test.each([
    ['foreach: 1..10', { items: 'range(1, 10)', as: 'item', maxParallel: 1, whenPerItem: false }],
    ['foreach: [1, two]', { items: [1, 'two'], as: 'item', maxParallel: 1, whenPerItem: false }],
    [
      'foreach: "range(1, 3)", as: n, when: n > 1',
      { items: 'range(1, 3)', as: 'n', maxParallel: 1, whenPerItem: true },
    ],
    [
      'foreach: "[1]", max_parallel: 4, when: index > 1',
      { items: '[1]', as: 'item', maxParallel: 4, whenPerItem: true },
    ],
  ])('%s', (yaml, expected) => {
    expect(one(`command: x, ${yaml}`).foreach).toEqual(expected);
    expect(one(`steps: [{ command: x }], ${yaml}`).foreach).toEqual(expected);
  });

  test('takes what it does not say from `defaults`', () => {
    const { steps } = read(`
name: w
defaults: { timeout: 10m, retry: { attempts: 4, on: [timeout] }, on_failure: continue, cwd: app }
steps:
  - { id: plain, command: x }
  - { id: own, command: x, timeout: 1s, retry: { attempts: 2 }, cwd: b, on_failure: stop }
  - { id: pause, type: wait, for: 1h }
  - { id: group, steps: [{ id: inner, command: x }] }
`);
    expect(steps[0]).toMatchObject({ timeoutMs: 600_000, onFailure: 'continue', config: { cwd: 'app' } });
    expect(steps[0]!.retry).toMatchObject({ attempts: 4, on: ['timeout'] });
    expect(steps[1]).toMatchObject({ timeoutMs: 1_000, onFailure: 'stop', config: { cwd: 'b' } });
    expect(steps[1]!.retry).toMatchObject({ attempts: 2, on: ['timeout'] });
    // A wait takes the time it takes, and a block has no attempts.
    for (const step of [steps[2]!, steps[3]!]) {
      expect(step.timeoutMs).toBeUndefined();
      expect(step.retry).toBeUndefined();
    }
    expect(steps[3]!.body![0]).toMatchObject({ timeoutMs: 600_000 });
  });
});

describe('the streams that are read', () => {
  test.each([
    ['its own outputs', '', 'outputs: { x: "{{ stdout }}" }', '', ['stdout']],
    ['its own until', '', 'repeat: { max: 2, until: "stderr != \'\'" }', '', ['stderr']],
    ['another step', '', '', 'steps.a.stderr', ['stderr']],
    ['another step by its bare id', '', '', 'a.stdout + a.stderr', ['stdout', 'stderr']],
    ['the whole step', '', '', 'string(steps.a)', ['stdout', 'stderr']],
    ['nothing', '', '', 'steps.a.exit_code', []],
  ])('%s', (_, __, own, other, expected) => {
    const steps = withSteps(`
  - { id: a, command: x${own && `, ${own}`} }
  - { id: b, command: x, env: { X: "{{ ${other || '1'} }}" } }
`);
    expect(steps[0]!.reads).toEqual(expected);
    expect(steps[1]!.reads).toEqual([]);
  });
});
