/** Reports, logs and artifacts over HTTP: the bytes as they are, and never as a page. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

const large = randomBytes(3_000_000);

let scratch: ScratchServer;
let place: string;
beforeAll(async () => {
  scratch = await scratchServer();
  writeFileSync(join(scratch.folder, 'from.bin'), large);
  const definition = {
    name: 'makes-files',
    steps: [
      {
        id: 'make',
        command: "cp from.bin large.bin; echo '<script>alert(1)</script>' | tee page.html",
        outputs: { large: './large.bin', page: './page.html' },
      },
    ],
  };
  const { json } = await scratch.send('POST', '/api/v1/runs', { body: { definition } });
  expect(json).toMatchObject({ status: 'succeeded' });
  place = `/api/v1/runs/${json.run_id}`;
});
afterAll(() => scratch.end());

it('gives the bytes of an artifact', async () => {
  const answer = await fetch(`${scratch.server.url}${place}/artifact?name=large`);
  expect(Buffer.from(await answer.arrayBuffer()).equals(large)).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-length': String(large.length),
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''large.bin",
  });
  const etag = answer.headers.get('etag') ?? '';
  const again = await scratch.send('GET', `${place}/artifact?name=large`, {
    headers: { 'if-none-match': etag },
  });
  expect([again.status, again.text]).toEqual([304, '']);
});

it('shows no page that a step has written', async () => {
  const page = await scratch.send('GET', `${place}/artifact?name=page`);
  expect(page.headers['content-disposition']).toMatch(/^attachment/);
  const log = await scratch.send('GET', `${place}/log?step=make`);
  expect(log).toMatchObject({
    text: '<script>alert(1)</script>\n',
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
  expect((await scratch.send('GET', `${place}/report`)).text).toContain('makes-files');
});

it.each([
  ['artifact', 400, 'invalid_input'],
  ['artifact?name=nothing', 404, 'unknown_artifact'],
  ['artifact?name=../../home.key', 404, 'unknown_artifact'],
  ['artifact?name=%2e%2e%2fhome.key', 404, 'unknown_artifact'],
  ['log', 400, 'invalid_input'],
  ['log?step=nothing', 404, 'unknown_step'],
  ['log?step=../../home.key', 404, 'unknown_step'],
  ['log?step=%ff', 404, 'unknown_step'],
])('refuses %s', async (what, status, code) => {
  expect(await scratch.send('GET', `${place}/${what}`)).toMatchObject({ status, json: { code } });
});

it.each(['report', 'log?step=a', 'artifact?name=a'])('knows no %s of an unknown run', async (what) => {
  const got = await scratch.send('GET', `/api/v1/runs/r-1/${what}`);
  expect(got).toMatchObject({ status: 404, json: { code: 'unknown_run' } });
});
