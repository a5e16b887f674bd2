import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMcpHandler, InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import type { ResourceReader } from '../../../src/mcp/resources.ts';
import { mcpServerFactory } from '../../../src/mcp/server.ts';
import { type AnswerForm, allClients, type Connect, type TestClient } from './clients.ts';
import { fakeBelay, fakeTools } from './fake-tools.ts';

const resources: ResourceReader = {
  templates: [
    {
      uriTemplate: 'belay://runs/{run_id}',
      name: 'run',
      title: 'Run',
      description: 'a run',
      mimeType: 'application/json',
    },
  ],
  list: async () => [{ uri: 'belay://runs/r1', name: 'r1', mimeType: 'application/json' }],
  read: async (uri) => (uri === 'belay://runs/r1' ? { mimeType: 'application/json', text: '{}' } : undefined),
};

let home: string;
let leaving: AbortController;
const clients: TestClient[] = [];

beforeEach(async () => {
  vi.stubEnv('BELAY_LOG', 'silent');
  home = await mkdtemp(join(tmpdir(), 'belay-mcp-'));
  leaving = new AbortController();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

function factory() {
  return mcpServerFactory({
    home,
    open: async () => ok(fakeBelay(home)),
    tools: fakeTools(),
    resources,
    version: '0.0.0',
    cwd: '/project',
    leaving: leaving.signal,
  });
}

async function connected(connect: Connect, answerForm?: AnswerForm): Promise<TestClient> {
  const [clientSide, transport] = InMemoryTransport.createLinkedPair();
  serveStdio(factory(), { transport });
  const client = await connect(clientSide, answerForm);
  clients.push(client);
  return client;
}

const accept = (answer: string) => ({ action: 'accept', content: { answer } });

describe.each(allClients)('an MCP client: %s', (_name, connect, revision) => {
  it('lists the tools with schemas that hold an answer or an error', async () => {
    const client = await connected(connect);
    expect(client.revision()).toBe(revision);
    const tools = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(fakeTools().map((tool) => tool.name));
    expect(tools[0]).toMatchObject({
      title: 'workflow_echo',
      annotations: { readOnlyHint: true, destructiveHint: false },
      inputSchema: { type: 'object', required: ['text'], additionalProperties: false },
      outputSchema: { type: 'object', anyOf: [{ required: ['text', 'caller', 'human', 'cwd'] }, {}] },
    });
  });

  it('gets text, links and structured content, and is known by name', async () => {
    const client = await connected(connect);
    await client.listTools();
    const answer = await client.call('workflow_echo', { text: 'hi' });
    expect(answer.isError).toBeFalsy();
    expect(answer.content).toMatchObject([
      { type: 'text', text: 'echo: hi' },
      { type: 'resource_link', uri: 'belay://runs/r1', name: 'r1' },
    ]);
    expect(answer.structuredContent).toEqual({
      text: 'hi',
      caller: 'mcp:test-client',
      human: false,
      cwd: '/project',
    });
  });

  it('gets errors whole, although it checks the output schema', async () => {
    const client = await connected(connect);
    await client.listTools();
    const answer = await client.call('workflow_fail');
    expect(answer.isError).toBe(true);
    expect(answer.structuredContent).toMatchObject({
      code: 'unknown_run',
      next: [{ tool: 'workflow_history', arguments: { limit: 5 } }],
    });
    expect(answer.content[0]?.text).toBe(
      'unknown run `r9`\nhint: workflow_history lists runs\nnext: workflow_history {"limit":5} (lists runs)',
    );
  });

  it.each([
    [{ txt: 'x', text: 'x' }, 'unknown_argument', 'unknown argument `txt`', 'did you mean `text`'],
    [{ text: 7 }, 'invalid_input', 'argument `text`: found number 7, expected string', /takes `text`/],
  ])('gets a tool error for %j', async (args, code, message, hint) => {
    const client = await connected(connect);
    await client.listTools();
    const answer = await client.call('workflow_echo', args);
    expect(answer.isError).toBe(true);
    expect(answer.structuredContent).toMatchObject({ code, message, hint: expect.stringMatching(hint) });
  });

  it('gets a protocol error for an unknown tool', async () => {
    const client = await connected(connect);
    await expect(client.call('workflow_eco')).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('tool `workflow_eco` is not known; did you mean `workflow_echo`'),
    });
  });

  it('gets a bug by its id, without a stack or a secret', async () => {
    const client = await connected(connect);
    await client.listTools();
    const answer = await client.call('workflow_break');
    expect(answer.structuredContent).toMatchObject({ code: 'internal', data: { id: expect.any(String) } });
    expect(JSON.stringify(answer)).not.toMatch(/secret detail|fake-tools/);
  });

  it('gets what storage refuses as a tool error', async () => {
    const client = await connected(connect);
    await client.listTools();
    const answer = await client.call('workflow_unreadable');
    expect(answer).toMatchObject({
      isError: true,
      structuredContent: { code: 'io', message: 'the disk is gone', hint: 'check the disk' },
    });
  });

  it('answers forms, round after round, as a human', async () => {
    const client = await connected(connect, accept);
    const answer = await client.call('workflow_ask', { rounds: 2, about: { b: 1, a: 2 } });
    expect(answer.structuredContent).toEqual({
      human: true,
      log: [{ q0: accept('round 0') }, { q1: accept('round 1') }],
    });
  });

  it.each([
    ['decline', true],
    ['cancel', false],
  ])('hands a form on that was met with %s, by a human: %s', async (action, human) => {
    const client = await connected(connect, () => ({ action }));
    const answer = await client.call('workflow_ask');
    expect(answer.structuredContent).toEqual({ human, log: [{ q0: { action } }] });
  });

  it('is not asked without the capability', async () => {
    const client = await connected(connect);
    const answer = await client.call('workflow_ask');
    expect(answer.structuredContent).toEqual({ human: false, log: [] });
    expect(answer.content[0]?.text).toBe('the question is open');
  });

  it('is not asked with a form that it could not show', async () => {
    const client = await connected(connect, accept);
    const answer = await client.call('workflow_ask_nested');
    expect(answer.content[0]?.text).toBe('the question is open');
  });

  it('follows the progress, which rises to the end', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
    const client = await connected(connect);
    const seen: { progress: number; total?: number; message?: string }[] = [];
    await client.call('workflow_steps', { total: 3 }, { onprogress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ progress: 3, total: 3, message: '[3/3] succeeded' });
    const values = seen.map(({ progress }) => progress);
    expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
  });

  it('ends a wait by cancelling, and can go on calling', async () => {
    const client = await connected(connect);
    const cancel = new AbortController();
    const waiting = client.call(
      'workflow_wait',
      {},
      {
        signal: cancel.signal,
        onprogress: () => cancel.abort('enough'),
      },
    );
    await expect(waiting).rejects.toThrow('enough');
    expect((await client.call('workflow_echo', { text: 'still here' })).isError).toBeFalsy();
  });

  it('has its waits ended when it is leaving, and still gets the answer', async () => {
    const client = await connected(connect);
    const waiting = client.call('workflow_wait', {}, { onprogress: () => leaving.abort() });
    expect((await waiting).structuredContent).toEqual({ ended: true });
  });

  it('reads a resource', async () => {
    const client = await connected(connect);
    expect(await client.readResource('belay://runs/r1')).toMatchObject({ contents: [{ text: '{}' }] });
  });

  it.each(['belay://runs/r2', 'belay://runs/%E0%A4%A', 'file:///etc/passwd'])(
    'is told that %s is not known',
    async (uri) => {
      const client = await connected(connect);
      await expect(client.readResource(uri)).rejects.toMatchObject({ code: -32602, data: { uri } });
    },
  );
});

describe('over HTTP', () => {
  const call = { method: 'tools/call', params: { name: 'workflow_echo', arguments: { text: 'hi' } } };
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'http-client', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };

  it.each([
    ['2026-07-28', { ...call.params, _meta: envelope }, 'mcp:http-client'],
    ['2025-11-25', call.params, 'mcp:unknown'],
  ])('the same factory answers a client of %s', async (revision, params, caller) => {
    const handler = createMcpHandler(factory());
    const request = new Request('http://127.0.0.1/mcp', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': revision,
        'mcp-method': call.method,
        'mcp-name': 'workflow_echo',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: call.method, params }),
    });
    expect(await (await handler.fetch(request)).text()).toContain(`"caller":"${caller}"`);
    await handler.close();
  });
});
