/** The tools of an agent: inside the workspace only, by its profile, bounded, and nothing is left behind. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { fileTools } from '../../../../src/steps/agent/file-tools.ts';
import { httpTool } from '../../../../src/steps/agent/http-tool.ts';
import type { ToolResult } from '../../../../src/steps/agent/model.ts';
import { runTool } from '../../../../src/steps/agent/run-tool.ts';
import { type AgentTool, type Profile, toolbox } from '../../../../src/steps/agent/toolbox.ts';
import { scratchFolder } from './at-work.ts';

interface Bench {
  readonly folder: string;
  use(name: string, given: JsonObject, signal?: AbortSignal): Promise<ToolResult>;
}

function bench({
  profile = 'standard' as Profile,
  allowed = [] as readonly (readonly string[])[],
  allowPrivate = false,
} = {}): Bench {
  const folder = scratchFolder();
  const workspace = join(folder, 'work');
  mkdirSync(workspace);
  const run = runTool({ workspace, env: { PATH: process.env.PATH! }, profile, allowed });
  const all = [...fileTools(workspace, profile), run, httpTool(allowPrivate)] as unknown as AgentTool[];
  const tools = toolbox(all, profile, undefined);
  return {
    folder,
    async use(name, given, signal = new AbortController().signal) {
      const used = await tools.use({ name, arguments: JSON.stringify(given) }, signal);
      if (!used.ok) throw new Error(used.error.message);
      return used.value;
    },
  };
}

describe('files', () => {
  test('are read whole or by lines', async () => {
    const { folder, use } = bench();
    writeFileSync(join(folder, 'work/a'), 'one\ntwo\nthree\n');
    expect(await use('read_file', { path: 'a' })).toEqual({ text: 'one\ntwo\nthree\n', isError: false });
    expect((await use('read_file', { path: './a', from_line: 2, lines: 1 })).text).toBe('two');
  });

  test('that are no text, folders, missing or too long are said to be so', async () => {
    const { folder, use } = bench();
    writeFileSync(join(folder, 'work/binary'), Buffer.from([1, 0, 2]));
    writeFileSync(join(folder, 'work/long'), 'é'.repeat(40_000));
    expect(await use('read_file', { path: 'binary' })).toMatchObject({ isError: true });
    expect(await use('read_file', { path: '.' })).toMatchObject({ isError: true });
    expect(await use('read_file', { path: 'none' })).toMatchObject({ isError: true });
    const { text } = await use('read_file', { path: 'long' });
    expect(text).toContain('cut: 80000 bytes');
    expect(text.length).toBeLessThan(20_000);
  });

  test.each(['../secret', '/etc/passwd', 'way-out', 'folder-out/secret', 'a\0b'])(
    'outside are refused: %j',
    async (path) => {
      const { folder, use } = bench({ profile: 'privileged' });
      writeFileSync(join(folder, 'secret'), 'hidden');
      symlinkSync('../secret', join(folder, 'work/way-out'));
      symlinkSync('..', join(folder, 'work/folder-out'));
      for (const [name, given] of [
        ['read_file', { path }],
        ['write_file', { path, content: 'x' }],
      ] as const) {
        const { text, isError } = await use(name, given);
        expect(isError).toBe(true);
        expect(text).toMatch(/^refused: /);
      }
      expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('hidden');
    },
  );

  test('are not made through a link that leads nowhere', async () => {
    const { folder, use } = bench();
    symlinkSync('../made', join(folder, 'work/link'));
    expect((await use('write_file', { path: 'link', content: 'x' })).text).toMatch(/^refused: /);
    expect(existsSync(join(folder, 'made'))).toBe(false);
  });

  test('are written whole, keep their mode, and leave nothing beside them', async () => {
    const { folder, use } = bench();
    const path = join(folder, 'work/run.sh');
    writeFileSync(path, 'old');
    chmodSync(path, 0o755);
    expect(await use('write_file', { path: 'run.sh', content: 'new' })).toMatchObject({ isError: false });
    expect(await use('write_file', { path: 'deep/er/x', content: 'y' })).toMatchObject({ isError: false });
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(folder, 'work')).sort()).toEqual(['deep', 'run.sh']);
    expect(readdirSync(join(folder, 'work/deep/er'))).toEqual(['x']);
  });

  test('that decide what programs do later are written by `privileged` only', async () => {
    const standard = await bench().use('write_file', { path: '.git/hooks/pre-commit', content: 'x' });
    expect(standard).toMatchObject({ isError: true, text: expect.stringContaining('refused') });
    const { use } = bench({ profile: 'privileged' });
    expect(await use('write_file', { path: '.git/config', content: 'x' })).toMatchObject({ isError: false });
  });

  test('are listed by a glob, without what nobody wants to see', async () => {
    const { folder, use } = bench();
    for (const name of ['src/a.ts', 'src/b.js', 'node_modules/c.ts', '.git/d.ts']) {
      mkdirSync(join(folder, 'work', name, '..'), { recursive: true });
      writeFileSync(join(folder, 'work', name), '');
    }
    expect((await use('list_files', {})).text.split('\n')).toEqual(['src/']);
    expect((await use('list_files', { pattern: '**/*.ts' })).text).toBe('src/a.ts');
    expect((await use('list_files', { pattern: '*.md' })).text).toBe('nothing matches');
    expect((await use('list_files', { pattern: '../*' })).text).toMatch(/^refused/);
    expect((await use('list_files', { pattern: '/etc/*' })).text).toMatch(/^refused/);
  });
});

