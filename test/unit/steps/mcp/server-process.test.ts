/** Programs that are no good servers: each end has its own failure, and nothing of any of them stays behind. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import type { Action } from '../../../../src/engine/core/step-type.ts';
import { mcpStep } from '../../../../src/steps/mcp.step.ts';
import { fakeCall } from '../fake-call.ts';
import {
  begun,
  called,
  calling,
  failureOf,
  isAlive,
  odd,
  outputsOf,
  scratch,
  type Terms,
  until,
} from './calling.ts';

const greet = { tool: 'greet', arguments: { name: 'Ann' } };

test.each([
  ['plain', '2026-07-28'],
  ['modern', '2026-07-28'],
  ['older', '2025-11-25'],
])('a server of either era is understood: %s', async (how, version) => {
  const { outcome, io } = await called({ server: odd(how), ...greet });
  expect(outcome).toMatchObject({ ok: true, outputs: { text: 'hello Ann' } });
  expect(io.written.text).toContain(`server \`odd\` at \`node\` speaks MCP ${version}\n`);
});

test('lines that are no messages are logged, and do no harm', async () => {
  const { outcome, io } = await called({ server: odd('noise'), ...greet });
  expect(outcome.ok).toBe(true);
  expect(io.written.text).toContain('no MCP message on standard output: starting up…\n');
});

test.each<[string, string, string, RegExp]>([
  ['exit', 'server_not_started', 'again', /^server `node` did not start: exit code 2$/],
  ['garbage', 'not_mcp', 'final', /it printed `Welcome to the wrong program`/],
  ['flood', 'not_mcp', 'final', /it printed `x+` and much more/],
  ['endless', 'response_too_large', 'final', /sent more than 16777216 bytes at once/],
])('a program that does not speak MCP: %s', async (how, code, retry, message) => {
  const failure = await failureOf({ server: odd(how), ...greet });
  expect(failure).toMatchObject({ code, retry, message: expect.stringMatching(message) });
});

test.each(['plain', 'older'])(
  'what a server logs over the protocol is in the log of the step: %s',
  async (how) => {
    const { io } = await called({ server: odd(how), tool: 'chat' });
    expect(io.written.text).toContain('info kitchen: tea is ready\nwarning: {"left":0}\n');
  },
);

test('progress that comes in one piece with the answer is in the log too', async () => {
  const { outcome, io } = await called({ server: odd('halting'), tool: 'work' });
  expect(outcome).toMatchObject({ ok: true, outputs: { text: 'done' } });
  expect(io.written.text).toContain('progress 1 of 2\nprogress 2 of 2\n');
});

test('what a program says on standard error is in the log', async () => {
  const { io } = await called({ server: odd('exit'), ...greet });
  expect(io.written.text).toContain('no configuration\n');
});

test('a program that says nothing at all is given up after `start_timeout`', async () => {
  const failure = await failureOf({ server: odd('silent'), ...greet, start_timeout: '300ms' });
  expect(failure).toMatchObject({
    code: 'server_not_started',
    retry: 'again',
    message: 'server `node` did not speak MCP within 0.3 s',
  });
});

test('a file that is no program', async () => {
  const command = join(scratch(), 'text');
  writeFileSync(command, 'words');
  const failure = await failureOf({ server: { command }, ...greet }, { programs: [command] });
  const message = expect.stringContaining('EACCES');
  expect(failure).toMatchObject({ code: 'server_not_started', message });
});

test.each([
  [{}, 'final', /whether it was done is unknown/],
  [{ step: { idempotent: true } }, 'again', /may be called again/],
] as [Terms, string, RegExp][])(
  'a server that falls over in the middle, with %j',
  async (terms, retry, hint) => {
    const { outcome, io } = await called({ server: odd('plain'), tool: 'die' }, terms);
    const message = 'server `odd` at `node` ended before it answered: exit code 3';
    expect(outcome).toMatchObject({
      ok: false,
      failure: { code: 'server_exited', retry, message, hint: expect.stringMatching(hint) },
    });
    expect(io.written.text).toContain('about to fall over');
  },
);

test('an error of the protocol is told as the server says it', async () => {
  const failure = await failureOf({ server: odd('plain'), tool: 'refuse' });
  expect(failure).toMatchObject({ code: 'mcp_refused', retry: 'final', data: { mcp_code: -32_000 } });
  expect(failure.message).toBe('server `odd` at `node` refused: not today');
});

test('a tool that says nothing for too long', async () => {
  const config: JsonObject = { server: odd('plain'), tool: 'hang' };
  const action = begun(config);
  if (!action.ok) throw new Error(action.error.message);
  const { call } = action.value as Extract<Action, { readonly kind: 'call' }>;
  expect(call.silentMs).toBe(300_000);
  const outcome = await mcpStep.perform?.({ ...call, silentMs: 300 }, fakeCall());
  expect(outcome).toMatchObject({ ok: false, failure: { code: 'timeout', retry: 'final' } });
});

test('a step with a timeout of its own is as patient as that', () => {
  const action = begun({ server: odd('plain'), tool: 'hang' }, { step: { timeoutMs: 3_600_000 } });
  expect(action.ok && action.value).not.toHaveProperty('call.silentMs');
});

const stubborn = () => {
  const file = join(scratch(), 'pids');
  const pids = (): readonly number[] => JSON.parse(readFileSync(file, 'utf8'));
  return { server: odd('stubborn', file), isThere: () => existsSync(file), pids };
};
const gone = (pids: readonly number[]) => until(() => !pids.some(isAlive));

test('a server that does not leave is ended with all its children when the call is done', async () => {
  const { server, pids } = stubborn();
  expect(await outputsOf({ server, ...greet })).toMatchObject({ text: 'hello Ann' });
  const [leader] = pids();
  expect(isAlive(leader as number)).toBe(false);
  await gone(pids());
});

test('told to end while it starts, or in the middle of a call: rejects, and nothing is left', async () => {
  const starting = stubborn();
  const working = stubborn();
  const ending = new AbortController();
  const { signal } = ending;
  const first = calling({ server: starting.server, tool: 'hang' }, { signal });
  const second = calling({ server: working.server, tool: 'hang' }, { signal });
  const rejected = [first, second].map(({ ended }) => expect(ended).rejects.toThrow());
  await until(() => starting.isThere() && second.io.written.text.includes('hanging'));
  ending.abort();
  await Promise.all(rejected);
  for (const { pids } of [starting, working]) {
    expect(isAlive(pids()[0] as number)).toBe(false);
    await gone(pids());
  }
});

test('a program in the directory of the run is found there, wherever it is started', async () => {
  const cwd = scratch();
  mkdirSync(join(cwd, 'data'));
  const { args } = odd('plain');
  writeFileSync(join(cwd, 'start'), `#!/bin/sh\nexec "${process.execPath}" "${args[0]}"\n`, { mode: 0o755 });
  const server = { command: './start', cwd: 'data' };
  const outputs = await outputsOf({ server, tool: 'world' }, { cwd, programs: ['./start'] });
  expect(JSON.parse(String(outputs.text))).toMatchObject({ cwd: join(cwd, 'data') });
});

test('several at once do not meet', async () => {
  const names = ['Ann', 'Bea', 'Cem'];
  const all = names.map((name) => outputsOf({ server: odd('plain'), tool: 'greet', arguments: { name } }));
  expect((await Promise.all(all)).map(({ text }) => text)).toEqual(names.map((name) => `hello ${name}`));
});
