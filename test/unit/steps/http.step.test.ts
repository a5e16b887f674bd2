/** What `http` sends, from its fields, and what it may promise about sending it again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/engine/core/model.ts';
import { httpStep } from '../../../src/steps/http.step.ts';
import { fakeContext } from './fake-context.ts';
import { asked, refused, scratchFolder, web } from './http/web.ts';

const fine = () => web((_, response) => response.end('fine'));
const begin = (config: JsonObject, values: { readonly [source: string]: Json } = {}, idempotent = false) => {
  const begun = httpStep.begin(fakeContext({ type: 'http', config, values, step: { idempotent } }));
  if (!begun.ok) throw new Error(begun.error.message);
  return begun.value as { readonly kind: string; readonly repeatable: boolean; readonly timeoutMs: number };
};

test('a plain GET, and the answer as outputs', async () => {
  const { origin, seen } = await fine();
  const { outputs } = await asked({ url: `${origin}/a?b=c` });
  expect(outputs).toMatchObject({ status: 200, body: 'fine', headers: { 'content-length': '4' } });
  expect(outputs).not.toHaveProperty('json');
  expect(seen).toMatchObject([
    { method: 'GET', url: '/a?b=c', body: '', headers: { 'user-agent': 'belay' } },
  ]);
  expect(seen[0]?.headers).not.toHaveProperty('content-type');
});

test('the query is encoded and added; null is left out, a list repeats its name', async () => {
  const { origin, seen } = await fine();
  const query = { q: '{{ q }}', tag: ['a b', '&'], none: '{{ none }}', n: 1 };
  await asked({ url: `${origin}/?x=1#part`, query }, { values: { q: 'x&y=z', none: null } });
  expect(seen[0]?.url).toBe('/?x=1&q=x%26y%3Dz&tag=a+b&tag=%26&n=1');
});

test.each<[string, JsonObject, string, string]>([
  ['json', { json: { n: '{{ n }}', t: 'n is {{ n }}' } }, 'application/json', '{"n":3,"t":"n is 3"}'],
  ['null as json', { json: null }, 'application/json', 'null'],
  ['form', { form: { a: '{{ n }}', b: ['x y', 'z'] } }, 'application/x-www-form-urlencoded', 'a=3&b=x+y&b=z'],
  ['text', { body: 'n={{ n }}é' }, 'text/plain; charset=utf-8', 'n=3é'],
  ['own content type', { body: '<a/>', headers: { 'Content-Type': 'text/xml' } }, 'text/xml', '<a/>'],
])('a body: %s', async (_, config, type, body) => {
  const { origin, seen } = await fine();
  await asked({ url: origin, ...config }, { values: { n: 3 } });
  const length = String(Buffer.byteLength(body));
  expect(seen).toMatchObject([
    { method: 'POST', body, headers: { 'content-type': type, 'content-length': length } },
  ]);
});

test.each(['', 'bytes of the file'])('a body from a file with `%s` in it', async (text) => {
  const { origin, seen } = await fine();
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 'up.bin'), text);
  await asked({ url: origin, method: 'PUT', file: '{{ name }}' }, { cwd, values: { name: 'up.bin' } });
  expect(seen).toMatchObject([{ method: 'PUT', body: text }]);
});

test.each(['missing', '.', '/dev/zero'])('a body from `%s` is refused', async (file) => {
  const { origin, seen } = await fine();
  expect(await refused({ url: origin, file })).toMatchObject({ code: 'request_invalid', retry: 'final' });
  expect(seen).toEqual([]);
});

test.each<[JsonObject, string]>([
  [{ bearer: '{{ t }}' }, 'Bearer s3cret'],
  [{ basic: { user: 'ann', password: '{{ t }}' } }, `Basic ${btoa('ann:s3cret')}`],
])('auth %j', async (auth, expected) => {
  const { origin, seen } = await fine();
  await asked({ url: origin, auth }, { values: { t: 's3cret' } });
  expect(seen[0]?.headers.authorization).toBe(expected);
});

test('an idempotency key: as given, or one that is the same for every attempt of a step of a run', async () => {
  const { origin, seen } = await fine();
  await asked({ url: origin, method: 'POST', idempotency_key: 'order-{{ n }}' }, { values: { n: 7 } });
  for (const _ of [1, 2]) await asked({ url: origin, method: 'POST', idempotency_key: true });
  const [given, first, second] = seen.map(({ headers }) => headers['idempotency-key']);
  expect(given).toBe('order-7');
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(second).toBe(first);
});

test.each<[JsonObject, boolean, boolean]>([
  [{}, false, true],
  [{ method: 'HEAD' }, false, true],
  [{ method: 'POST' }, false, false],
  [{ method: 'PUT' }, false, false],
  [{ method: 'DELETE' }, false, false],
  [{ json: {} }, false, false],
  [{ json: {} }, true, true],
  [{ json: {}, idempotency_key: true }, false, true],
])('%j, idempotent %s: repeatable %s', (config, idempotent, repeatable) => {
  const call = begin({ url: 'http://localhost', ...config }, {}, idempotent);
  expect(call).toMatchObject({ kind: 'call', repeatable, timeoutMs: 30_000 });
});

test.each<[JsonObject, string]>([
  [{}, 'none'],
  [{ save_to: 'a' }, 'workspace'],
  [{ method: 'DELETE' }, 'remote'],
  [{ form: {} }, 'remote'],
])('what %j may change: %s', (config, effects) => {
  expect(httpStep.effectsOf?.({ url: 'http://localhost', ...config })).toBe(effects);
});

test.each<[JsonObject, string]>([
  [{ url: '{{ v }}' }, 'no absolute URL'],
  [{ url: 'ftp://localhost/' }, '`ftp:`'],
  [{ url: 'http://ann:pass@localhost/' }, 'password'],
  [{ url: 'http://localhost', headers: { 'x-v': 'a\r\nb: c' } }, '`x-v`'],
  [{ url: 'http://localhost', query: { v: '{{ map }}' } }, '`query.v`'],
  [{ url: 'http://localhost', idempotency_key: '{{ empty }}' }, '`idempotency_key` is empty'],
  [{ url: 'http://localhost', save_to: '{{ empty }}' }, 'a path is empty'],
])('%j is refused before anything is sent', async (config, says) => {
  const values = { v: 'secret words', empty: '', map: { a: 1 } };
  const failure = await refused(config, { values });
  expect(failure).toMatchObject({ code: 'request_invalid', retry: 'final', hint: expect.any(String) });
  expect(failure.message).toContain(says);
  expect(failure.message).not.toMatch(/secret|pass@/);
});

test.each<[JsonObject, boolean]>([
  [{ expect: 200 }, true],
  [{ expect: [200, 404] }, true],
  [{ expect: '2xx' }, true],
  [{ expect: 99 }, false],
  [{ expect: '20x' }, false],
  [{ json: 1, body: 'x' }, false],
  [{ method: 'HEAD', body: 'x' }, false],
  [{ method: 'get' }, false],
  [{ auth: { bearer: 'written-down' } }, false],
  [{ auth: { basic: { user: 'a', password: 'written-down' } } }, false],
  [{ auth: { bearer: '{{ t }}' }, headers: { Authorization: 'x' } }, false],
  [{ idempotency_key: true, headers: { 'Idempotency-Key': 'x' } }, false],
  [{ headers: { 'Transfer-Encoding': 'chunked' } }, false],
  [{ headers: { Host: 'other' } }, false],
  [{ headers: { 'a b': 'x' } }, false],
  [{ max_bytes: '1GB' }, false],
  [{ max_bytes: '1GB', save_to: 'a' }, true],
])('schema on %j: %s', (config, valid) => {
  expect(httpStep.schema.safeParse({ url: 'http://localhost', ...config }).success).toBe(valid);
});

test('plan shows where it goes, never the query, and what cannot be known yet', () => {
  const config = { url: 'https://example.org/a?key={{ k }}', json: 1 };
  expect(httpStep.plan?.(fakeContext({ type: 'http', config, values: { k: 'secret' } }))).toEqual({
    does: 'sends POST to `https://example.org/a`',
  });
  expect(httpStep.plan?.(fakeContext({ type: 'http', config }))).toEqual({
    does: 'sends POST to `https://example.org/a?key={{ k }}`',
    unknown: '`k` is unknown',
  });
});
