/** Servers over HTTP, of both eras and of none: who may be asked, what goes along, and how it ends. */

import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { called, failureOf, outputsOf, until } from './calling.ts';
import { type OddSite, oddSite } from './odd-site.ts';

const greet = { tool: 'greet', arguments: { name: 'Ann' } };

const answering = (first: NonNullable<OddSite['first']>) => oddSite({ first });

const calls = (body: string, method = 'tools/call') => body.includes(`"method":"${method}"`);

test.each([
  ['both', 'stateless', '2026-07-28'],
  ['the newer only', 'reject', '2026-07-28'],
] as const)('a server that speaks %s', async (_, legacy, version) => {
  const { url } = await oddSite({ legacy });
  const { outcome, io } = await called({ server: { url }, ...greet });
  expect(outcome).toMatchObject({ ok: true, outputs: { text: 'hello Ann' } });
  expect(io.written.text).toContain(`server \`odd\` at \`${url}\` speaks MCP ${version}\n`);
});

test('a server that speaks the older only', async () => {
  const { url } = await answering((_, response, body) => {
    if (!calls(body, 'server/discover')) return false;
    response.writeHead(400).end('Bad Request');
    return true;
  });
  const { io } = await called({ server: { url }, ...greet });
  expect(io.written.text).toContain('speaks MCP 2025-11-25\n');
});

test('headers go along with each request, and what they hold is seen nowhere', async () => {
  const { url, seen } = await oddSite();
  const headers = { Authorization: 'Bearer {{ env.T }}', 'x-team': 'builders' };
  const values = { 'env.T': 'hush-hush' };
  const config = { server: { url, headers }, tool: 'greet', arguments: { name: '{{ env.T }}' } };
  const { outcome, io } = await called(config, { values });
  expect(seen.length).toBeGreaterThan(2);
  for (const each of seen)
    expect(each.headers).toMatchObject({ authorization: 'Bearer hush-hush', 'x-team': 'builders' });
  expect(outcome).toMatchObject({ ok: true, outputs: { text: 'hello ***' } });
  expect(JSON.stringify([outcome, io.written])).not.toContain('hush');
});

test.each<[string, JsonObject, object]>([
  ['from an expression', {}, { code: 'address_refused', retry: 'final' }],
  ['from an expression, and allowed', { allow_private: true }, { code: 'unreachable', retry: 'again' }],
])('a private address %s', async (_, more, failure) => {
  const server = { url: 'http://{{ host }}/mcp', ...more };
  expect(await failureOf({ server, ...greet }, { values: { host: '127.0.0.1:1' } })).toMatchObject(failure);
  const named = await failureOf({ server, ...greet }, { values: { host: 'localhost:1' } });
  expect(named).toMatchObject(failure);
});

test('nobody listens', async () => {
  const failure = await failureOf({ server: { url: 'http://127.0.0.1:1/mcp' }, ...greet });
  expect(failure).toMatchObject({ code: 'unreachable', retry: 'again' });
});

test.each<[number, string, string]>([
  [401, 'auth_failed', 'final'],
  [403, 'auth_failed', 'final'],
  [404, 'not_mcp', 'final'],
  [503, 'status', 'again'],
])('a server that answers everything with %i', async (status, code, retry) => {
  const { url } = await answering((_, response) => {
    response.writeHead(status).end('hush');
    return true;
  });
  const failure = await failureOf({ server: { url }, ...greet });
  expect(failure).toMatchObject({ code, retry, data: { status } });
});

test('a server that wants more rights than there are', async () => {
  const headers = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="all"' };
  const { url } = await answering((_, response, body) => {
    if (calls(body)) response.writeHead(403, headers).end();
    return calls(body);
  });
  expect(await failureOf({ server: { url }, ...greet })).toMatchObject({
    code: 'auth_failed',
    retry: 'final',
  });
});

test('a web page is no MCP server', async () => {
  const { url } = await answering((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
    return true;
  });
  expect(await failureOf({ server: { url }, ...greet })).toMatchObject({ code: 'not_mcp', retry: 'final' });
});

test('another host is not followed to', async () => {
  const other = await oddSite();
  const { url } = await answering((_, response) => {
    response.writeHead(307, { location: other.url.replace('127.0.0.1', 'localhost') }).end();
    return true;
  });
  const headers = { authorization: 'Bearer hush-hush' };
  expect((await failureOf({ server: { url, headers }, ...greet })).code).toBe('not_mcp');
  expect(other.seen).toEqual([]);
});

test.each<[string, (response: ServerResponse) => void]>([
  [
    'a stream that ends without an answer',
    (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': nothing\n\n'),
  ],
  ['a connection that is cut', (response) => response.destroy()],
  [
    'half an answer',
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': wait\n\n');
      setImmediate(() => response.destroy());
    },
  ],
])('%s: whether it was done is unknown', async (_, end) => {
  const cut = () =>
    answering((_request, response, body) => {
      if (!calls(body)) return false;
      end(response);
      return true;
    });
  const failure = await failureOf({ server: { url: (await cut()).url }, ...greet });
  expect(failure).toMatchObject({ code: 'connection_lost', retry: 'final' });
  const again = await failureOf(
    { server: { url: (await cut()).url }, ...greet },
    { step: { idempotent: true } },
  );
  expect(again).toMatchObject({ code: 'connection_lost', retry: 'again' });
});

test('an answer without end has one', async () => {
  const { url } = await answering((_, response, body) => {
    if (!calls(body)) return false;
    response.writeHead(200, { 'content-type': 'application/json' });
    const piece = Buffer.alloc(1024 * 1024, ' ');
    const more = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', more);
    more();
    return true;
  });
  expect(await failureOf({ server: { url }, ...greet })).toMatchObject({ code: 'response_too_large' });
});

test('told to end: the request ends, and the call rejects', async () => {
  let hasLeft = false;
  const { url, seen } = await answering((_, response, body) => {
    if (!calls(body)) return false;
    response.on('close', () => {
      hasLeft = true;
    });
    return true;
  });
  const ending = new AbortController();
  const rejected = expect(called({ server: { url }, ...greet }, { signal: ending.signal })).rejects.toThrow();
  await until(() => seen.some(({ body }) => calls(body)));
  ending.abort();
  await rejected;
  await until(() => hasLeft);
});

test('a question over HTTP', async () => {
  const { url } = await oddSite();
  const outputs = await outputsOf({ server: { url }, tool: 'order' }, { answers: [{ name: 'Ann' }] });
  expect(JSON.parse(String(outputs.text))).toEqual({ action: 'accept', content: { name: 'Ann', count: 1 } });
});
