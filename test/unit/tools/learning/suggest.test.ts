/** What is suggested after real runs: the next command with counts that are true, workflows with their inputs, no secrets. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SuggestionView } from '../../../../src/tools/learning/suggestion-view.ts';
import { type Scratch, scratchBelay } from '../../../fixtures/scratch-belay.ts';

const SECRET = 'hunter2-hunter2';
const TYPED = 'correct-horse-battery';

const DEPLOY = `
name: deploy-service
description: Bring a service to an environment
category: deployment
inputs:
  service: { type: string, required: true }
  env: { type: string, enum: [staging, prod], required: true }
  replicas: { type: integer, default: 2, minimum: 1 }
  password: { type: string, default: none }
secrets: [SUGGEST_TEST_TOKEN]
steps:
  - id: push-image
    command: true push {{ inputs.service }} {{ inputs.env }} {{ inputs.password }} {{ env.SUGGEST_TEST_TOKEN }}
  - id: check
    command: test {{ inputs.replicas }} -gt 1
`;

let scratch: Scratch;

beforeAll(async () => {
  process.env.SUGGEST_TEST_TOKEN = SECRET;
  scratch = scratchBelay();
  const folder = join(scratch.folder, '.belay', 'workflows');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'deploy-service.yaml'), DEPLOY);
  for (let round = 0; round < 6; round += 1) {
    const last = round === 2 ? 'git status' : 'git diff --stat';
    await execute({
      commands: ['git init --quiet', 'git config user.name ann', last],
      intent: 'look at the repository',
    });
  }
  for (const replicas of [2, 3, 4])
    await execute({
      workflow: 'deploy-service',
      inputs: { service: 'api', env: 'staging', replicas, password: TYPED },
      intent: 'bring the api to its test environment',
    });
});

afterAll(() => {
  delete process.env.SUGGEST_TEST_TOKEN;
  scratch.close();
});

async function answer(name: string, args: object): Promise<Record<string, unknown>> {
  const given = await scratch.call(name, args);
  if (given.kind !== 'done') throw new Error(JSON.stringify(given));
  return given.structured;
}

async function execute(args: object): Promise<void> {
  const { status, reason } = await answer('workflow_execute', { ...args, wait_seconds: 60 });
  if (status !== 'succeeded') throw new Error(`${status}: ${reason}`);
}

const suggest = async (args: object): Promise<readonly SuggestionView[]> =>
  (await answer('workflow_suggest', args)).suggestions as readonly SuggestionView[];

test('the command that always came next is the first, with the true count', async () => {
  const [first] = await suggest({ recent_commands: ['git init --quiet'] });
  expect(first).toMatchObject({ kind: 'command', command: 'git config user.name ann' });
  expect(first?.reasons[0]).toBe('after `git init` you ran `git config` 6 of 6 times');
});

test('one that came most of the time is counted so, and trusted less than one that always came', async () => {
  const before = ['git init --quiet', 'git config user.name ann'];
  const found = await suggest({ recent_commands: before, limit: 10 });
  const diff = found.find(({ command }) => command === 'git diff --stat');
  const status = found.find(({ command }) => command === 'git status');
  expect(diff?.reasons[0]).toBe('after `git config` you ran `git diff` 5 of 6 times');
  expect(status?.reasons[0] ?? 'git status 1 of 6').toContain('1 of 6');
  expect(diff?.confidence).toBeGreaterThan(status?.confidence ?? 0);
  expect(found.reduce((sum, { confidence }) => sum + confidence, 0)).toBeLessThanOrEqual(1.01);
});

test('a beginning is completed', async () => {
  const { completions } = await answer('workflow_autocomplete', {
    recent_commands: ['git init --quiet'],
    prefix: 'git co',
  });
  expect(completions).toMatchObject([{ command: 'git config user.name ann' }]);
  const { completions: none } = await answer('workflow_autocomplete', {
    recent_commands: [],
    prefix: 'nosuch',
  });
  expect(none).toEqual([]);
});

test('an intent finds the workflow, fills in what it says, and names what it does not', async () => {
  const [first] = await suggest({ intent: 'deploy web to production with three replicas' });
  expect(first).toMatchObject({
    kind: 'workflow',
    workflow: 'deploy-service',
    inputs: { service: 'web', env: 'prod', replicas: 3 },
    missing_inputs: [],
  });
  const [open] = await suggest({ intent: 'deploy a service' });
  expect(open).toMatchObject({ workflow: 'deploy-service', inputs: {}, missing_inputs: ['service', 'env'] });
});

test('what the intent wants and cannot have is said, and asked for', async () => {
  const [first] = await suggest({ intent: 'deploy web to prod with 0 replicas' });
  expect(first).toMatchObject({ workflow: 'deploy-service', missing_inputs: ['replicas'] });
  expect(first?.reasons.at(-1)).toMatch(/^`replicas` must be .*1.*0/);
});

test('a goal like those of earlier runs finds their workflow, and says how they ended', async () => {
  const answered = await answer('workflow_suggest', { intent: 'bring the api to the test environment' });
  const [first] = answered.suggestions as readonly SuggestionView[];
  expect(first).toMatchObject({ workflow: 'deploy-service', inputs: { service: 'api' } });
  expect(first?.reasons[0]).toBe('three earlier runs with this goal used deploy-service, all succeeded');
  expect(answered.next).toMatchObject([
    {
      tool: 'workflow_execute',
      arguments: { workflow: 'deploy-service', intent: 'bring the api to the test environment' },
    },
  ]);
});

test('a goal of earlier runs of commands brings these back, and a workflow of them that runs', async () => {
  const answered = await answer('workflow_suggest', { intent: 'look at the repository' });
  const found = answered.suggestions as readonly SuggestionView[];
  expect(found.find(({ kind }) => kind === 'command')).toMatchObject({
    command: 'git init --quiet',
    reasons: expect.arrayContaining(['six earlier runs with this goal began with it']),
  });
  const fresh = found.find(({ kind }) => kind === 'new_workflow');
  expect(fresh).toMatchObject({
    workflow: 'look-at-the-repository',
    reasons: ['five earlier runs with this goal ran these commands, all succeeded'],
  });
  expect(fresh?.definition).toContain('description: Look at the repository');
  expect(fresh?.definition).toContain('command: git diff --stat');
  const call = (answered.next as { tool: string; arguments: object }[])[0];
  expect(call).toMatchObject({
    tool: 'workflow_create',
    arguments: { from_pattern: fresh?.pattern, name: 'look-at-the-repository' },
  });

  const [next] = await suggest({ intent: 'look at the repository', recent_commands: ['git init --quiet'] });
  expect(next).toMatchObject({ kind: 'command', command: 'git config user.name ann' });
  expect(next?.reasons.join()).toContain('six earlier runs with this goal went on with it');
  const [other] = await suggest({ intent: 'use the repository' });
  expect(other?.reasons.join() ?? '').not.toContain('earlier runs');
  const others = await suggest({ intent: 'water the plants' });
  expect(others.flatMap(({ reasons }) => reasons).join()).not.toContain('earlier runs');

  const saved = await answer('workflow_create', call?.arguments ?? {});
  expect(saved).toMatchObject({ status: 'created', definition: fresh?.definition });
  await execute({ workflow: 'look-at-the-repository', intent: 'look at the repository' });
  const later = await suggest({ intent: 'look at the repository', limit: 20 });
  expect(later.filter(({ kind }) => kind === 'new_workflow')).toEqual([]);
  expect(later[0]).toMatchObject({ kind: 'workflow', workflow: 'look-at-the-repository' });
});

test('a goal alone is answered by what has to do with it, not by what is merely frequent', async () => {
  expect(await suggest({ intent: 'water the plants', limit: 20 })).toEqual([]);
  const config = await suggest({ intent: 'config', limit: 20 });
  expect(config.flatMap(({ command }) => command ?? [])).not.toContain('git diff --stat');
});

test('no secret is in the files of learning, nor suggested', async () => {
  const { behind, commands } = (await answer('workflow_suggest', {})).learned as Record<string, number>;
  expect({ behind, commands }).toEqual({ behind: undefined, commands: 27 });
  const { home } = scratch.belay;
  const files = readdirSync(home).filter((name) => name.startsWith('learning.db'));
  const bytes = files.map((name) => readFileSync(join(home, name), 'latin1')).join('\n');
  expect(bytes).toContain('true push api staging $password $SUGGEST_TEST_TOKEN');
  expect(bytes).not.toContain(SECRET);
  expect(bytes).not.toContain(TYPED);
});

test('what is forgotten is not suggested any more', async () => {
  scratch.belay.learning.store.forget({ pattern: 'git config' });
  const found = await suggest({ recent_commands: ['git init --quiet'], limit: 20 });
  expect(found.filter(({ command = '' }) => command.includes('config'))).toEqual([]);
  expect(found.flatMap(({ reasons }) => reasons).join()).not.toContain('git config');
  expect((await answer('workflow_suggest', {})).learned).toEqual({ commands: 20 });
});
