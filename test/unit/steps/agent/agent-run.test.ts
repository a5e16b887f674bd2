/** Agent steps in whole runs: through the tools as a client calls them, and over the death of a host. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { scratchBelay } from '../../../fixtures/scratch-belay.ts';
import { viewOf } from '../../../fixtures/view-of.ts';
import { World } from '../../engine/host/world.ts';
import { oddSite } from '../mcp/odd-site.ts';
import { modelServer, openai } from './model-server.ts';

/** Whoever runs the tests may have keys: no test may use them. */
beforeEach(() => {
  for (const name of ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'ANTHROPIC_API_KEY']) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

function scratch() {
  const made = scratchBelay();
  onTestFinished(() => made.close());
  return made;
}

test('a run gives a file to a model, checks its answer and works with its fields', async () => {
  vi.stubEnv('THE_KEY', 'sk-very-secret-key');
  const server = await modelServer(
    openai({ text: 'I look.', calls: [['read_file', { path: 'log.txt' }]] }),
    openai({ text: '{"errors": ["disk full"], "severity": 4}' }),
  );
  const { folder, context, call } = scratch();
  writeFileSync(join(folder, 'log.txt'), 'line 1\nERROR disk full\n');
  const definition = {
    name: 'triage',
    inputs: { file: { type: 'string', default: 'log.txt' } },
    prerequisites: [{ env: 'THE_KEY' }],
    steps: [
      {
        id: 'look',
        type: 'agent',
        prompt: 'Which errors are in {{ inputs.file }}?',
        providers: [{ provider: 'openai', base_url: `${server.origin}/v1`, model: 'm', key_env: 'THE_KEY' }],
        schema: {
          type: 'object',
          properties: {
            errors: { type: 'array', items: { type: 'string' } },
            severity: { type: 'integer', maximum: 5 },
          },
          required: ['errors', 'severity'],
        },
      },
      { id: 'say', command: 'echo "{{ steps.look.outputs.errors[0] }}" > told' },
    ],
    outputs: { severity: '{{ steps.look.outputs.severity }}' },
  };
  const view = viewOf(
    await call('workflow_execute', { definition: JSON.stringify(definition), wait_seconds: 60 }),
  );
  expect(view, view.reason).toMatchObject({ status: 'succeeded', outputs: { severity: 4 } });
  expect(readFileSync(join(folder, 'told'), 'utf8')).toBe('disk full\n');
  expect(JSON.stringify(server.seen[0]?.body.messages)).toContain('Which errors are in log.txt?');
  expect(server.seen[0]?.headers.authorization).toBe('Bearer sk-very-secret-key');
  const read = context.belay.journal.read(view.run_id);
  const journaled = JSON.stringify(read.ok && read.value.map(({ event }) => event));
  expect(journaled).not.toContain('sk-very-secret-key');
  expect(journaled.match(/"step\.noted"/g)).toHaveLength(3);
});

test('without a key the connected agent is asked, and its answer goes on', async () => {
  const { folder, call } = scratch();
  writeFileSync(join(folder, 'a.md'), '# Title\n');
  const definition = {
    name: 'ask',
    steps: [
      { id: 'sum', type: 'agent', prompt: 'Sum it up.', inputs: ['*.md'] },
      { id: 'keep', type: 'set', values: { got: '{{ steps.sum.outputs.text }}' } },
    ],
    outputs: { got: '{{ steps.keep.outputs.got }}' },
  };
  const waiting = viewOf(
    await call('workflow_execute', { definition: JSON.stringify(definition), wait_seconds: 60 }),
  );
  expect(waiting).toMatchObject({ status: 'waiting', questions: [{ kind: 'agent', asked_of: 'agent' }] });
  const [question] = waiting.questions;
  expect(question?.prompt).toContain('# Title');
  const run = { run_id: waiting.run_id, question_id: question?.question_id };
  const misfit = await call('workflow_answer', { ...run, answer: { text: 7 } });
  expect(misfit).toMatchObject({ kind: 'error', error: { code: 'invalid_answer' } });
  await call('workflow_answer', { ...run, answer: { text: 'a title' } });
  const done = viewOf(await call('workflow_status', { run_id: run.run_id, wait_seconds: 60 }));
  expect(done).toMatchObject({ status: 'succeeded', outputs: { got: 'a title' } });
});

test('a later host goes on after the last finished call', async () => {
  const world = new World();
  let isAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const server = await modelServer(
    openai({ calls: [['run', { argv: ['sh', '-c', 'echo once >> count'] }]] }),
    () => isAsked(),
    openai({ text: 'counted' }),
  );
  const first = world.host();
  mkdirSync(join(world.folder, 'work'));
  const run = await world.run(
    {
      steps: [
        {
          id: 'count',
          type: 'agent',
          prompt: 'Count.',
          security_profile: 'privileged',
          providers: [{ provider: 'openai', base_url: `${server.origin}/v1`, model: 'm' }],
        },
      ],
    },
    { cwd: join(world.folder, 'work') },
  );
  await asked;
  first.die();
  world.host();
  await world.until(() => world.status(run) === 'succeeded');
  expect(readFileSync(join(world.folder, 'work/count'), 'utf8')).toBe('once\n');
  expect(server.seen).toHaveLength(3);
  expect(server.seen[2]?.body.messages).toEqual(server.seen[1]?.body.messages);
  expect(world.state(run).byKey.get('count')).toMatchObject({ outputs: { text: 'counted', turns: 2 } });
});

test('a later host makes no call of an MCP tool again that was finished', async () => {
  const world = new World();
  const { url, seen } = await oddSite();
  const calls = () => seen.filter(({ body }) => body.includes('"tools/call"')).length;
  let isAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const model = await modelServer(
    openai({ calls: [['odd__greet', { name: 'Ann' }]] }),
    () => isAsked(),
    openai({ text: 'greeted' }),
  );
  const first = world.host();
  const run = await world.run({
    steps: [
      {
        id: 'greet',
        type: 'agent',
        prompt: 'Greet.',
        security_profile: 'standard',
        mcp_tools: [
          { name: 'odd', server: { url, headers: { 'x-of': '{{ run.workflow }}' } }, tools: ['greet'] },
        ],
        providers: [{ provider: 'openai', base_url: `${model.origin}/v1`, model: 'm' }],
      },
    ],
  });
  await asked;
  first.die();
  world.host();
  await world.until(() => world.status(run) === 'succeeded');
  expect(calls()).toBe(1);
  expect(seen.map(({ headers }) => headers['x-of'])).toContain('test');
  expect(model.seen[2]?.body.messages).toEqual(model.seen[1]?.body.messages);
  expect(JSON.stringify(model.seen[2]?.body.messages)).toContain('hello Ann');
});
