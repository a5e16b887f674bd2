/** What the server says about itself: OpenAPI, the page for people, health and metrics. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '../../../src/http/routes.ts';
import { isLoopback, serveHttp } from '../../../src/http/serve-http.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer();
});
afterAll(() => scratch.end());

it('describes every route once, with the fields of its tool', async () => {
  const { json } = await scratch.send('GET', '/openapi.json');
  const described = Object.entries(json.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(
    routes.map(({ method, path }) => `${method} ${path.replace(/:([a-z_]+)/g, '{$1}')}`).sort(),
  );
  expect(json).toMatchObject({
    openapi: '3.1.0',
    paths: {
      '/api/v1/runs': {
        post: {
          requestBody: { content: { 'application/json': { schema: { additionalProperties: false } } } },
          responses: { '201': expect.anything() },
          security: [{ key: [] }],
        },
        get: {
          parameters: expect.arrayContaining([expect.objectContaining({ name: 'limit', in: 'query' })]),
        },
      },
      '/healthz': { get: { security: [] } },
    },
  });
  const cancel = json.paths['/api/v1/runs/{run_id}/cancel'].post;
  expect(cancel.parameters).toEqual([
    { name: 'run_id', in: 'path', required: true, schema: { type: 'string' } },
  ]);
  const { schema } = cancel.requestBody.content['application/json'];
  expect([Object.keys(schema.properties), schema.required]).toEqual([['mode', 'reason'], []]);
  expect(json.paths['/api/v1/runs/{run_id}/log'].get.parameters).toContainEqual({
    name: 'step',
    in: 'query',
    required: true,
    schema: { type: 'string' },
  });
  const ids = Object.values(json.paths).flatMap((methods) =>
    Object.values(methods as object).map((each) => each.operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

it('shows people every route, and brings nothing from elsewhere', async () => {
  const { text, headers } = await scratch.send('GET', '/docs');
  for (const { method, path } of routes)
    expect(text).toContain(`<code>${method} ${path.replace(/:([a-z_]+)/g, '{$1}')}</code>`);
  expect(text).not.toMatch(/<script|src=|https?:\/\//);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
});

it('counts by route and not by path, in the text format of Prometheus', async () => {
  await scratch.send('GET', '/api/v1/runs/r-1');
  await scratch.send('GET', '/nowhere');
  const { text, headers } = await scratch.send('GET', '/metrics');
  expect(headers['content-type']).toContain('version=0.0.4');
  expect(text).toContain(
    'belay_http_requests_total{route="/api/v1/runs/:run_id",method="GET",status="404"} 1\n',
  );
  expect(text).toContain('belay_http_requests_total{route="none",method="GET",status="404"} 1\n');
  expect(text).not.toContain('r-1');
  expect(text.endsWith('\n')).toBe(true);
  const types = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
  for (const line of text.trim().split('\n')) {
    if (line.startsWith('#')) continue;
    const [, name = ''] = /^([a-z_]+)(?:\{(?:[a-z]+="[^"]*",?)+\})? [\d.e+-]+$/.exec(line) ?? [];
    expect(types, line).toContain(name.replace(/_(bucket|sum|count)$/, ''));
  }
});

it('is ready, and puts guards around every answer', async () => {
  expect(await scratch.send('GET', '/readyz')).toMatchObject({ status: 200, json: { status: 'ready' } });
  for (const path of ['/healthz', '/nowhere', '/api/v1/runs', '/docs']) {
    expect((await scratch.send('GET', path)).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'referrer-policy': 'no-referrer',
    });
  }
  const { headers } = await scratch.send('OPTIONS', '/api/v1/runs', {
    headers: { origin: scratch.server.url, 'access-control-request-method': 'POST' },
  });
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['example.com', false],
  ['', false],
])('knows whether only this machine reaches `%s`', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

it('opens no address for others without a key', async () => {
  const { folder, belay, keys } = scratch;
  const options = {
    home: belay.home,
    open: async () => ({ ok: true as const, value: belay }),
    tools: [],
    resources: { templates: [], list: async () => [], read: async () => undefined },
    version: '0',
    cwd: folder,
    host: '0.0.0.0',
    port: 0,
  };
  expect(await serveHttp(options)).toMatchObject({ ok: false, error: { code: 'keys_needed' } });
  keys.add({ name: 'late', roles: ['viewer'], expiresAtMs: 1 });
  expect(await serveHttp(options)).toMatchObject({ ok: false, error: { code: 'keys_needed' } });
  const inUse = { ...options, host: '127.0.0.1', port: Number(new URL(scratch.server.url).port) };
  expect(await serveHttp(inUse)).toMatchObject({ ok: false, error: { code: 'cannot_listen' } });
});
