/** What an agent step promises to the engine: when it calls, when it asks, what it may change, what it refuses. */
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import { agentStep } from '../../../src/steps/agent.step.ts';
import { claudeCodeStep } from '../../../src/steps/claude-code.step.ts';
import { fakeContext, NOW_MS } from './fake-context.ts';

const LOCAL = { provider: 'openai', base_url: 'http://127.0.0.1:1/v1', model: 'm' };
const begun = (config: JsonObject, more: object = {}) =>
  agentStep.begin(fakeContext({ type: 'agent', config, cwd: tmpdir(), ...more }));
const accepts = (config: JsonObject) => agentStep.schema.safeParse({ prompt: 'p', ...config }).success;

test('asks the connected agent where nobody else is meant, and takes its answer', () => {
  const schema = { type: 'object', properties: { tags: { type: 'array', items: { type: 'string' } } } };
  const config = {
    prompt: 'tag it',
    providers: ['caller'],
    schema,
    expires: '1h',
    by: ['one'],
    capabilities: ['browser'],
  };
  const action = begun(config);
  expect(action).toMatchObject({
    ok: true,
    value: {
      kind: 'ask',
      ask: {
        kind: 'agent',
        askedOf: 'agent',
        schema,
        answerers: { by: ['one'], capabilities: ['browser'] },
        expiresAtMs: NOW_MS + 3_600_000,
      },
    },
  });
  const context = fakeContext({ type: 'agent', config });
  expect(agentStep.answered?.(context, { tags: ['a', 'b'] })).toMatchObject({
    ok: true,
    outputs: { tags: ['a', 'b'], provider: 'caller' },
  });
  expect(agentStep.answered?.(context, { tags: 'a' })).toMatchObject({
    ok: false,
    failure: { code: 'schema_mismatch', message: expect.stringContaining('`tags`') },
  });
  expect(agentStep.expired?.(context)).toMatchObject({ ok: false, failure: { code: 'expired' } });
});

test('takes a bare text where text was asked for', () => {
  const context = fakeContext({ type: 'agent', config: { prompt: 'p', providers: ['caller'] } });
  const outputs = { text: 'so be it', provider: 'caller' };
  expect(agentStep.answered?.(context, 'so be it')).toMatchObject({ ok: true, outputs });
  expect(agentStep.answered?.(context, { text: 'so be it' })).toMatchObject({ ok: true, outputs });
});

test('makes a call that may be made again, with a little more time than its budget', () => {
  const action = begun({ prompt: 'p', providers: [LOCAL], max_seconds: 30 });
  expect(action).toMatchObject({ ok: true, value: { kind: 'call', repeatable: true, timeoutMs: 35_000 } });
});

test('the `timeout` of the step is the only bound of its time where it is said', () => {
  const limitsOf = (config: JsonObject, timeoutMs?: number) => {
    const action = begun({ prompt: 'p', providers: [LOCAL], ...config }, { step: { timeoutMs } });
    if (!action.ok || action.value.kind !== 'call') throw new Error('no call');
    return [(action.value.call.limits as JsonObject).ms, action.value.timeoutMs];
  };
  expect(limitsOf({}, 1_000)).toEqual([undefined, undefined]);
  expect(limitsOf({ max_seconds: 30 }, 1_000)).toEqual([30_000, 35_000]);
  expect(limitsOf({})).toEqual([600_000, 605_000]);
});

test('a command line that may change things is not started twice', () => {
  const repeatable = (config: JsonObject, step: object = {}) => {
    const context = { type: 'claude_code', config, cwd: tmpdir(), programs: ['claude'], step };
    const action = claudeCodeStep.begin(fakeContext(context));
    return action.ok && action.value.kind === 'call' && action.value.repeatable;
  };
  expect(repeatable({ prompt: 'p' })).toBe(true);
  expect(repeatable({ prompt: 'p', security_profile: 'standard' })).toBe(false);
  expect(repeatable({ prompt: 'p', security_profile: 'standard' }, { idempotent: true })).toBe(true);
});

test('says what is missing where nobody can be asked', () => {
  const action = claudeCodeStep.begin(fakeContext({ type: 'claude_code', config: { prompt: 'p' } }));
  expect(action).toMatchObject({ ok: false, error: { code: 'no_provider', retry: 'final' } });
});

test('what it may change follows from its profile', () => {
  const effects = (profile?: string) =>
    agentStep.effectsOf?.({ prompt: 'p', ...(profile && { security_profile: profile }) });
  const server = { command: 'x' };
  const mcp_tools = [{ name: 'a', server, tools: ['t'] }];
  expect(agentStep.effectsOf?.({ prompt: 'p', security_profile: 'standard', mcp_tools })).toBe('remote');
  expect([effects(), effects('restricted'), effects('standard'), effects('privileged')]).toEqual([
    ...['none', 'none', 'workspace', 'remote'],
  ]);
});

test('the programs that it runs are given no keys', () => {
  const environment = { PATH: '/bin', MINE: 'the-key-itself', OPENAI_API_KEY: 'another-key' };
  const providers = [{ ...LOCAL, key_env: 'MINE' }];
  const action = begun({ prompt: 'p', providers }, { environment });
  if (!action.ok || action.value.kind !== 'call') throw new Error('no call');
  expect(action.value.call.env).toEqual({ PATH: '/bin' });
});

test.each([
  ['an unknown provider', { providers: ['openia'] }],
  ['a key', { providers: [{ ...LOCAL, key: 'sk-x' }] }],
  ['a key for the name of a variable', { providers: [{ ...LOCAL, key_env: 'sk-proj-x' }] }],
  ['a URL with a password', { providers: [{ ...LOCAL, base_url: 'http://u:p@host' }] }],
  ['a URL of another kind', { providers: [{ ...LOCAL, base_url: 'file:///x' }] }],
  ['a schema that is none', { schema: { type: 'nothing' } }],
  ['a schema with an output of the step', { schema: { type: 'object', properties: { usage: {} } } }],
  ['a cost without prices', { max_cost: 1 }],
  ['no turns', { max_turns: 0 }],
  [
    'a command that is more than words',
    { allow_commands: ['npm test), Bash(*'], security_profile: 'standard' },
  ],
  ['an unknown tool', { tools: ['sing'] }],
  ['a tool that the profile does not have', { tools: ['write_file'] }],
  ['commands that the profile does not run', { allow_commands: ['npm test'] }],
  ['capabilities of nobody', { providers: [LOCAL], capabilities: ['browser'] }],
  ['a capability that is no name', { capabilities: ['{{ inputs.x }}'] }],
  ['an unknown profile', { security_profile: 'lax' }],
])('refuses %s', (_, config) => {
  expect(accepts({})).toBe(true);
  expect(accepts(config as JsonObject)).toBe(false);
});
