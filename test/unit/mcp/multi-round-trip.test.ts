/** The 2026-07-28 way to ask, seen from the wire: what a client that is not well-behaved can try. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { mcpServerFactory } from '../../../src/mcp/server.ts';
import { fakeBelay, fakeTools } from './fake-tools.ts';

interface Answer {
  readonly result?: {
    readonly resultType?: string;
    readonly requestState?: string;
    readonly inputRequests?: object;
    readonly structuredContent?: object;
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: object };
}

let home: string;
beforeEach(async () => {
  vi.stubEnv('BELAY_LOG', 'silent');
  home = await mkdtemp(join(tmpdir(), 'belay-mrtr-'));
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

/** A connection that sends what it is told and gives back the answers. */
async function connection(capabilities: object = { elicitation: { form: {} } }) {
  const factory = mcpServerFactory({
    home,
    open: async () => ok(fakeBelay(home)),
    tools: fakeTools(),
    version: '0.0.0',
    cwd: '/project',
    leaving: new AbortController().signal,
  });
  const [clientSide, transport] = InMemoryTransport.createLinkedPair();
  const waiting = new Map<unknown, (answer: Answer) => void>();
  clientSide.onmessage = (message) => {
    if ('id' in message) waiting.get(message.id)?.(message as Answer);
  };
  serveStdio(factory, { transport });
  await clientSide.start();
  let id = 0;
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  return (args: object, retry: object = {}): Promise<Answer> => {
    id += 1;
    const params = { name: 'workflow_ask', arguments: args, _meta, ...retry };
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    void clientSide.send({ jsonrpc: '2.0', id, method: 'tools/call', params } as JSONRPCMessage);
    return answered;
  };
}

const inputResponses = { q0: { action: 'accept', content: { answer: 'yes' } } };
const refused = { error: { code: -32602, data: { reason: 'invalid_request_state' } } };

describe('a 2026-07-28 call that asks', () => {
  it('is answered with the forms and goes on with the responses, also at another server', async () => {
    const first = await (await connection())({ rounds: 1 });
    expect(first.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: {
        q0: { method: 'elicitation/create', params: { mode: 'form', message: 'round 0' } },
      },
    });
    const retry = { requestState: first.result?.requestState, inputResponses };
    const second = await (await connection())({ rounds: 1 }, retry);
    expect(second.result?.structuredContent).toEqual({ human: true, log: [inputResponses] });
  });

  it('refuses a forged, a foreign and an expired state', async () => {
    const call = await connection();
    const requestState = (await call({ rounds: 1 })).result?.requestState ?? '';
    expect(await call({ rounds: 1 }, { requestState: `${requestState}x`, inputResponses })).toMatchObject(
      refused,
    );
    expect(await call({ rounds: 2 }, { requestState, inputResponses })).toMatchObject(refused);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
    expect(await call({ rounds: 1 }, { requestState, inputResponses })).toMatchObject(refused);
  });

  it('takes no responses without a state: it asks', async () => {
    const call = await connection();
    const answer = await call({ rounds: 1 }, { inputResponses });
    expect(answer.result?.resultType).toBe('input_required');
  });

  it.each([
    ['without the capability', {}],
    ['that only opens addresses', { elicitation: { url: {} } }],
  ])('takes no answer from a client %s, even with a true state', async (_what, capabilities) => {
    const requestState = (await (await connection())({ rounds: 1 })).result?.requestState;
    const answer = await (await connection(capabilities))({ rounds: 1 }, { requestState, inputResponses });
    expect(answer.result?.structuredContent).toEqual({ human: false, log: [] });
  });

  it.each([
    ['nothing', {}],
    ['another form', { q9: { action: 'accept', content: { answer: 'yes' } } }],
    ['no known action', { q0: { action: 'force', content: { answer: 'yes' } } }],
  ])('counts %s as a cancelled form', async (_what, responses) => {
    const call = await connection();
    const requestState = (await call({ rounds: 1 })).result?.requestState;
    const answer = await call({ rounds: 1 }, { requestState, inputResponses: responses });
    expect(answer.result?.structuredContent).toEqual({ human: false, log: [{ q0: { action: 'cancel' } }] });
  });

  it('leaves the question open when there is no key to sign with', async () => {
    await rm(home, { recursive: true });
    const answer = await (await connection())({ rounds: 1 });
    expect(answer.result?.structuredContent).toEqual({ human: false, log: [] });
  });
});
