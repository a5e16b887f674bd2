/** What a step makes of real answers: status, outputs, bounds, files, and words without secrets. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { ask, asked, refused, scratchFolder, web } from './web.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
/** Answers every request alike. */
const answers = (body: string | Buffer, headers: { readonly [name: string]: string } = {}, status = 200) =>
  web((_, response) => response.writeHead(status, headers).end(body));
const declaring = (...templates: string[]) => ({
  step: { outputs: Object.fromEntries(templates.map((template, index) => [`o${index}`, template])) },
});

test.each<[JsonObject, number, boolean]>([
  [{}, 204, true],
  [{}, 404, false],
  [{ expect: 404 }, 404, true],
  [{ expect: 404 }, 200, false],
  [{ expect: [200, '4xx'] }, 418, true],
  [{ expect: [200, '4xx'] }, 201, false],
  [{ expect: 302 }, 302, true],
])('with %j status %i is a success: %s', async (config, status, succeeds) => {
  const { origin } = await answers('', {}, status);
  expect(await ask({ url: origin, ...config })).toMatchObject({ ok: succeeds, outputs: { status } });
});

test.each([
  [429, 'again'],
  [502, 'again'],
  [503, 'again'],
  [504, 'again'],
  [400, 'final'],
  [401, 'final'],
  [500, 'final'],
])('status %i is a failure: %s, with the answer as outputs', async (status, retry) => {
  const { origin } = await answers('why', {}, status);
  const outcome = await ask({ url: `${origin}/path?key=private`, expect: [200, '3xx'] });
  expect(outcome).toMatchObject({ ok: false, outputs: { status, body: 'why' } });
  const message = `\`${origin}/path\` answered with status ${status}, expected 200 or 3xx`;
  expect(outcome).toMatchObject({ failure: { code: 'status', retry, message, data: { status } } });
});

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': 'Sat, 01 Jan 2028 00:01:00 GMT', date: 'Sat, 01 Jan 2028 00:00:00 GMT' }, 60_000],
  [{ 'retry-after': 'Sat, 01 Jan 2028 00:00:00 GMT', date: 'Sat, 01 Jan 2028 00:01:00 GMT' }, 0],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('%j asks for %s ms', async (headers, ms) => {
  const { origin } = await answers('', headers, 503);
  expect((await refused({ url: origin })).data?.retry_after_ms).toBe(ms);
});

test('JSON is an output of its own; with outputs of its own the step keeps the status alone', async () => {
  const { origin } = await answers('{"a":[1]}', { ...JSON_TYPE, 'set-cookie': 'session=1' });
  const whole = await asked({ url: origin });
  expect(whole.outputs).toMatchObject({
    status: 200,
    json: { a: [1] },
    body: '{"a":[1]}',
    headers: JSON_TYPE,
  });
  expect(whole.outputs.headers).not.toHaveProperty('set-cookie');
  const little = await asked({ url: origin }, declaring('{{ outputs.json.a[0] }}'));
  expect(little.outputs).toEqual({ status: 200 });
  expect(little.names).toMatchObject({ json: { a: [1] }, headers: { 'set-cookie': 'session=1' } });
});

test.each(['{{ outputs.json.a }}', '{{ [1].map(x, outputs["json"]) }}', '{{ size(outputs . json) }}'])(
  'an answer that is no JSON, where `%s` reads it, is a failure',
  async (template) => {
    const { origin } = await answers('<html>', { 'content-type': 'text/html' });
    const failure = await refused({ url: origin }, declaring(template));
    expect(failure).toMatchObject({ code: 'not_json', retry: 'final', hint: expect.any(String) });
    expect(failure.message).toContain('found text/html, `<html>`');
  },
);

test.each(['{{ outputs.body }}', '{{ steps.other.outputs.json }}', '{{ json(outputs.body) }}'])(
  'an answer that is no JSON is none of the business of `%s`',
  async (template) => {
    const { origin } = await answers('<html>');
    expect(await ask({ url: origin }, declaring(template))).toMatchObject({ ok: true });
  },
);

test('an answer that claims to be JSON and is not is a warning', async () => {
  const { origin } = await answers('{"a":', JSON_TYPE);
  const { outputs, warnings } = await asked({ url: origin });
  expect(warnings).toEqual(['the answer says that it is JSON, and is not']);
  expect(outputs).toMatchObject({ body: '{"a":' });
});

test('an answer over the bound of an output can be read by the step’s own outputs only', async () => {
  const text = JSON.stringify('x'.repeat(70_000));
  const { origin } = await answers(text);
  const { outputs, names, warnings } = await asked({ url: origin });
  expect(Object.keys(outputs)).toEqual(['status', 'headers']);
  expect(names.body).toBe(text);
  expect(warnings).toHaveLength(2);
});

test.each([
  ['gzip', gzipSync('packed')],
  ['br', brotliCompressSync('packed')],
])('%s is unpacked', async (encoding, body) => {
  const { origin } = await answers(body, { 'content-encoding': encoding });
  expect((await asked({ url: origin })).outputs.body).toBe('packed');
});

