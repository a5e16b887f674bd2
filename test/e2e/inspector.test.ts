import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const INSPECTOR = join(ROOT, 'node_modules', '.bin', 'mcp-inspector');

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-inspector-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** One call of Inspector's command line against the real server. */
async function inspect(...args: string[]) {
  const server = [process.execPath, join(ROOT, 'bin', 'belay.js'), 'mcp', '--home', home];
  const { stdout } = await promisify(execFile)(INSPECTOR, ['--cli', ...server, ...args], {
    cwd: home,
    env: { ...process.env, XDG_CACHE_HOME: home },
    timeout: 60_000,
  });
  return JSON.parse(stdout);
}

test("Inspector's command line lists the tools and drives a run", { timeout: 120_000 }, async () => {
  const { tools } = await inspect('--method', 'tools/list');
  expect(tools.map((tool: { name: string }) => tool.name)).toContain('workflow_execute');
  const call = [
    '--method',
    'tools/call',
    '--tool-name',
    'workflow_execute',
    '--tool-arg',
    'commands=["echo from-inspector"]',
  ];
  const { structuredContent } = await inspect(...call);
  expect(structuredContent).toMatchObject({ status: 'succeeded', steps: [{ log: 'from-inspector\n' }] });
});
