/** No hole in the router: every route × every role × every odd way to write its address, walked from the table itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Route, routes } from '../../../src/http/routes.ts';
import { holds, ROLES, type Role } from '../../../src/tools/access.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

let scratch: ScratchServer;
const keys = new Map<Role, string>();
beforeAll(async () => {
  const audience = 'http://127.0.0.1/mcp';
  const tokens = { issuer: 'http://127.0.0.1:1', jwks: new URL('http://127.0.0.1:1/jwks'), audience };
  scratch = await scratchServer({ tokens, bounds: { callsPerSecondMax: 0, refusalsPerSecondMax: 0 } });
  for (const role of ROLES) keys.set(role, scratch.key(role));
});
afterAll(() => scratch.end());

/** Names nothing, so that even an admin changes nothing. */
const pathOf = ({ path }: Route): string => path.replace(/:[a-z_]+/g, 'nothing');

/** What the route says to somebody who is let in, and has named nothing. */
const LET_IN = [200, 400, 404, 415];
/** What everybody else gets. */
const KEPT_OUT = [400, 401, 403, 404, 405];

const send = (route: Route, path: string, key: string | undefined, method: string = route.method) =>
  scratch.send(method, path, { key, ...(method === 'POST' && { body: {} }) });

const odd: readonly (readonly [string, (path: string) => string])[] = [
  ['a slash more at the end', (path) => `${path}/`],
  ['a slash more in front', (path) => `/${path}`],
  ['an encoded slash', (path) => `${path.slice(0, -1).replace(/\/([^/]*)$/, '%2F$1')}${path.at(-1)}`],
  ['an encoded slash at the end', (path) => `${path}%2F`],
  ['an encoded letter', (path) => `${path.slice(0, -1)}%${path.charCodeAt(path.length - 1).toString(16)}`],
  ['a dot segment', (path) => `/.${path}`],
  ['a way up and down again', (path) => `/healthz/..${path}`],
  ['an encoded way up', (path) => `/healthz/%2e%2e${path}`],
  ['a way up behind', (path) => `${path}/../${path.split('/').at(-1)}`],
  ['capitals', (path) => path.toUpperCase()],
  ['a backslash', (path) => path.replaceAll('/', '\\')],
  ['a semicolon', (path) => `${path};x=y`],
  ['a NUL', (path) => `${path}%00`],
  ['another ending', (path) => `${path}.json%20`],
];

describe.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_, route) => {
  it('lets in who holds its role, and nobody else', async () => {
    for (const role of ROLES) {
      const { status, json } = await send(route, pathOf(route), keys.get(role));
      const isIn = typeof route.needs === 'string' || route.needs.some((each) => holds([role], each));
      expect(isIn ? LET_IN : [403], `${role}: ${JSON.stringify(json)}`).toContain(status);
    }
  });

  it('asks for a key', async () => {
    for (const key of [undefined, 'nonsense', `belay_nobody_${'x'.repeat(43)}`, `${keys.get('admin')}x`]) {
      const { status, headers } = await send(route, pathOf(route), key);
      if (route.needs === 'open') expect(status).toBe(200);
      // asks on the page itself, and takes nothing but its form
      else if (route.needs === 'person') expect(status).toBe(route.method === 'GET' ? 200 : 415);
      else {
        expect(status).toBe(401);
        expect(headers['www-authenticate']).toMatch(/^Bearer/);
      }
    }
  });

  it.each(odd)('is not found with %s', async (_what, written) => {
    for (const key of [undefined, keys.get('viewer'), keys.get('admin')]) {
      const { status } = await send(route, written(pathOf(route)), key);
      expect([400, 404], written(pathOf(route))).toContain(status);
    }
  });

  it('takes no other method', async () => {
    // another route may be written the same way: `validate` is a name, too
    const taken = routes
      .filter(({ path }) => new RegExp(`^${path.replace(/:[a-z_]+/g, '[^/]+')}$`).test(pathOf(route)))
      .map(({ method }) => method as string);
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      if (taken.includes(method)) continue;
      const { status } = await send(route, pathOf(route), keys.get('admin'), method);
      expect(status, method).toBe(405);
    }
  });

  it('takes no method from a header or a query', async () => {
    const headers = { 'x-http-method-override': route.method, 'x-original-url': pathOf(route) };
    const { status } = await scratch.send('GET', `/nowhere?_method=${route.method}`, { headers });
    expect(status).toBe(404);
  });

  it('takes only what is sent to this server, by this site', async () => {
    const key = keys.get('admin') as string;
    const { port } = new URL(scratch.server.url);
    for (const headers of [
      { host: 'evil.example' },
      { host: `evil.example:${port}` },
      { host: `127.0.0.1.evil.example:${port}` },
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { origin: `http://localhost:${port}` },
    ]) {
      const { status } = await scratch.send(route.method, pathOf(route), { key, headers, body: {} });
      expect(status, JSON.stringify(headers)).toBe(403);
    }
  });
});

it('keeps everybody out of what is not in the table', async () => {
  for (const key of [undefined, ...keys.values()]) {
    for (const path of [
      '/',
      '/api',
      '/api/v1',
      '/api/v2/runs',
      '/api/v1/runs/a/b',
      '/.git/config',
      '/mcp/x',
      '/*',
    ]) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const { status } = await scratch.send(method, path, { key });
        expect(status === 200 ? `${method} ${path}` : '', path).toBe('');
        expect(KEPT_OUT).toContain(status);
      }
    }
  }
});

it('has changed nothing on the way', () => {
  expect(scratch.belay.journal.runIds('', 10)).toEqual([]);
});
