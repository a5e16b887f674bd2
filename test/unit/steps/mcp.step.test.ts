/** What `mcp` makes of its fields before any server is there: what it refuses, promises and plans. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import type { Action } from '../../../src/engine/core/step-type.ts';
import type { McpCall } from '../../../src/steps/mcp/mcp-call.ts';
import { mcpStep } from '../../../src/steps/mcp.step.ts';
import { fakeContext } from './fake-context.ts';
import { begun, scratch, type Terms } from './mcp/calling.ts';

const SH = { command: 'sh', args: ['-c', 'exit'] };
const WEB = { url: 'https://example.org/mcp' };
const HASH = 'a'.repeat(64);

function callOf(config: JsonObject, terms: Terms = {}) {
  const action = begun(config, terms);
  if (!action.ok) throw new Error(action.error.message);
  const { call, ...more } = action.value as Extract<Action, { readonly kind: 'call' }>;
  return { call: call as McpCall, ...more };
}

test.each<[string, JsonObject]>([
  ['nothing to do', { server: SH }],
  ['two things to do', { server: SH, tool: 't', resource: 'x://y' }],
  ['no server', { tool: 't' }],
  ['a server of both kinds', { server: { ...SH, ...WEB }, tool: 't' }],
  ['a program from an expression', { server: { command: '{{ inputs.program }}' }, tool: 't' }],
  ['arguments of a resource', { server: SH, resource: 'x://y', arguments: {} }],
  ['a pin for a prompt', { server: SH, prompt: 'p', pin: HASH }],
  ['a pin that is no digest', { server: SH, tool: 't', pin: 'abc' }],
  ['a policy for changes without a pin', { server: SH, tool: 't', on_change: 'ask' }],
  ['a policy for changes besides `pin: ask`', { server: SH, tool: 't', pin: 'ask', on_change: 'fail' }],
  ['a header of the protocol', { server: { ...WEB, headers: { 'Mcp-Session-Id': 'x' } }, tool: 't' }],
  ['a header of the connection', { server: { ...WEB, headers: { host: 'x' } }, tool: 't' }],
  ['a variable with a strange name', { server: { ...SH, env: { 'A=B': 'x' } }, tool: 't' }],
])('refuses %s', (_, config) => {
  expect(mcpStep.schema.safeParse(config).success).toBe(false);
});

test.each([HASH, `${HASH}.00000000.11111111.22222222.33333333`, 'ask'])('takes the pin %s', (pin) => {
  expect(mcpStep.schema.safeParse({ server: SH, tool: 't', pin }).success).toBe(true);
});

test('a tool may be called twice only where the step says so; to read is harmless', () => {
  expect(callOf({ server: SH, tool: 't' }).repeatable).toBe(false);
  expect(callOf({ server: SH, tool: 't' }, { step: { idempotent: true } }).repeatable).toBe(true);
  expect(callOf({ server: SH, resource: 'x://y' }).repeatable).toBe(true);
  expect(callOf({ server: SH, prompt: 'p' }).repeatable).toBe(true);
});

test('what it may change', () => {
  const effectsOf = (config: JsonObject) => mcpStep.effectsOf?.({ server: SH, ...config });
  expect(effectsOf({ tool: 't' })).toBe('remote');
  expect(effectsOf({ resource: 'x://y' })).toBe('none');
  expect(effectsOf({ resource: 'x://y', save_to: 'files' })).toBe('workspace');
  expect(effectsOf({ prompt: 'p' })).toBe('none');
});

test('arguments keep the types of their values, also deep inside', () => {
  const values = { 'inputs.n': 3, 'inputs.list': [1, 'a'], 'inputs.who': 'ann' };
  const given = {
    n: '{{ inputs.n }}',
    deep: { all: '{{ inputs.list }}' },
    text: 'for {{ inputs.who }}',
    raw: true,
  };
  const { target } = callOf({ server: SH, tool: 't', arguments: given }, { values }).call;
  expect(target).toEqual({
    kind: 'tool',
    name: 't',
    arguments: { n: 3, deep: { all: [1, 'a'] }, text: 'for ann', raw: true },
  });
});

test('a program gets the environment of steps, and what the server adds to it', () => {
  const cwd = scratch();
  mkdirSync(join(cwd, 'app'));
  const server = {
    ...SH,
    args: ['{{ a }}; rm -rf /'],
    cwd: 'app',
    env: { API_TOKEN: '{{ env.T }}', PORT: 1 },
    roots: ['app'],
  };
  const terms = { cwd, values: { a: 'x y', 'env.T': 'hush-hush' }, environment: { PATH: '/bin', LANG: 'C' } };
  const { call } = callOf({ server, tool: 't' }, terms);
  expect(call.server).toEqual({
    kind: 'program',
    command: 'sh',
    args: ['x y; rm -rf /'],
    cwd: join(cwd, 'app'),
    env: { PATH: '/bin', LANG: 'C', API_TOKEN: 'hush-hush', PORT: '1' },
    roots: [join(cwd, 'app')],
  });
  expect(call.secrets).toEqual(['hush-hush']);
});

test('headers that open doors are secrets, with and without their scheme', () => {
  const headers = { Authorization: 'Bearer {{ env.T }}', 'X-Team': 'builders' };
  const { call } = callOf({ server: { ...WEB, headers }, tool: 't' }, { values: { 'env.T': 'hush-hush' } });
  expect(call.server).toMatchObject({ headers: { authorization: 'Bearer hush-hush', 'x-team': 'builders' } });
  expect(call.secrets).toEqual(['Bearer hush-hush', 'hush-hush']);
});

test.each<[string, JsonObject, boolean]>([
  ['written', { url: 'http://127.0.0.1:1/{{ a }}' }, false],
  ['from an expression', { url: 'http://{{ a }}/mcp' }, true],
  ['half written', { url: 'http://127.0.0.1{{ a }}/mcp' }, true],
  ['from an expression, and allowed', { url: 'http://{{ a }}/mcp', allow_private: true }, false],
])('whether the address is checked: a host %s', (_, server, isChecked) => {
  expect(callOf({ server, tool: 't' }, { values: { a: '1' } }).call.server).toMatchObject({ isChecked });
});

test.each<[string, JsonObject, string]>([
  [
    'a program that is not there',
    { server: { command: 'no-such-program' }, tool: 't' },
    'server_not_started',
  ],
  ['a directory that is not there', { server: { ...SH, cwd: 'nowhere' }, tool: 't' }, 'cwd_missing'],
  ['no URL', { server: { url: 'example.org' }, tool: 't' }, 'request_invalid'],
  ['another scheme', { server: { url: 'file:///etc/passwd' }, tool: 't' }, 'request_invalid'],
  ['a password in the URL', { server: { url: 'https://a:b@example.org' }, tool: 't' }, 'request_invalid'],
  ['a broken header', { server: { ...WEB, headers: { a: 'x\ny' } }, tool: 't' }, 'request_invalid'],
  ['a NUL in an argument', { server: { command: 'sh', args: ['a\0b'] }, tool: 't' }, 'request_invalid'],
  ['a number for a prompt', { server: SH, prompt: 'p', arguments: { n: 1 } }, 'request_invalid'],
  ['an unknown value', { server: SH, tool: '{{ nowhere }}' }, 'expression'],
])('fails before anything is started: %s', (_, config, code) => {
  const action = begun(config);
  expect(action.ok).toBe(false);
  expect(!action.ok && action.error).toMatchObject({ code, retry: 'final' });
});

test.each<[JsonObject, RegExp]>([
  [{ server: SH, tool: 't' }, /^calls tool `t` of server `sh -c exit`; its definition is not pinned/],
  [
    { server: WEB, tool: 't', pin: HASH },
    /`https:\/\/example.org\/mcp`; .* pinned to `a{64}`, and the step fails/,
  ],
  [{ server: SH, tool: 't', pin: HASH, on_change: 'ask' }, /asks a person when it is another/],
  [{ server: SH, tool: 't', pin: 'ask' }, /a person is shown its definition first/],
  [{ server: SH, resource: 'x://y' }, /^reads resource `x:\/\/y`/],
  [{ server: SH, prompt: 'p' }, /^gets prompt `p`/],
])('plans %j', (config, does) => {
  expect(mcpStep.plan?.(fakeContext({ type: 'mcp', config, cwd: '/' })).does).toMatch(does);
});

test('a plan shows neither variables nor headers nor queries', () => {
  const values = { t: 'hush-hush' };
  const servers = [
    { url: 'https://example.org/mcp?key={{ t }}', headers: { authorization: '{{ t }}' } },
    { ...SH, env: { TOKEN: '{{ t }}' } },
  ];
  for (const server of servers)
    expect(
      JSON.stringify(mcpStep.plan?.(fakeContext({ type: 'mcp', config: { server, tool: 't' }, values }))),
    ).not.toContain('hush');
});
