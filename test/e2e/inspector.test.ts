/** Inspector's command line, in both protocol eras, against the real server over stdio. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const INSPECTOR = join(ROOT, 'node_modules', '.bin', 'mcp-inspector');

let home: string;
/** Of the steps: no snapshot holds the data folder or what is in it. */
let project: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-inspector-'));
  project = await mkdtemp(join(tmpdir(), 'belay-inspector-'));
});
afterAll(async () => {
  for (const folder of [home, project]) await rm(folder, { recursive: true, force: true });
});

/** One call of Inspector's command line against the real server, which writes down what it is sent. */
async function inspect(protocolEra: 'legacy' | 'modern', ...args: readonly string[]) {
  const server = [process.execPath, join(ROOT, 'bin', 'belay.js'), 'mcp', '--home', home];
  const config = {
    type: 'stdio',
    command: 'sh',
    args: ['-c', 'tee "$0" | "$@"', join(home, 'sent.jsonl'), ...server],
    protocolEra,
  };
  await writeFile(join(home, 'inspector.json'), JSON.stringify({ mcpServers: { belay: config } }));
  const from = ['--cli', '--config', join(home, 'inspector.json'), '--server', 'belay'];
  const { stdout } = await promisify(execFile)(INSPECTOR, [...from, ...args], {
    cwd: home,
    env: { ...process.env, XDG_CACHE_HOME: home },
    timeout: 60_000,
  });
  const [first = ''] = (await readFile(join(home, 'sent.jsonl'), 'utf8')).split('\n');
  expect(JSON.parse(first).method).toBe(protocolEra === 'legacy' ? 'initialize' : 'server/discover');
  return JSON.parse(stdout);
}

test("Inspector's command line lists the tools and drives a run (legacy)", { timeout: 120_000 }, async () => {
  const { tools } = await inspect('legacy', '--method', 'tools/list');
  expect(tools.map((tool: { name: string }) => tool.name)).toContain('workflow_execute');
  const call = [
    '--method',
    'tools/call',
    '--tool-name',
    'workflow_execute',
    '--tool-arg',
    'commands=["echo from-inspector"]',
  ];
  const { structuredContent } = await inspect('legacy', ...call);
  expect(structuredContent).toMatchObject({ status: 'succeeded', steps: [{ log: 'from-inspector\n' }] });
});

test("Inspector's command line takes a run back (modern)", { timeout: 120_000 }, async () => {
  const call = (tool: string, ...args: readonly string[]) =>
    inspect(
      'modern',
      '--method',
      'tools/call',
      '--tool-name',
      tool,
      ...args.flatMap((arg) => ['--tool-arg', arg]),
    );
  const file = join(project, 'project.txt');
  await writeFile(file, 'before\n');
  const run = await call(
    'workflow_execute',
    'commands=["echo after > project.txt", "exit 7"]',
    `cwd=${project}`,
  );
  const { run_id } = run.structuredContent;
  expect(await readFile(file, 'utf8')).toBe('after\n');
  const back = await call('workflow_rollback', `run_id=${run_id}`, 'strategy=graceful');
  expect(back.structuredContent).toMatchObject({
    status: 'rolled_back',
    rollback: { files: { changed: 1 } },
  });
  expect(await readFile(file, 'utf8')).toBe('before\n');
});
