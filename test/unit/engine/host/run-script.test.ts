/** Scripts beside the steps: what they read and write, and how they fail. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runScript } from '../../../../src/engine/host/run-script.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-script-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const specOf = (script: string) => ({
  shell: ['bash', '-euo', 'pipefail', '-c'],
  script,
  env: { PATH: process.env.PATH ?? '' },
  cwd: folder,
});

test('stdin and stdout are the files themselves, so that no shell takes itself for a remote one', async () => {
  const [stdin, stdout] = [join(folder, 'in'), join(folder, 'out')];
  writeFileSync(stdin, 'state\n');
  const script = '[ -f /dev/stdin ] && [ -f /dev/stdout ] && cat';
  expect(
    await runScript({ name: 'restore', mark: 'r/a/restore/0', spec: specOf(script), stdin, stdout }),
  ).toMatchObject({
    ok: true,
  });
  expect(readFileSync(stdout, 'utf8')).toBe('state\n');
});

test('a failure has the exit code and the last words', async () => {
  const failed = await runScript({
    name: 'capture of `a`',
    mark: 'r/a/capture/0',
    spec: specOf('echo no such table >&2; exit 4'),
  });
  expect(failed).toMatchObject({
    ok: false,
    error: { code: 'script', message: 'capture of `a` failed: exit code 4: no such table' },
  });
});

test('its last words begin with a whole one: no end of a secret stays that no mask would know', async () => {
  const script = 'echo "hunter2-the-password $(printf "%01985d" 0) the end" >&2; exit 1';
  const failed = await runScript({ name: 'capture of `a`', mark: 'r/a/capture/0', spec: specOf(script) });
  expect(failed).toMatchObject({ ok: false, error: { message: expect.stringContaining('the end') } });
  expect(JSON.stringify(failed)).not.toContain('password');
});

test('a script whose time is over is ended, with all that it started', async () => {
  const spec = specOf('sleep 1000 & wait');
  const late = await runScript({ name: 'capture of `a`', mark: 'r/a/capture/1', spec, timeMs: 300 });
  expect(late).toMatchObject({
    ok: false,
    error: { message: expect.stringMatching(/^capture of `a` failed: it did not end within 0.3 s/) },
  });
});

test.each(['before it begins', 'while it runs'])(
  'a script that nobody needs any more, %s, is ended',
  async (when) => {
    const abort = new AbortController();
    if (when === 'before it begins') abort.abort();
    else setImmediate(() => abort.abort());
    const script = {
      name: 'capture',
      mark: 'r/a/capture/2',
      spec: specOf('sleep 1000'),
      signal: abort.signal,
    };
    expect(await runScript(script)).toMatchObject({
      ok: false,
      error: { message: 'capture failed: SIGTERM' },
    });
  },
);

test('one that was ended is no success, whatever it says itself', async () => {
  const abort = new AbortController();
  const stdout = join(folder, 'out');
  const spec = specOf('trap "exit 0" TERM; echo half; sleep 1000 & wait');
  const ran = runScript({ name: 'capture', mark: 'r/a/capture/3', spec, stdout, signal: abort.signal });
  await vi.waitUntil(() => existsSync(stdout) && readFileSync(stdout, 'utf8') === 'half\n', {
    timeout: 50_000,
  });
  abort.abort();
  expect(await ran).toMatchObject({ ok: false, error: { code: 'script' } });
});

test('a time that is longer than a timer takes does not end at once', async () => {
  const spec = specOf('sleep 0.1');
  const timeMs = 30 * 86_400_000;
  expect(await runScript({ name: 'capture', mark: 'r/a/capture/4', spec, timeMs })).toMatchObject({
    ok: true,
  });
});

test('where one file cannot be opened the other does not stay open', async () => {
  const stdin = join(folder, 'in');
  writeFileSync(stdin, '');
  const stdout = join(folder, 'gone', 'out');
  const spec = specOf('cat');
  expect(await runScript({ name: 'restore', mark: 'r/a/restore/3', spec, stdin, stdout })).toMatchObject({
    ok: false,
    error: { code: 'script', message: expect.stringContaining(stdout) },
  });
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  expect(open).not.toContain(stdin);
});

test('a file that has gone is a failure that names it', async () => {
  const stdin = join(folder, 'gone');
  const ran = await runScript({ name: 'restore', mark: 'r/a/restore/1', spec: specOf('cat'), stdin });
  expect(ran).toMatchObject({
    ok: false,
    error: { code: 'script', message: expect.stringContaining(stdin) },
  });
});

test('what a killed host has left of the script is ended before it runs again', async () => {
  const mark = `r-${process.pid}/a/restore/2`;
  const first = spawn('bash', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], {
    env: { ...process.env, BELAY_SCRIPT: mark },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(first.stdout, 'data');
  const gone = once(first, 'exit');
  expect(await runScript({ name: 'restore', mark, spec: specOf('true') })).toMatchObject({ ok: true });
  expect(await gone).toEqual([null, 'SIGKILL']);
}, 20_000);
