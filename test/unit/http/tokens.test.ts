/** Tokens of a real authorization server's kind: its keys are served over HTTP, and every way to get one wrong is tried. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

type Claims = { readonly [claim: string]: unknown };

const AUDIENCE = 'https://belay.example/mcp';
const ISSUER = 'https://login.example';
const good: Claims = { sub: 'ann', scope: 'openid belay:operator belay:root' };

let issuer: Server;
let scratch: ScratchServer;
let own: CryptoKey;
let foreign: CryptoKey;
beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  own = pair.privateKey;
  foreign = (await generateKeyPair('ES256')).privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  issuer = createServer((_request, answer) => answer.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  const jwks = new URL(`http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`);
  scratch = await scratchServer({ tokens: { issuer: ISSUER, jwks, audience: AUDIENCE } });
});
afterAll(async () => {
  await scratch.end();
  issuer.closeAllConnections();
  issuer.close();
});

const sign = (claims: Claims, key = own): Promise<string> => {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 600, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .sign(key);
};
const unsigned = (claims: Claims): string =>
  `${[{ alg: 'none' }, { iss: ISSUER, aud: AUDIENCE, exp: 9_999_999_999, ...claims }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')}.`;

it('lets its holder in, with the roles of its scopes', async () => {
  const key = await sign(good);
  expect((await scratch.send('GET', '/api/v1/runs', { key })).status).toBe(200);
  const body = { commands: ['true'] };
  expect(await scratch.send('POST', '/api/v1/runs', { key, body })).toMatchObject({
    status: 403,
    json: { message: expect.stringContaining('`jwt:ann` has operator') },
  });
});

it.each([
  ['a list of scopes', { sub: 'ann', scp: ['belay:viewer'] }],
  ['roles', { sub: 'ann', roles: ['belay:viewer'] }],
])('reads %s', async (_what, claims) => {
  expect((await scratch.send('GET', '/api/v1/runs', { key: await sign(claims) })).status).toBe(200);
});

it('lets in nobody without a role', async () => {
  const key = await sign({ sub: 'ann', scope: 'openid viewer admin' });
  expect((await scratch.send('GET', '/api/v1/runs', { key })).status).toBe(403);
});

it.each([
  ['for another server', { ...good, aud: 'https://other.example/mcp' }],
  ['for nobody', { ...good, aud: undefined }],
  ['of another issuer', { ...good, iss: 'https://evil.example' }],
  ['that is over', { ...good, exp: 1 }],
  ['without an end', { ...good, exp: undefined }],
  ['that has not begun', { ...good, nbf: 9_999_999_999 }],
  ['without a holder', { ...good, sub: undefined }],
  ['of a holder with an odd name', { ...good, sub: 'ann\nadmin' }],
])('refuses one %s', async (_what, claims) => {
  const { status, json } = await scratch.send('GET', '/api/v1/runs', { key: await sign(claims) });
  expect([status, json.code]).toEqual([401, 'unauthorized']);
});

it('refuses one that was signed by others, or by nobody', async () => {
  for (const key of [await sign(good, foreign), unsigned(good), 'a.b.c', `${await sign(good)}x`])
    expect((await scratch.send('GET', '/api/v1/runs', { key })).status).toBe(401);
});

it('says where tokens come from', async () => {
  const { headers, status } = await scratch.send('POST', '/mcp', { body: {} });
  expect(status).toBe(401);
  const address = 'https://belay.example/.well-known/oauth-protected-resource/mcp';
  expect(headers['www-authenticate']).toBe(
    `Bearer realm="belay", scope="belay:viewer", resource_metadata="${address}"`,
  );
  const { json } = await scratch.send('GET', new URL(address).pathname);
  expect(json).toMatchObject({ resource: AUDIENCE, authorization_servers: [ISSUER] });
});

it('says what is wrong with one, and what scope would do', async () => {
  const challengeTo = async (key: string, method: string, path: string) =>
    (await scratch.send(method, path, { key })).headers['www-authenticate'];
  expect(await challengeTo(unsigned(good), 'GET', '/api/v1/runs')).toContain('error="invalid_token"');
  const viewer = await sign({ sub: 'ann', scope: 'belay:viewer' });
  expect(await challengeTo(viewer, 'POST', '/api/v1/runs/r-1/cancel')).toMatch(
    /error="insufficient_scope", scope="belay:operator"/,
  );
});

it('opens nothing while the keys cannot be had', async () => {
  const jwks = new URL('http://127.0.0.1:1/jwks');
  const other = await scratchServer({ tokens: { issuer: ISSUER, jwks, audience: AUDIENCE } });
  const got = await other.send('GET', '/api/v1/runs', { key: await sign(good) });
  expect(got).toMatchObject({ status: 503, json: { code: 'busy' } });
  await other.end();
});
