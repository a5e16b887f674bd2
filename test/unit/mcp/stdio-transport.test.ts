import { PassThrough, Writable } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MESSAGE_BYTES_MAX, StdioTransport } from '../../../src/mcp/stdio-transport.ts';

const DRAIN_MS = 5_000;

interface Reply {
  readonly id: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

async function started() {
  const input = new PassThrough();
  const output = new PassThrough();
  const onInputEnd = vi.fn();
  const transport = new StdioTransport({ input, output, drainMs: DRAIN_MS, onInputEnd });
  const received: JSONRPCMessage[] = [];
  const onclose = vi.fn();
  transport.onmessage = (message) => received.push(message);
  transport.onclose = onclose;
  await transport.start();
  /** Streams hand data on in their own time, but without timers. */
  const settle = () => new Promise(setImmediate);
  const replies = (): Reply[] =>
    String(output.read() ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { input, output, transport, received, onclose, onInputEnd, settle, replies };
}

const request = (id: number | string, method = 'tools/list') =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method })}\n`;
const answer = (id: number) => ({ jsonrpc: '2.0' as const, id, result: {} });

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

describe('StdioTransport', () => {
  it.each([
    ['not JSON', '{"jsonrpc":"2.0",\n', -32700, null],
    ['no JSON-RPC', '{"hello":1}\n', -32600, null],
    ['a batch', `[${request(1).trim()}]\n`, -32600, null],
    ['a request with broken parameters', '{"jsonrpc":"2.0","id":"a","method":"x","params":3}\n', -32600, 'a'],
    ['a broken response, whose id is ours', '{"jsonrpc":"2.0","id":4,"result":3}\n', -32600, null],
    ['nested too deep for anyone', `${'['.repeat(200_000)}\n`, -32700, null],
  ])('answers %s and goes on', async (_what, frame, code, id) => {
    const { input, received, onclose, settle, replies } = await started();
    input.write(frame);
    input.write(request(9));
    await settle();
    expect(replies()).toMatchObject([{ id, error: { code } }]);
    expect(received).toMatchObject([{ id: 9 }]);
    expect(onclose).not.toHaveBeenCalled();
  });

  it.each([
    [
      'id first',
      (fill: string) => `{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"a":"${fill}"}}\n`,
      5,
    ],
    [
      'id last',
      (fill: string) => `{"method":"tools/call","params":{"a":"${fill}"},"jsonrpc":"2.0","id":"k"}\n`,
      'k',
    ],
    ['an id that is not its own', (fill: string) => `{"method":"x","params":{"a":"${fill}","id":5}}\n`, null],
  ])('refuses an oversized message by name: %s', async (_what, frame, id) => {
    const { input, received, settle, replies } = await started();
    input.write(frame('x'.repeat(MESSAGE_BYTES_MAX)));
    input.write(request(9));
    await settle();
    const [reply] = replies();
    expect(reply).toMatchObject({ id, error: { code: -32600 } });
    expect(reply?.error?.message).toContain(`expected at most ${MESSAGE_BYTES_MAX}`);
    expect(received).toMatchObject([{ id: 9 }]);
  });

  it('answers what is open when the input ends, then closes', async () => {
    const { input, transport, onclose, onInputEnd, settle, replies } = await started();
    input.end(request(1) + request(2).trimEnd());
    await settle();
    expect(onInputEnd).toHaveBeenCalledTimes(1);
    expect(onclose).not.toHaveBeenCalled();
    await transport.send(answer(1));
    expect(onclose).not.toHaveBeenCalled();
    await transport.send(answer(2));
    await transport.closed;
    expect(onclose).toHaveBeenCalledTimes(1);
    expect(replies()).toMatchObject([{ id: 1 }, { id: 2 }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait for an answer for ever', async () => {
    const { input, transport, onclose, settle } = await started();
    input.end(request(1));
    await settle();
    vi.advanceTimersByTime(DRAIN_MS - 1);
    expect(onclose).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    await transport.closed;
    expect(onclose).toHaveBeenCalledTimes(1);
  });

  it('waits neither for a cancelled request nor for a subscription', async () => {
    const { input, transport, settle } = await started();
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    input.end(request(1) + request(2, 'subscriptions/listen') + JSON.stringify(cancelled));
    await settle();
    await transport.closed;
    await expect(transport.send(answer(1))).rejects.toThrow('the client is gone');
  });

  it('closes at once when the output breaks, and only once', async () => {
    const input = new PassThrough();
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const transport = new StdioTransport({ input, output, drainMs: DRAIN_MS, onInputEnd: () => {} });
    const onclose = vi.fn();
    transport.onclose = onclose;
    await transport.start();
    input.write(request(1));
    await expect(transport.send(answer(1))).rejects.toThrow('EPIPE');
    await transport.closed;
    output.emit('error', new Error('EPIPE again'));
    input.end();
    await new Promise(setImmediate);
    expect(onclose).toHaveBeenCalledTimes(1);
  });
});
