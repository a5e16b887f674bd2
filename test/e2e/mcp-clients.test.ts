/** Real runs through the three kinds of client that there are; each of them checks the answers against the listed schemas. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

/** Of the steps: no snapshot holds the data folder or what is in it. */
let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'belay-e2e-'));
});
afterEach(() => rm(project, { recursive: true, force: true, maxRetries: 5 }));

type Call = (tool: string, args: object) => Promise<View>;

describe.each(allClients)('%s', { timeout: 60_000 }, (name, connect) => {
  let home: string;
  let asked: string[];
  let respond: () => object;
  /** One that can show a form to a person, who then does what `respond` says, and one that cannot. */
  let asking: Call;
  let client: TestClient;
  let call: Call;
  const clients: TestClient[] = [];

  async function connected(answerForm?: AnswerForm): Promise<TestClient> {
    const Transport = name === 'SDK v1' ? LegacyTransport : ModernTransport;
    const transport = new Transport({
      command: process.execPath,
      args: [PROGRAM, 'mcp', '--home', home],
      cwd: home,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: home,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
      },
      stderr: 'inherit',
    });
    const connection = await connect(transport, answerForm);
    clients.push(connection);
    return connection;
  }

  const callOf =
    (connection: TestClient): Call =>
    async (tool, args) =>
      (await connection.call(tool, args)).structuredContent as unknown as View;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'belay-e2e-'));
    asking = callOf(
      await connected((message) => {
        asked.push(message);
        return respond() as ReturnType<AnswerForm>;
      }),
    );
    client = await connected();
    call = callOf(client);
  }, 60_000);
  beforeEach(() => {
    asked = [];
  });
  afterAll(async () => {
    await Promise.all(clients.map((connection) => connection.close()));
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it('lists the tools', async () => {
    expect((await client.listTools()).map((tool) => tool.name)).toEqual(tools.map((tool) => tool.name));
  });

  it('runs commands, watches them and reads their log', async () => {
    const run = await call('workflow_execute', { commands: ['echo one', 'echo two'] });
    expect(run).toMatchObject({ status: 'succeeded', progress: { done: 2, total: 2 } });
    const status = await client.call('workflow_status', { run_id: run.run_id, include: ['log'] });
    const view = status.structuredContent as unknown as View;
    expect(view.steps.map((step) => step.log?.trim())).toEqual(['one', 'two']);
    const links = status.content.filter((part) => part.type === 'resource_link');
    expect(await client.readResource(links[1]?.uri ?? '')).toMatchObject({ contents: [{ text: 'two\n' }] });
    expect(await call('workflow_history', { limit: 1 })).toMatchObject({ runs: [{ run_id: run.run_id }] });
  });

  it.each([
    ['approved', { action: 'accept', content: { approved: true } }, 'succeeded'],
    ['refused', { action: 'accept', content: { approved: false } }, 'failed'],
    ['declined', { action: 'decline' }, 'failed'],
    ['cancelled', { action: 'cancel' }, 'waiting'],
  ])('asks a person, who has it %s', async (_what, response, status) => {
    respond = () => response;
    const run = await asking('workflow_execute', { definition: APPROVAL });
    expect(run.status).toBe(status);
    expect(asked).toEqual(['Release it?']);
  });

  it('leaves the question to a person where it cannot ask one', async () => {
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
    respond = () => response;
    const file = join(project, 'project.txt');
    await writeFile(file, 'before\n');
    const run = await asking('workflow_execute', { definition: BREAKING, cwd: project });
    const answer = await asking('workflow_rollback', { run_id: run.run_id, strategy: 'graceful' });
    expect(answer.code ?? answer.status).toBe(end);
    expect(asked).toEqual([expect.stringContaining('change project.txt')]);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('takes files back where it cannot ask, unless the workflow wants a word first', async () => {
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