test('text is read by the character set that the answer names', async () => {
  const { origin } = await answers(Buffer.from([0xe4]), { 'content-type': 'text/plain; charset=ISO-8859-1' });
  expect((await asked({ url: origin })).outputs.body).toBe('ä');
});

test.each<[string, JsonObject]>([
  ['in memory', {}],
  ['in a file', { save_to: 'out' }],
])('an answer that is too large is refused, %s, also when it was small on the wire', async (_, more) => {
  const cwd = scratchFolder();
  for (const [body, headers] of [
    ['x'.repeat(5_000), {}],
    [gzipSync('x'.repeat(5_000)), { 'content-encoding': 'gzip' }],
  ] as const) {
    const { origin } = await answers(body, headers);
    const failure = await refused({ url: origin, max_bytes: 4_999, ...more }, { cwd });
    expect(failure).toMatchObject({
      code: 'response_too_large',
      retry: 'final',
      data: { limit_bytes: 4_999 },
    });
    expect(readdirSync(cwd)).toEqual([]);
    expect(await ask({ url: origin, max_bytes: 5_000 }, { cwd })).toMatchObject({ ok: true });
  }
});

test.each<[JsonObject, string]>([
  [{}, 'again'],
  [{ method: 'POST' }, 'final'],
  [{ method: 'POST', idempotency_key: true }, 'again'],
])('an answer that breaks off, to %j: %s', async (config, retry) => {
  const { origin } = await web((_, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half');
    setImmediate(() => response.destroy());
  });
  expect(await refused({ url: origin, ...config })).toMatchObject({ code: 'connection_lost', retry });
});

test('a server that hangs up without an answer', async () => {
  const { origin } = await web((_, response) => response.destroy());
  expect(await refused({ url: origin, body: 'x' })).toMatchObject({
    code: 'connection_lost',
    retry: 'final',
  });
});

test('secrets that come back are hidden', async () => {
  const token = 's3cret-token';
  const { origin } = await web((request, response) =>
    response
      .writeHead(request.url === '/no' ? 403 : 200, { 'x-echo': request.headers.authorization! })
      .end(JSON.stringify({ [token]: [request.headers.authorization] })),
  );
  const asking = { values: { t: token } };
  for (const auth of [{ bearer: '{{ t }}' }, { basic: { user: 'ann', password: '{{ t }}' } }]) {
    const outcomes = [
      await ask({ url: `${origin}/yes`, auth }, asking),
      await ask({ url: `${origin}/no`, auth }, asking),
      await ask({ url: `${origin}/${token}`, expect: 204, auth }, asking),
    ];
    for (const secret of [token, btoa(`ann:${token}`)])
      expect(JSON.stringify(outcomes)).not.toContain(secret);
    expect(JSON.stringify(outcomes)).toContain('***');
  }
});

test('a saved answer is a file inside the directory of the run, whole or not there', async () => {
  const { origin } = await answers(Buffer.from([0, 255, 10]));
  const cwd = scratchFolder();
  const { outputs } = await asked({ url: origin, save_to: 'new/{{ n }}.bin' }, { cwd, values: { n: 1 } });
  expect(outputs).toMatchObject({ status: 200, file: join(cwd, 'new/1.bin'), bytes: 3 });
  expect(outputs).not.toHaveProperty('body');
  expect([...readFileSync(join(cwd, 'new/1.bin'))]).toEqual([0, 255, 10]);
  expect(readdirSync(join(cwd, 'new'))).toEqual(['1.bin']);
});

test.each(['../out', '/tmp/out', 'link/out', 'link/deeper/out', 'folder', '.'])(
  'an answer is not saved to `%s`',
  async (place) => {
    const { origin } = await answers('x');
    const [cwd, elsewhere] = [scratchFolder(), scratchFolder()];
    symlinkSync(elsewhere, join(cwd, 'link'));
    mkdirSync(join(cwd, 'folder'));
    expect(await refused({ url: origin, save_to: place }, { cwd })).toMatchObject({ code: 'save_failed' });
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(existsSync(join(cwd, '..', 'out'))).toBe(false);
    expect(readdirSync(cwd).sort()).toEqual(['folder', 'link']);
  },
);

test('an answer that is no success is not saved', async () => {
  const { origin } = await answers('no', {}, 404);
  const cwd = scratchFolder();
  expect(await ask({ url: origin, save_to: 'out' }, { cwd })).toMatchObject({ outputs: { body: 'no' } });
  expect(readdirSync(cwd)).toEqual([]);
});

test.each<[string, JsonObject]>([
  ['before the answer', {}],
  ['in the middle of it', { save_to: 'out' }],
])('told to end %s, it ends and leaves nothing', async (_, more) => {
  const abort = new AbortController();
  const { origin } = await web((_request, response) => {
    if (more.save_to) response.write('half of it');
    setImmediate(() => abort.abort());
  });
  const cwd = scratchFolder();
  await expect(ask({ url: origin, ...more }, { cwd, signal: abort.signal })).rejects.toThrow();
  expect(readdirSync(cwd)).toEqual([]);
});
