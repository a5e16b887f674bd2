/** `belay serve` and `belay keys` as people run them: a real process, told to end while it works. */
import { request } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Running, Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.end());

interface Served {
  readonly running: Running;
  readonly url: string;
}

async function serve(...args: readonly string[]): Promise<Served> {
  const running = scratch.start('serve', '--port', '0', ...args);
  let text = '';
  running.child.stdout?.on('data', (piece: string) => {
    text += piece;
  });
  await running.seen('/docs)\n');
  return { running, url: /serving on (\S+)/.exec(text)?.[1] ?? '' };
}

const post = (url: string, body: object, key?: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(body),
  });

/** A GET that is known to have arrived; `answer` is what comes in the end. */
function arrived(url: string): Promise<{ readonly answer: Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { expect: '100-continue' } });
    const answer = new Promise((done, lost) => {
      sent.on('error', lost);
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => done(JSON.parse(text)));
      });
    });
    answer.catch(reject);
    sent.on('continue', () => resolve({ answer }));
    sent.end();
  });
}

const LONG = {
  commands: ['until [ -e go ]; do sleep 0.05; done', 'echo done > done'],
  wait_seconds: 0,
};

it('answers who waits, hands the run over and ends when it is told to', { timeout: 60_000 }, async () => {
  const { running, url } = await serve();
  const created = await post(`${url}/api/v1/runs`, LONG);
  const { run_id } = (await created.json()) as { run_id: string };
  const events = await fetch(`${url}/api/v1/runs/${run_id}/events`);
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let seen = ''; !seen.includes('event: step.started'); ) seen += (await reader?.read())?.value ?? '';
  const { answer } = await arrived(`${url}/api/v1/runs/${run_id}?wait_seconds=300`);
  running.child.kill('SIGTERM');
  expect(await answer).toMatchObject({ run_id, status: 'running' });
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read());
  expect(await running.ended).toMatchObject({ status: 0 });
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  scratch.write('go', '');
  expect((await scratch.run('logs', run_id, '-f')).status).toBe(0);
  expect((await scratch.json('status', run_id)).answer.status).toBe('succeeded');
  expect(scratch.read('done')).toBe('done\n');
});

it('shares its runs with another server on the same data folder', { timeout: 60_000 }, async () => {
  const [one, other] = await Promise.all([serve(), serve()]);
  const created = await post(`${one.url}/api/v1/runs`, { commands: ['echo hello'] });
  const { run_id } = (await created.json()) as { run_id: string };
  const seen = await fetch(`${other.url}/api/v1/runs/${run_id}?include=log`);
  expect(await seen.json()).toMatchObject({ status: 'succeeded', steps: [{ log: 'hello\n' }] });
});

it('asks for keys from the first one on, and knows what becomes of them', { timeout: 60_000 }, async () => {
  const refused = await scratch.run('serve', '--host', '0.0.0.0', '--port', '0');
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('belay keys add') });
  const { url } = await serve();
  expect((await fetch(`${url}/api/v1/runs`)).status).toBe(200);
  const added = await scratch.run('keys', 'add', 'ann', '--role', 'operator', '--expires', '1h');
  const key = added.stdout.trim();
  expect(key).toMatch(/^belay_ann_/);
  expect((await fetch(`${url}/api/v1/runs`)).status).toBe(401);
  expect((await post(`${url}/api/v1/runs`, { workflow: 'nothing' }, key)).status).toBe(404);
  expect((await post(`${url}/api/v1/runs`, LONG, key)).status).toBe(403);
  const listed = await scratch.run('keys', 'ls', '--json');
  expect(JSON.parse(listed.stdout)).toEqual({
    keys: [expect.objectContaining({ name: 'ann', roles: ['operator'], state: 'active' })],
  });
  expect(listed.stdout).not.toContain('sha256');
  expect((await scratch.run('keys', 'revoke', 'ann')).status).toBe(0);
  expect((await post(`${url}/api/v1/runs`, { workflow: 'nothing' }, key)).status).toBe(401);
  expect((await scratch.run('keys', 'ls')).stdout).toContain('revoked');
  expect((await scratch.run('keys', 'add', 'bob', '--role', 'root')).status).toBe(2);
  for (const when of ['soon', '0s', '99999999999d'])
    expect((await scratch.run('keys', 'add', 'bob', '--role', 'viewer', '--expires', when)).status).toBe(2);
  expect((await scratch.run('keys', 'add', 'ann', '--role', 'viewer')).stderr).toContain(
    'choose another name',
  );
});
