/**
 * `npm run demo`: the real server over stdio, a real MCP client, a shipped workflow on a real git repository.
 * Steps succeed, a person's approval is asked in the client's form, a step fails, the cause is mended, the run resumes
 * where it stood and finishes; then the timeline. Exits with 1 when anything of that did not happen.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { RunView } from '../src/tools/run-view-schema.ts';

const scratch = mkdtempSync(join(tmpdir(), 'belay-demo-'));
const repository = join(scratch, 'shop');
const git = (...args: string[]) => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' });

function makeRepository(): void {
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', repository]);
  const as = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  for (const change of ['add the cart', 'count what is in the cart', 'show the sum of the cart']) {
    writeFileSync(join(repository, 'cart.txt'), `${change}\n`, { flag: 'a' });
    git('add', 'cart.txt');
    git(...as, 'commit', '--quiet', '-m', change);
    if (change === 'add the cart') git(...as, 'tag', '-a', '-m', 'first', 'v1.0.0');
  }
  // without a name git makes no annotated tag: the step will fail until somebody mends this
  git('config', 'user.useConfigOnly', 'true');
  git('config', 'user.name', 'Ada');
}

async function connect(): Promise<Client> {
  const client = new Client(
    { name: 'belay-demo', version: '1.0.0' },
    { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode: 'auto' } },
  );
  client.setRequestHandler('elicitation/create', (request) => {
    say(`? ${request.params.message.split('\n')[0]}`);
    say('  the person behind the client approves');
    return { action: 'accept', content: { approved: true, reason: 'looks good' } };
  });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(import.meta.dirname, '..', 'bin', 'belay.js'), 'mcp', '--home', join(scratch, 'home')],
      cwd: scratch,
      env: { PATH: process.env.PATH ?? '', HOME: scratch },
    }),
  );
  return client;
}

async function call(client: Client, tool: string, args: { [name: string]: unknown }): Promise<RunView> {
  say(`> ${tool} ${JSON.stringify(args)}`);
  const answer = await client.callTool(
    { name: tool, arguments: args },
    {
      onprogress: ({ progress, total, message }) =>
        total !== undefined && say(`  [${progress}/${total}] ${message}`),
    },
  );
  if (answer.isError) throw new Error(JSON.stringify(answer.content));
  return answer.structuredContent as RunView;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function expect(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${what}: expected ${String(wanted)}, found ${String(found)}`);
}

function timeline(view: RunView): void {
  say(`\n${view.workflow} ${view.run_id}: ${view.status} in ${view.duration_ms} ms`);
  for (const step of view.steps) {
    const time = step.duration_ms === undefined ? '' : `${step.duration_ms} ms`;
    say(
      `  ${step.status.padEnd(10)} ${step.id.padEnd(10)} ${step.type.padEnd(9)} attempts ${step.attempts}  ${time}`,
    );
  }
}

async function story(client: Client): Promise<void> {
  say('# 1. an agent starts the shipped workflow `release-notes` on a real repository\n');
  const failed = await call(client, 'workflow_execute', {
    workflow: 'release-notes',
    inputs: { repository, tag: 'v1.1.0' },
    wait_seconds: 60,
  });
  timeline(failed);
  expect('status of the run', failed.status, 'failed');
  const broken = failed.steps.find((step) => step.status === 'failed');
  expect('failed step', broken?.id, 'tag');
  say(`\n  ${broken?.error?.message}:\n${(broken?.log ?? '').trimEnd().replace(/^/gm, '    ')}`);

  say('\n# 2. the cause is mended, the run resumes: what succeeded is kept, nobody is asked twice\n');
  git('config', 'user.email', 'ada@example.org');
  const finished = await call(client, 'workflow_resume', { run_id: failed.run_id, wait_seconds: 60 });
  timeline(finished);
  expect('status of the run', finished.status, 'succeeded');
  expect('attempts of the approval', finished.steps.find((step) => step.id === 'approve')?.attempts, 1);
  expect('tag in the repository', git('tag', '--list', 'v1.1.0').trim(), 'v1.1.0');

  say('\n# 3. what it left behind\n');
  say(readFileSync(String(finished.outputs.file), 'utf8').trimEnd());
}

makeRepository();
const client = await connect();
try {
  await story(client);
  say('\ndemo: done');
} catch (error) {
  say(`\ndemo: failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await client.close();
  rmSync(scratch, { recursive: true, force: true });
}
