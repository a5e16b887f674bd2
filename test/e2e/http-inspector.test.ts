/** Inspector's command line, in both protocol eras, against the real HTTP server with a key. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Scratch } from './cli-program.ts';

const INSPECTOR = join(import.meta.dirname, '../../node_modules/.bin/mcp-inspector');

let scratch: Scratch;
let url: string;
let key: string;
let streamsBefore = 0;
beforeAll(async () => {
  scratch = new Scratch();
  key = (await scratch.run('keys', 'add', 'inspector', '--role', 'author')).stdout.trim();
  const running = scratch.start('serve', '--port', '0');
  let text = '';
  running.child.stdout?.on('data', (piece: string) => {
    text += piece;
  });
  await running.seen('/docs)\n');
  url = /serving on (\S+)/.exec(text)?.[1] ?? '';
});
afterAll(() => scratch.end());

async function inspect(protocolEra: string, ...args: readonly string[]) {
  const server = { type: 'streamable-http', url: `${url}/mcp`, headers: { authorization: `Bearer ${key}` } };
  scratch.write('inspector.json', JSON.stringify({ mcpServers: { belay: { ...server, protocolEra } } }));
  const config = ['--config', join(scratch.folder, 'inspector.json'), '--server', 'belay'];
  const { stdout } = await promisify(execFile)(INSPECTOR, ['--cli', ...config, ...args], {
    cwd: scratch.folder,
    env: { ...process.env, XDG_CACHE_HOME: scratch.folder },
    timeout: 60_000,
  });
  return JSON.parse(stdout);
}

it('lists the tools', { timeout: 120_000 }, async () => {
  const { tools } = await inspect('modern', '--method', 'tools/list');
  expect(tools.map((tool: { name: string }) => tool.name)).toContain('workflow_execute');
});

it.each(['legacy', 'modern'])('drives a run (%s)', { timeout: 120_000 }, async (era) => {
  const call = ['--method', 'tools/call', '--tool-name', 'workflow_execute'];
  const { structuredContent } = await inspect(
    era,
    ...call,
    '--tool-arg',
    `commands=["echo ${era} > ${era}"]`,
  );
  expect(structuredContent).toMatchObject({ status: 'succeeded' });
  expect(readFileSync(join(scratch.folder, era), 'utf8')).toBe(`${era}\n`);
  // only the older protocol opens a stream beside its calls
  const metrics = await (
    await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })
  ).text();
  const streams = /requests_total\{route="\/mcp",method="GET",status="200"\} (\d+)/.exec(metrics)?.[1] ?? '0';
  expect(Number(streams) - streamsBefore > 0).toBe(era === 'legacy');
  streamsBefore = Number(streams);
  const { answer } = await scratch.json('status', structuredContent.run_id);
  expect(answer.status).toBe('succeeded');
});
