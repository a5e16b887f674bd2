/** Real runs through the three kinds of client that there are; each of them checks the answers against the listed schemas. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalogue.ts';
import { type AnswerForm, allClients, type TestClient } from '../unit/mcp/clients.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/belay.js', import.meta.url));

const APPROVAL = `
name: ask-first
steps:
  - id: go
    type: approval
    message: Release it?
  - id: release
    command: echo released
`;

const BREAKING = `
name: breaking
checkpoints: { paths: [project.txt] }
steps:
  - id: break
    checkpoint: { name: whole }
    command: echo after > project.txt
  - id: fail
    command: exit 7
`;

interface View {
  readonly run_id: string;
  readonly status: string;
  readonly steps: { readonly id: string; readonly status: string; readonly log?: string }[];
  readonly questions: { readonly question_id: string; readonly asked_of: string }[];
  readonly code?: string;
}

let home: string;
/** Of the steps: no snapshot holds the data folder or what is in it. */
let project: string;
const clients: TestClient[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-e2e-'));
  project = await mkdtemp(join(tmpdir(), 'belay-e2e-'));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const folder of [home, project]) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe.each(allClients)('%s', { timeout: 60_000 }, (name, connect) => {
  async function connected(answerForm?: AnswerForm) {
    const Transport = name === 'SDK v1' ? LegacyTransport : ModernTransport;
    const transport = new Transport({
      command: process.execPath,
      args: [PROGRAM, 'mcp', '--home', home],
      cwd: home,
      env: { PATH: process.env.PATH ?? '', HOME: home },
      stderr: 'inherit',
    });
    const client = await connect(transport, answerForm);
    clients.push(client);
    expect((await client.listTools()).map((tool) => tool.name)).toEqual(tools.map((tool) => tool.name));
    const call = async (tool: string, args: object): Promise<View> =>
      (await client.call(tool, args)).structuredContent as unknown as View;
    return { client, call };
  }

  it('runs commands, watches them and reads their log', async () => {
    const { client, call } = await connected();
    const run = await call('workflow_execute', { commands: ['echo one', 'echo two'] });
    expect(run).toMatchObject({ status: 'succeeded', progress: { done: 2, total: 2 } });
    const status = await client.call('workflow_status', { run_id: run.run_id, include: ['log'] });
    const view = status.structuredContent as unknown as View;
    expect(view.steps.map((step) => step.log?.trim())).toEqual(['one', 'two']);
    const links = status.content.filter((part) => part.type === 'resource_link');
    expect(await client.readResource(links[1]?.uri ?? '')).toMatchObject({ contents: [{ text: 'two\n' }] });
    expect(await call('workflow_history', {})).toMatchObject({ runs: [{ run_id: run.run_id }] });
  });

  it.each([
    ['approved', { action: 'accept', content: { approved: true } }, 'succeeded'],
    ['refused', { action: 'accept', content: { approved: false } }, 'failed'],
    ['declined', { action: 'decline' }, 'failed'],
    ['cancelled', { action: 'cancel' }, 'waiting'],
  ])('asks a person, who has it %s', async (_what, response, status) => {
    const asked: string[] = [];
    const { call } = await connected((message) => {
      asked.push(message);
      return response as ReturnType<AnswerForm>;
    });
    const run = await call('workflow_execute', { definition: APPROVAL });
    expect(run.status).toBe(status);
    expect(asked).toEqual(['Release it?']);
  });

  it('leaves the question to a person where it cannot ask one', async () => {
    const { call } = await connected();
    const run = await call('workflow_execute', { definition: APPROVAL });
    expect(run).toMatchObject({ status: 'waiting', questions: [{ asked_of: 'human' }] });
    const question_id = run.questions[0]?.question_id;
    const answer = { run_id: run.run_id, question_id, answer: { approved: true } };
    expect(await call('workflow_answer', answer)).toMatchObject({ code: 'human_required' });
    const cancelled = await call('workflow_cancel', { run_id: run.run_id });
    expect(cancelled).toMatchObject({ run_id: run.run_id });
  });

  it.each([
    ['agrees', { action: 'accept', content: { confirm: true } }, 'rolled_back', 'before\n'],
    ['declines', { action: 'decline' }, 'declined', 'after\n'],
  ])('shows a person the plan before it takes files back; who %s', async (_what, response, end, text) => {
    const asked: string[] = [];
    const { call } = await connected((message) => {
      asked.push(message);
      return response as unknown as ReturnType<AnswerForm>;
    });
    const file = join(project, 'project.txt');
    await writeFile(file, 'before\n');
    const run = await call('workflow_execute', { definition: BREAKING, cwd: project });
    const answer = await call('workflow_rollback', { run_id: run.run_id, strategy: 'graceful' });
    expect(answer.code ?? answer.status).toBe(end);
    expect(asked).toEqual([expect.stringContaining('change project.txt')]);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('takes files back where it cannot ask, unless the workflow wants a word first', async () => {
    const { call } = await connected();
    const file = join(project, 'project.txt');
    await writeFile(file, 'before\n');
    const strict = await call('workflow_execute', {
      definition: `${BREAKING}rollback: { confirm: always }\n`,
      cwd: project,
    });
    const given = { strategy: 'checkpoint', checkpoint: 'whole' };
    expect(await call('workflow_rollback', { run_id: strict.run_id, ...given })).toMatchObject({
      code: 'confirmation_needed',
    });
    expect(await readFile(file, 'utf8')).toBe('after\n');
    await writeFile(file, 'before\n');
    const run = await call('workflow_execute', { definition: BREAKING, cwd: project });
    const plan = await call('workflow_rollback', { run_id: run.run_id, ...given, dry_run: true });
    expect(plan).toMatchObject({ dry_run: true, diff: expect.stringContaining('+before') });
    expect(await call('workflow_rollback', { run_id: run.run_id, ...given })).toMatchObject({
      status: 'paused',
    });
    expect(await readFile(file, 'utf8')).toBe('before\n');
  });

  it('gets every error whole, although it checks the answers', async () => {
    const { call } = await connected();
    const errors: [string, object, string][] = [
      ['workflow_execute', { workflow: 'no-such' }, 'unknown_workflow'],
      ['workflow_status', { run_id: 'r-none' }, 'unknown_run'],
      ['workflow_status', { run: 'r-none', run_id: 'r' }, 'unknown_argument'],
      ['workflow_execute', { commands: 'echo' }, 'invalid_input'],
      ['workflow_rollback', { run_id: 'r-none', strategy: 'graceful' }, 'unknown_run'],
    ];
    for (const [tool, args, code] of errors) expect(await call(tool, args)).toMatchObject({ code });
  });
});
