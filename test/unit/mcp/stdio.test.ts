/** The server as a program of its own: real pipes, real clients, and clients that misbehave or vanish. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allClients } from './clients.ts';
import { fakeTools } from './fake-tools.ts';

const FIXTURE = fileURLToPath(new URL('./fixture-server.ts', import.meta.url));

let home: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-stdio-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true });
});

interface Frame {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: { readonly tools?: object[]; readonly structuredContent?: object };
  readonly error?: { readonly code: number };
}

/** Starts the fixture; frames and stderr lines are read in the order in which they come. */
function start() {
  const child = spawn(process.execPath, [FIXTURE, home, '/project'], { stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  child.stdin.on('error', () => {});
  const frames = createInterface(child.stdout)[Symbol.asyncIterator]();
  const errors: string[] = [];
  createInterface(child.stderr).on('line', (line) => errors.push(line));
  const closed = once(child, 'close');
  return {
    child,
    errors,
    closed,
    send: (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`),
    next: async (): Promise<Frame> => JSON.parse((await frames.next()).value ?? '{}'),
  };
}

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const callOf = (id: number, name: string, args: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args, _meta: { progressToken: id } },
});

describe('serveMcpStdio', { timeout: 60_000 }, () => {
  it.each(allClients)('serves %s', async (name, connect, revision) => {
    const Transport = name === 'SDK v1' ? LegacyTransport : ModernTransport;
    const transport = new Transport({
      command: process.execPath,
      args: [FIXTURE, home, '/project'],
      stderr: 'ignore',
    });
    const client = await connect(transport, () => ({ action: 'accept', content: { answer: 'yes' } }));
    expect(client.revision()).toBe(revision);
    await client.listTools();
    expect((await client.call('workflow_steps', { total: 3 })).structuredContent).toEqual({ done: 3 });
    expect((await client.call('workflow_ask')).structuredContent).toMatchObject({ human: true });
    await client.close();
  });

  it('keeps stdout for frames: what a tool prints goes to stderr', async () => {
    const { child, send, next, errors, closed } = start();
    send(initialize);
    expect((await next()).id).toBe(0);
    send(callOf(1, 'workflow_steps', { total: 1 }));
    let frame = await next();
    while (frame.method === 'notifications/progress') frame = await next();
    expect(frame).toMatchObject({ id: 1, result: { structuredContent: { done: 1 } } });
    child.stdin.end();
    await closed;
    expect(errors).toContain('this line must not reach the protocol');
  });

  it('outlives broken and oversized messages', async () => {
    const { child, send, next, closed } = start();
    send(initialize);
    child.stdin.write('this is not JSON\n');
    send(callOf(7, 'workflow_echo', { text: 'x'.repeat(5 * 1024 * 1024) }));
    send(list);
    const frames = [await next(), await next(), await next(), await next()];
    expect(frames.find((frame) => frame.error?.code === -32700)).toMatchObject({ id: null });
    expect(frames.find((frame) => frame.error?.code === -32600)).toBeDefined();
    expect(frames.find((frame) => frame.id === 1)?.result?.tools).toHaveLength(fakeTools().length);
    child.stdin.end();
    expect(await closed).toEqual([0, null]);
  });

  it('answers everything that was piped in before it ends', async () => {
    const { child, next, errors, closed } = start();
    child.stdin.end([initialize, list].map((message) => JSON.stringify(message)).join('\n'));
    expect((await next()).id).toBe(0);
    expect((await next()).result?.tools).toHaveLength(fakeTools().length);
    expect(await closed).toEqual([0, null]);
    expect(errors).toEqual(['client gone']);
  });

  it('stops waiting when the client vanishes in the middle of a call', async () => {
    const { child, send, next, errors, closed } = start();
    send(initialize);
    await next();
    send(callOf(1, 'workflow_wait'));
    expect((await next()).method).toBe('notifications/progress');
    child.stdout.destroy();
    child.stdin.end();
    expect(await closed).toEqual([0, null]);
    expect(errors).toEqual(['wait ended', 'client gone']);
  });

  it('ends when nobody reads its answers any more, although stdin stays open', async () => {
    const { child, send, next, errors, closed } = start();
    send(initialize);
    await next();
    child.stdout.destroy();
    send(list);
    expect(await closed).toEqual([0, null]);
    expect(errors).toEqual(['client gone']);
  });
});
