import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerContext } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestStates } from '../../../src/mcp/request-state.ts';

const context = {} as ServerContext;
const call = { tool: 'workflow_ask', arguments: { run_id: 'r1', about: { b: 1, a: [2, { y: 1, x: 2 }] } } };
const form = { asks: ['q0'], state: { question: 'q0' } };

let home: string;
beforeEach(async () => {
  vi.stubEnv('BELAY_LOG', 'silent');
  home = await mkdtemp(join(tmpdir(), 'belay-key-'));
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

describe('RequestStates', () => {
  it('gives back what it sealed, also to another server on the same directory', async () => {
    const sealed = await new RequestStates(home).seal(call, form, context);
    expect(await new RequestStates(home).unseal(sealed, call, context)).toMatchObject(form);
  });

  it('knows the arguments whatever the order of their keys', async () => {
    const states = new RequestStates(home);
    const sealed = await states.seal(call, form, context);
    const reordered = { ...call, arguments: { about: { a: [2, { x: 2, y: 1 }], b: 1 }, run_id: 'r1' } };
    expect(await states.unseal(sealed, reordered, context)).toMatchObject(form);
  });

  it.each([
    ['another tool', { ...call, tool: 'workflow_other' }],
    ['other arguments', { ...call, arguments: { ...call.arguments, run_id: 'r2' } }],
    ['fewer arguments', { ...call, arguments: { run_id: 'r1' } }],
  ])('refuses a state that was made for %s', async (_what, other) => {
    const states = new RequestStates(home);
    const sealed = await states.seal(call, form, context);
    await expect(states.unseal(sealed, other, context)).rejects.toMatchObject({
      code: -32602,
      data: { reason: 'invalid_request_state' },
    });
  });

  it('refuses a state that was changed in any character', async () => {
    const states = new RequestStates(home);
    const sealed = await states.seal(call, form, context);
    for (let at = 0; at < sealed.length - 1; at++) {
      const forged = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      await expect(states.unseal(forged, call, context)).rejects.toMatchObject({ code: -32602 });
    }
  });

  it('refuses a state of another data directory', async () => {
    const other = await mkdtemp(join(tmpdir(), 'belay-key-'));
    const sealed = await new RequestStates(other).seal(call, form, context);
    await expect(new RequestStates(home).unseal(sealed, call, context)).rejects.toMatchObject({
      code: -32602,
    });
    await rm(other, { recursive: true });
  });

  it('refuses a state that is older than an hour', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const states = new RequestStates(home);
    const sealed = await states.seal(call, form, context);
    vi.setSystemTime(Date.now() + 3_599_000);
    await states.unseal(sealed, call, context);
    vi.setSystemTime(Date.now() + 3_000);
    await expect(states.unseal(sealed, call, context)).rejects.toMatchObject({ code: -32602 });
  });

  it('tries again after a directory that could not be written', async () => {
    const missing = join(home, 'later');
    const states = new RequestStates(missing);
    await expect(states.seal(call, form, context)).rejects.toThrow('ENOENT');
    await mkdir(missing);
    await expect(states.seal(call, form, context)).resolves.toMatch(/^v1\./);
  });
});
