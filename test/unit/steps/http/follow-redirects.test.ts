/** Where an answer may lead a step, and what it takes along; who may be talked to at all. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { type Certificate, certificateFile, selfSigned } from './certificate.ts';
import { ask, asked, refused, scratchFolder, web } from './web.ts';

/** Redirects `/302/x` to `/x` with status 302, and so on; answers everything else. */
const hops = () =>
  web((request, response) => {
    const [, status, rest] = /^\/(\d+)(\/.*)$/.exec(request.url!) ?? [];
    if (status) response.writeHead(Number(status), { location: rest }).end('moved');
    else response.end('there');
  });
const leadingTo = (location: string, status = 302) =>
  web((_, response) => response.writeHead(status, { location }).end());

test('up to five redirects are followed', async () => {
  const { origin, seen } = await hops();
  const five = '/301/302/303/307/308/end';
  expect((await asked({ url: `${origin}${five}` })).outputs).toMatchObject({ status: 200, body: 'there' });
  expect(seen).toHaveLength(6);
  const failure = await refused({ url: `${origin}/302${five}` });
  expect(failure).toMatchObject({ code: 'redirect', retry: 'final' });
  expect(failure.message).toContain('more than 5 times');
});

test('a circle is noticed', async () => {
  const { origin, seen } = await leadingTo('/again');
  expect((await refused({ url: origin })).message).toContain('in a circle');
  expect(seen).toHaveLength(2);
});

test('a redirect that the step expects is its answer', async () => {
  const { origin, seen } = await leadingTo('/new', 301);
  const { outputs } = await asked({ url: origin, expect: '3xx' });
  expect(outputs).toMatchObject({ status: 301, headers: { location: '/new' } });
  expect(seen).toHaveLength(1);
});

test('a redirect that leads nowhere is an answer like any other', async () => {
  const { origin } = await web((_, response) => response.writeHead(302).end());
  expect(await refused({ url: origin })).toMatchObject({ code: 'status', data: { status: 302 } });
});

test.each([
  [301, 'GET', ''],
  [302, 'GET', ''],
  [303, 'GET', ''],
  [307, 'POST', 'sent'],
  [308, 'POST', 'sent'],
])('after %i a POST goes on as %s with body `%s`', async (status, method, body) => {
  const { origin, seen } = await hops();
  await asked({ url: `${origin}/${status}/end`, body: 'sent' });
  expect(seen[1]).toMatchObject({ method, url: '/end', body });
  expect('content-type' in seen[1]!.headers).toBe(body !== '');
});

test('to another origin no header goes along that could be a secret', async () => {
  const other = await hops();
  const { origin, seen } = await leadingTo(`${other.origin}/end`);
  const headers = { 'x-api-key': 'k', cookie: 'c', accept: 'text/plain' };
  await asked({ url: origin, headers, auth: { bearer: '{{ t }}' } }, { values: { t: 'token' } });
  expect(seen[0]?.headers).toMatchObject({ ...headers, authorization: 'Bearer token' });
  const names = Object.keys(other.seen[0]?.headers ?? {}).sort();
  expect(names).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
});

test('within the origin they do', async () => {
  const { origin, seen } = await hops();
  await asked({ url: `${origin}/302/end`, headers: { 'x-api-key': 'k' } });
  expect(seen[1]?.headers).toMatchObject({ 'x-api-key': 'k' });
});

test('a body does not go to another origin', async () => {
  const other = await hops();
  const { origin } = await leadingTo(`${other.origin}/end`, 307);
  expect(await refused({ url: origin, json: { a: 1 } })).toMatchObject({ code: 'redirect', retry: 'final' });
  expect(other.seen).toEqual([]);
});

test.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'http://[broken'])(
  'it does not go to `%s`',
  async (target) => {
    const { origin } = await leadingTo(target);
    expect(await refused({ url: origin })).toMatchObject({ code: 'redirect' });
  },
);

const PRIVATE = ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433', '0x7f.1'];

test.each(PRIVATE)('a host from an expression is not `%s`, unless the step allows it', async (host) => {
  const { origin, seen } = await hops();
  const port = new URL(origin).port;
  for (const url of ['http://{{ host }}:{{ port }}/', '{{ scheme }}://{{ host }}:{{ port }}/']) {
    const values = { host, port, scheme: 'http' };
    const failure = await refused({ url }, { values });
    expect(failure).toMatchObject({ code: 'address_refused', retry: 'final' });
    expect(failure.hint).toContain('allow_private');
  }
  expect(seen).toEqual([]);
});

