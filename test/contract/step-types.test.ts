/**
 * One battery over every step type: what the engine and the loader rely on, whatever the type does.
 * A new type needs one sample here, or the first test fails.
 */
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { JsonObject } from '../../src/engine/core/model.ts';
import type { Action } from '../../src/engine/core/step-type.ts';
import { stepTypes } from '../../src/steps/catalogue.ts';
import { fakeCall } from '../unit/steps/fake-call.ts';
import { fakeContext } from '../unit/steps/fake-context.ts';

const SAMPLES: { readonly [type: string]: JsonObject } = {
  shell: { command: 'echo {{ a }}' },
  http: { url: 'http://127.0.0.1:1/{{ a }}', json: { a: '{{ a }}' } },
  mcp: { server: { command: 'sh', args: ['{{ a }}'] }, tool: 't', arguments: { a: '{{ a }}' } },
  notify: { message: 'done: {{ a }}', webhook: { url: 'http://127.0.0.1:1/{{ a }}' } },
  ssh: { host: 'h{{ a }}', user: 'u', command: 'echo {{ a }}' },
  agent: {
    prompt: 'look at {{ a }}',
    providers: [{ provider: 'openai', base_url: 'http://127.0.0.1:1/v1', model: 'm' }, 'caller'],
    schema: { type: 'object', properties: { b: { type: 'string' } } },
  },
  claude_code: { prompt: 'look at {{ a }}', inputs: ['*'], security_profile: 'standard', max_turns: 3 },
  assert: { condition: 'a' },
  set: { values: { b: '{{ a }}' } },
  wait: { for: '1s' },
  approval: { message: 'go, {{ a }}?', expires: '1h' },
  checkpoint: { name: 'before', paths: ['app'], capture: 'dump', restore: 'load', timeout: '10s' },
  workflow: { workflow: 'other', inputs: { b: '{{ a }}' }, cwd: 'app' },
  input: { message: 'what?', fields: { c: { type: 'string' } }, expires: '1h' },
};

test('every type has a sample', () => {
  expect(Object.keys(SAMPLES).sort()).toEqual(stepTypes.map(({ type }) => type).sort());
});

describe.each(stepTypes.map((type) => [type.type, type] as const))('%s', (name, type) => {
  const config = SAMPLES[name] as JsonObject;
  const programs = ['bash', 'sh', 'claude'];
  const known = fakeContext({ type: name, config, cwd: tmpdir(), values: { a: true }, programs });
  const begin = (): Action => {
    const begun = type.begin(known);
    if (!begun.ok) throw new Error(begun.error.message);
    return begun.value;
  };

  test('knows the kind of each of its fields, and of no other', () => {
    const kinds = Object.keys(type.fields).filter((field) => !field.includes('.'));
    expect(kinds.sort()).toEqual(Object.keys(type.schema.shape).sort());
  });

  test('refuses unknown fields and changes nothing that it accepts', () => {
    expect(type.schema.safeParse({ ...config, unheard_of: 1 }).success).toBe(false);
    expect(type.schema.parse(config)).toEqual(config);
  });

  test('has a JSON Schema for editors with every field described', () => {
    const { properties } = z.toJSONSchema(type.schema, { io: 'input' });
    for (const property of Object.values(properties ?? {})) expect(property).toHaveProperty('description');
  });

  test('begins twice with the same action, made of data', () => {
    const action = begin();
    expect(begin()).toEqual(action);
    expect(JSON.parse(JSON.stringify(action))).toEqual(action);
  });

  test('can go on after the action it asks for', () => {
    const { kind } = begin();
    // the config of an agent says whether it calls or asks
    const isAsking = kind === 'ask' || name === 'agent' || name === 'claude_code';
    expect(typeof type.exited).toBe(kind === 'process' ? 'function' : 'undefined');
    expect(typeof type.perform).toBe(kind === 'call' ? 'function' : 'undefined');
    expect(typeof type.answered).toBe(isAsking ? 'function' : 'undefined');
    expect(typeof type.expired).toBe(isAsking ? 'function' : 'undefined');
  });

  test.runIf(type.perform)('ends a call when it is told to', async () => {
    const { call } = begin() as Extract<Action, { readonly kind: 'call' }>;
    await expect(type.perform?.(call, fakeCall({ signal: AbortSignal.abort() }))).rejects.toThrow();
  });

  test('plans without acting, also when values are not there yet', () => {
    const unknown = fakeContext({ type: name, config, cwd: '/nowhere' });
    expect(type.plan?.(known).does).toMatch(/\S/);
    expect(type.plan?.(unknown).does).toMatch(/\S/);
  });
});
