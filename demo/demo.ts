/**
 * `npm run demo`: the real server over stdio, a real MCP client, a shipped workflow on a real git repository.
 * Steps succeed, a person's approval is asked in the client's form, a step fails, the cause is mended, the run resumes
 * where it stood and finishes. Then a run breaks files by shell and fails: it is taken back to its checkpoint byte for
 * byte, resumes with another input and finishes. Exits with 1 when anything of that did not happen.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
    for (const line of request.params.message.split('\n').slice(0, 9)) say(`? ${line}`);
    say('  the person behind the client agrees');
    const isRollback = request.params.message.startsWith('Roll back');
    return {
      action: 'accept',
      content: isRollback ? { confirm: true } : { approved: true, reason: 'looks good' },
    };
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
  const { definition, ...shown } = args;
  const inline = definition === undefined ? '' : ` (definition: ${(definition as { name: string }).name})`;
  say(`> ${tool} ${JSON.stringify(shown)}${inline}`);
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

const project = join(scratch, 'project');

/** What no tool's undo likes: modes, links, an empty folder, a file without a final newline, a repository inside. */
function makeProject(): void {
  mkdirSync(join(project, 'src', 'empty'), { recursive: true });
  writeFileSync(join(project, 'src', 'prices.csv'), 'apple;1.20\r\npear;2.40');
  writeFileSync(join(project, 'deploy.sh'), '#!/bin/sh\necho deploying\n');
  chmodSync(join(project, 'deploy.sh'), 0o750);
  writeFileSync(join(project, 'secret.env'), 'TOKEN=demo\n');
  chmodSync(join(project, 'secret.env'), 0o600);
  symlinkSync('src/prices.csv', join(project, 'latest'));
  execFileSync('git', ['init', '--quiet', join(project, 'vendored')]);
}

/** Every path with its type, mode, time and bytes. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    const { mode, mtimeMs } = lstatSync(path);
    const link = (mode & 0o170000) === 0o120000;
    const file = (mode & 0o170000) === 0o100000;
    const content = link ? readlinkSync(path) : file ? readFileSync(path) : '';
    hash.update(`${name}\0${mode}\0${link ? 0 : mtimeMs}\0`).update(content);
  }
  return hash.digest('hex');
}

const RAISE_PRICES = {
  name: 'raise-prices',
  inputs: { percent: { type: 'integer', required: true } },
  steps: [
    { id: 'check', command: 'test -s src/prices.csv' },
    {
      id: 'rewrite',
      checkpoint: { name: 'before-rewrite' },
      command:
        'echo "{{ inputs.percent }}" > percent; echo banana > src/prices.csv; chmod 777 secret.env; ' +
        'rm -r src/empty latest vendored; mv deploy.sh src/',
    },
    { id: 'announce', command: 'echo raised >> ../announced', undo: 'echo taken back >> ../announced' },
    { id: 'verify', type: 'assert', condition: 'inputs.percent <= 10', message: 'too much for one day' },
  ],
};

async function wayBack(client: Client): Promise<void> {
  say('\n# 4. another run breaks files by shell, and its last step says no\n');
  const before = fingerprint(project);
  const given = { definition: RAISE_PRICES, inputs: { percent: 50 }, cwd: project, wait_seconds: 60 };
  const failed = await call(client, 'workflow_execute', given);
  timeline(failed);
  expect('status of the run', failed.status, 'failed');
  if (fingerprint(project) === before) throw new Error('the run has broken nothing');

  say('\n# 5. back to the checkpoint: the person sees the plan first, then the files are as they were\n');
  const { run_id } = failed;
  const back = await call(client, 'workflow_rollback', { run_id, strategy: 'checkpoint', wait_seconds: 60 });
  timeline(back);
  expect('status of the run', back.status, 'paused');
  expect('fingerprint of the tree', fingerprint(project), before);
  expect('what was undone', readFileSync(join(scratch, 'announced'), 'utf8'), 'raised\ntaken back\n');
  say('\n  every byte, mode, time and link is as it was');

  say('\n# 6. the run goes on from there with another input\n');
  const finished = await call(client, 'workflow_resume', {
    run_id,
    inputs: { percent: 5 },
    wait_seconds: 60,
  });
  timeline(finished);
  expect('status of the run', finished.status, 'succeeded');
  expect('what the run wrote', readFileSync(join(project, 'percent'), 'utf8'), '5\n');
}

makeRepository();
makeProject();
const client = await connect();
try {
  await story(client);
  await wayBack(client);
  say('\ndemo: done');
} catch (error) {
  say(`\ndemo: failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await client.close();
  rmSync(scratch, { recursive: true, force: true });
}