test.each([
  ['the port', 'http://127.0.0.1:{{ v }}'],
  ['a user', 'http://{{ none }}127.0.0.1:{{ port }}/'],
  ['the end of the host', 'http://127.0.0.1{{ all }}'],
])('an expression in %s could change the host: it is not trusted', async (_, url) => {
  const { origin, seen } = await hops();
  const { port } = new URL(origin);
  const values = { v: `${port}/`, none: '', port, all: `:${port}/` };
  expect(await refused({ url }, { values })).toMatchObject({ code: 'address_refused' });
  expect(await ask({ url, allow_private: true }, { values })).toMatchObject({ ok: true });
  expect(seen).toHaveLength(1);
});

test('behind a literal host an expression is free', async () => {
  const { origin, seen } = await hops();
  await asked({ url: `${origin}/{{ v }}` }, { values: { v: '@elsewhere/x' } });
  expect(seen[0]?.url).toBe('/@elsewhere/x');
});

test('an answer does not lead to another private host, unless the step allows it', async () => {
  const { origin: inner, seen } = await hops();
  const { port } = new URL(inner);
  for (const host of ['localhost', '[::1]', '169.254.169.254']) {
    const { origin } = await leadingTo(`http://${host}:${port}/secret`);
    const failure = await refused({ url: origin });
    expect(failure).toMatchObject({ code: 'address_refused' });
    expect(failure.message).toContain('an answer leads there');
  }
  expect(seen).toEqual([]);
  const { origin } = await leadingTo(`http://localhost:${port}/secret`);
  await asked({ url: origin, allow_private: true });
  expect(seen).toHaveLength(1);
});

test('nothing listens, or there is no such host: nothing was sent', async () => {
  for (const url of ['http://127.0.0.1:1/?key=private', 'http://nobody.invalid/?key=private']) {
    const failure = await refused({ url, body: 'x' });
    expect(failure).toMatchObject({ code: 'unreachable', retry: 'again', hint: expect.any(String) });
    expect(failure.message).not.toContain('private');
  }
});

test('a server that does not speak TLS', async () => {
  const { origin } = await hops();
  const failure = await refused({ url: origin.replace('http:', 'https:') });
  expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringContaining('TLS') });
});

const certificate = () => selfSigned('127.0.0.1');
/** Trusts it. */
const trusting = (mine: Certificate) => ({ ca: certificateFile(join(scratchFolder(), 'ca.pem'), mine) });

test('a certificate that nobody vouches for is refused', async () => {
  const { origin, seen } = await web((_, response) => response.end('safe'), certificate());
  const failure = await refused({ url: origin });
  expect(failure).toMatchObject({ code: 'certificate', retry: 'final' });
  expect(failure.hint).toContain('tls');
  expect(seen).toEqual([]);
});

test.each<[string, (mine: Certificate) => JsonObject, readonly string[]]>([
  ['its authority is named', trusting, []],
  ['the step takes any', () => ({ insecure: true }), ['the certificate was not checked']],
])('it is taken where %s', async (_, tls, warnings) => {
  const mine = certificate();
  const { origin } = await web((_request, response) => response.end('safe'), mine);
  const asking = await asked({ url: origin, tls: tls(mine) });
  expect(asking).toMatchObject({ outputs: { body: 'safe' }, warnings });
});

test('a certificate for another name is refused, also by its own authority', async () => {
  const other = selfSigned('elsewhere.example');
  const { origin } = await web((_, response) => response.end(), other);
  expect(await refused({ url: origin, tls: trusting(other) })).toMatchObject({ code: 'certificate' });
});

test('an authority that is no file, or holds no certificate', async () => {
  const { origin, seen } = await web((_, response) => response.end(), certificate());
  const cwd = scratchFolder();
  for (const ca of ['missing.pem', '/dev/null'])
    expect(await refused({ url: origin, tls: { ca } }, { cwd })).toMatchObject({ code: 'request_invalid' });
  expect(seen).toEqual([]);
  expect(readdirSync(cwd)).toEqual([]);
});

test('it does not go from https to http', async () => {
  const { origin: plain, seen } = await hops();
  const mine = certificate();
  const { origin } = await web((_, response) => response.writeHead(302, { location: plain }).end(), mine);
  expect(await refused({ url: origin, tls: trusting(mine) })).toMatchObject({ code: 'redirect' });
  expect(seen).toEqual([]);
});
