/** What bad input gets: the error that is specified for it, nothing changed, and a server that goes on. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer({ bounds: { bodyBytesMax: 4_096, headersBytesMax: 4_096 } });
});
afterAll(() => scratch.end());
afterEach(async () => {
  expect((await scratch.send('GET', '/healthz')).json).toEqual({ status: 'ok' });
  expect(scratch.belay.journal.runIds('', 10)).toEqual([]);
});

const HOST = 'Host: 127.0.0.1';
const statusOf = (answer: string): string => answer.split('\r\n')[0] ?? '';

describe('a slow connection', () => {
  let slow: ScratchServer;
  beforeAll(async () => {
    slow = await scratchServer({ bounds: { headersMsMax: 100, requestMsMax: 200, lookMs: 25 } });
  });
  afterAll(() => slow.end());

  it('is closed while its headers are on the way', async () => {
    expect(statusOf(await slow.raw(`GET /healthz HTTP/1.1\r\n${HOST}\r\nX-Slow: `))).toContain(' 408 ');
  });

  it('is closed while its body is on the way', async () => {
    const head = `POST /api/v1/runs HTTP/1.1\r\n${HOST}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    expect(statusOf(await slow.raw(head))).toContain(' 408 ');
  });
});

describe('on the wire', () => {
  it.each([
    [
      'headers that are too long',
      `GET /healthz HTTP/1.1\r\n${HOST}\r\nX-Long: ${'x'.repeat(9_000)}\r\n\r\n`,
      ' 431 ',
    ],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', ' 400 '],
    [
      'two hosts',
      `GET /healthz HTTP/1.1\r\n${HOST}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
      ' 403 ',
    ],
    ['no HTTP', 'hello\r\n\r\n', ' 400 '],
    [
      'a length and chunks',
      `POST /mcp HTTP/1.1\r\n${HOST}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`,
      ' 400 ',
    ],
    [
      'two lengths',
      `POST /mcp HTTP/1.1\r\n${HOST}\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc`,
      ' 400 ',
    ],
    ['a NUL in the path', `GET /healthz\0 HTTP/1.1\r\n${HOST}\r\n\r\n`, ' 400 '],
    [
      'an absolute address',
      `GET http://evil.example/api/v1/runs HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`,
      ' 40',
    ],
    [
      'an address of this server',
      `GET http://127.0.0.1/api/v1/runs HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`,
      ' 404 ',
    ],
    ['a tunnel', `CONNECT evil.example:443 HTTP/1.1\r\n${HOST}\r\n\r\n`, ''],
    [
      'an upgrade',
      `GET /mcp HTTP/1.1\r\n${HOST}\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`,
      ' 40',
    ],
  ])('refuses %s', async (_what, bytes, status) => {
    const answer = statusOf(await scratch.raw(bytes));
    expect(answer).toContain(status);
    expect(answer).not.toMatch(/ [23]\d\d /);
  });
});

describe('a body', () => {
  const long = JSON.stringify({ commands: [`echo ${'x'.repeat(5_000)}`] });

  it.each(['/api/v1/runs', '/mcp'])('of %s that is too long is refused', async (path) => {
    expect((await scratch.send('POST', path, { body: long })).status).toBe(413);
    const chunked = { 'transfer-encoding': 'chunked', 'content-type': 'application/json' };
    const request = `POST ${path} HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n${Object.entries(chunked)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${long.length.toString(16)}\r\n${long}\r\n0\r\n\r\n`;
    expect(statusOf(await scratch.raw(request))).toContain(' 413 ');
  });

  it('is not even awaited where its length is said', async () => {
    const head = `POST /api/v1/runs HTTP/1.1\r\n${HOST}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{`;
    expect(statusOf(await scratch.raw(head))).toContain(' 413 ');
  });
});

describe('a message to /mcp', () => {
  const accept = { accept: 'application/json, text/event-stream' };
  const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const modern = { ...LIST, params: { _meta: meta } };
  const headers = { ...accept, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };

  it('of the newest revision is answered without a session', async () => {
    const got = await scratch.send('POST', '/mcp', { body: modern, headers });
    expect(got).toMatchObject({
      status: 200,
      json: { result: { resultType: 'complete', ttlMs: expect.any(Number) } },
    });
    expect(got.headers['mcp-session-id']).toBeUndefined();
  });

  it.each([
    ['no JSON', '{"jsonrpc":', accept, 400, -32_700],
    ['an empty body', '', accept, 400, -32_700],
    ['a batch', [LIST, LIST], accept, 400, -32_600],
    ['an empty batch', [], accept, 400, -32_600],
    ['a batch of the newest revision', [modern], headers, 400, -32_600],
    ['no JSON-RPC', { hello: 'world' }, accept, 400, -32_600],
    ['a number', '1', accept, 400, -32_600],
    ['a deep message', `${'['.repeat(500)}${']'.repeat(500)}`, accept, 400, -32_600],
    ['a deep argument', `{"x":${'['.repeat(500)}${']'.repeat(500)}}`, accept, 400, -32_600],
    ['form data', JSON.stringify(LIST), { ...accept, 'content-type': 'text/plain' }, 415, -32_000],
    ['an unknown session', LIST, { ...accept, 'mcp-session-id': 'x' }, 404, -32_001],
    [
      'another revision in the header',
      modern,
      { ...headers, 'mcp-protocol-version': '2025-11-25' },
      400,
      -32_020,
    ],
    ['another method in the header', modern, { ...headers, 'mcp-method': 'tools/call' }, 400, -32_020],
    ['no method in the header', modern, { ...headers, 'mcp-method': '' }, 400, -32_020],
    ['no envelope', LIST, headers, 400, -32_602],
    ['a member too many', { ...modern, extra: 1 }, headers, 400, -32_600],
    ['another JSON-RPC', { ...modern, jsonrpc: '1.0' }, headers, 400, -32_600],
    ['no id to answer to', { ...modern, id: null }, headers, 400, -32_600],
    ['an object for an id', { ...modern, id: {} }, headers, 400, -32_600],
    ['an envelope that is none', { ...LIST, params: { _meta: 7 } }, headers, 400, -32_600],
    [
      'a method that is a name of JavaScript',
      { ...modern, method: 'constructor' },
      { ...headers, 'mcp-method': 'constructor' },
      404,
      -32_601,
    ],
    ['an answer to nothing', { jsonrpc: '2.0', id: 1, result: {} }, accept, 400, -32_000],
    [
      'an unknown revision',
      { ...LIST, params: { _meta: { ...meta, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } } },
      { ...headers, 'mcp-protocol-version': '2099-01-01' },
      400,
      -32_022,
    ],
  ])('with %s is refused', async (_what, body, sent, status, code) => {
    const got = await scratch.send('POST', '/mcp', { body, headers: sent });
    expect({ status: got.status, code: got.json?.error?.code }).toEqual({ status, code });
  });

  const send = async (method: string, name: string, params: object) => {
    const body = { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } };
    const sent = { ...headers, 'mcp-method': method, 'mcp-name': name };
    return (await scratch.send('POST', '/mcp', { body, headers: sent })).json;
  };

  it.each([
    ['a tool that is a name of JavaScript', { name: '__proto__', arguments: {} }],
    ['arguments that are a list', { name: 'workflow_history', arguments: [1] }],
    ['arguments that are text', { name: 'workflow_history', arguments: 'x' }],
  ])('that calls %s is refused', async (_what, params) => {
    expect(await send('tools/call', params.name, params)).toMatchObject({ error: { code: -32_602 } });
  });

  it.each(['nope', 'constructor', 'toString'])('with the unknown argument %s is refused', async (name) => {
    const called = await send('tools/call', 'workflow_history', {
      name: 'workflow_history',
      arguments: { [name]: 1 },
    });
    expect(called).toMatchObject({
      result: { isError: true, structuredContent: { code: 'unknown_argument' } },
    });
  });

  it.each([
    'belay://runs/../../etc/passwd',
    'belay://runs/r-1%2F..%2F/report',
    'belay://workflows/%2e%2e%2fkeys',
    'file:///etc/passwd',
    `belay://runs/${'x'.repeat(1_000)}`,
  ])('that reads %s finds nothing', async (uri) => {
    expect(await send('resources/read', uri, { uri })).toMatchObject({
      error: { code: -32_602, data: { uri } },
    });
  });

  it('that names another tool in the header is refused', async () => {
    const params = { name: 'workflow_history', arguments: {} };
    expect(await send('tools/call', 'workflow_execute', params)).toMatchObject({ error: { code: -32_020 } });
  });

  it('with a forged requestState is refused', async () => {
    const params = {
      name: 'workflow_execute',
      arguments: {
        definition: 'name: x\ninputs: { a: { type: string, required: true } }\nsteps: [{ command: "true" }]',
      },
      requestState: 'Zm9yZ2Vk.Zm9yZ2Vk',
      inputResponses: { inputs: { action: 'accept', content: { a: '1' } } },
      _meta: { ...meta, 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } },
    };
    const got = await scratch.send('POST', '/mcp', {
      body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
      headers: { ...headers, 'mcp-method': 'tools/call', 'mcp-name': 'workflow_execute' },
    });
    expect(got.json).toMatchObject({ error: { code: -32_602, message: 'Invalid or expired requestState' } });
  });
});

describe('streams of news', () => {
  it('are refused beyond the bound, until a listener leaves', async () => {
    const bounded = await scratchServer({ bounds: { streamsMax: 1 } });
    const listen = async () => {
      const _meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      };
      const params = { notifications: { promptsListChanged: true }, _meta };
      const answer = await fetch(`${bounded.server.url}/mcp`, {
        method: 'POST',
        headers: {
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'subscriptions/listen',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }),
      });
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      return { first: (await reader?.read())?.value, leave: () => reader?.cancel() };
    };
    const one = await listen();
    expect(one.first).toContain('notifications/subscriptions/acknowledged');
    expect((await listen()).first).toContain('"error":{"code":-32603');
    await one.leave();
    await expect
      .poll(
        async () => {
          const next = await listen();
          await next.leave();
          return next.first;
        },
        { timeout: 10_000 },
      )
      .toContain('acknowledged');
    await bounded.end();
  });
});