describe('programs', () => {
  test('that the step allows run without a shell', async () => {
    const { use } = bench({ allowed: [['echo'], ['git', 'status']] });
    expect(await use('run', { argv: ['echo', '$HOME; ls', '*'] })).toEqual({
      text: 'exit code 0\nstdout:\n$HOME; ls *\n',
      isError: false,
    });
    for (const argv of [['ls'], ['git', 'push'], ['git'], ['/bin/echo', 'x'], ['echo ', 'x']])
      expect((await use('run', { argv })).text).toMatch(/^refused: /);
  });

  test('tell their streams, their exit and what is not there', async () => {
    const { use } = bench({ profile: 'privileged' });
    expect(await use('run', { argv: ['sh', '-c', 'echo out; echo err >&2; exit 3'] })).toEqual({
      text: 'exit code 3\nstdout:\nout\n\nstderr:\nerr\n',
      isError: true,
    });
    expect((await use('run', { argv: ['sh', '-c', 'kill -9 $$'] })).text).toContain('killed by SIGKILL');
    expect((await use('run', { argv: ['no-such-program'] })).text).toContain('ENOENT');
    const { text } = await use('run', { argv: ['sh', '-c', 'yes | head -c 200000'] });
    expect(text).toContain('cut');
    expect(text.length).toBeLessThan(40_000);
  });

  test('leave nothing of their group behind', async () => {
    const { folder, use } = bench({ profile: 'privileged' });
    const { text } = await use('run', { argv: ['sh', '-c', 'sleep 300 >/dev/null 2>&1 & echo $!'] });
    const pid = Number(/stdout:\n(\d+)/.exec(text)?.[1]);
    await expect.poll(() => isAlive(pid), { interval: 5 }).toBe(false);
    expect((await use('run', { argv: ['sleep', '300'], seconds: 1 })).text).toContain('ended after 1 s');

    const abort = new AbortController();
    const script = 'sleep 300 & echo $! > pid; mv pid there; wait';
    const running = use('run', { argv: ['sh', '-c', script] }, abort.signal);
    await expect.poll(() => existsSync(join(folder, 'work/there')), { interval: 5 }).toBe(true);
    abort.abort(new Error('told to end'));
    await expect(running).rejects.toThrow('told to end');
    const inside = Number(readFileSync(join(folder, 'work/there'), 'utf8'));
    await expect.poll(() => isAlive(inside), { interval: 5 }).toBe(false);
  });
});

/** What is only not yet buried is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('http_get', () => {
  async function page(): Promise<string> {
    const server = http.createServer((request, response) => {
      response.writeHead(request.url === '/none' ? 404 : 200, { 'content-type': 'text/plain' });
      response.end(`you asked for ${request.url}`);
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('goes to no address of this machine, unless the step allows it', async () => {
    const origin = await page();
    const refused = await bench({ profile: 'privileged' }).use('http_get', { url: `${origin}/a` });
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('a private address') });
    const { use } = bench({ profile: 'privileged', allowPrivate: true });
    expect(await use('http_get', { url: `${origin}/a` })).toEqual({
      text: 'status 200, text/plain\nyou asked for /a',
      isError: false,
    });
    expect(await use('http_get', { url: `${origin}/none` })).toMatchObject({ isError: true });
  });

  test.each(['file:///etc/passwd', 'https://user:word@example.com', 'nothing'])('refuses %s', async (url) => {
    expect((await bench({ profile: 'privileged' }).use('http_get', { url })).text).toMatch(/^refused/);
  });
});
