/** `belay suggest` and `belay autocomplete`: what is asked, and the tables that people read. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { commandLine } from '../../../src/cli/command-line.ts';
import { answered, fakeTool } from './fake-tool.ts';
import { fakeWorld } from './fake-world.ts';

const given = {
  intent: z.string().optional(),
  recent_commands: z.array(z.string()).optional(),
  prefix: z.string().optional(),
  context: z.json().optional(),
  limit: z.int().optional(),
};

const workflow = {
  kind: 'workflow',
  workflow: 'deploy',
  confidence: 0.874,
  reasons: ['`deploy` in its name', 'one\nline'],
  inputs: { env: 'staging', title: "it's; $(rm)", count: 3 },
  missing_inputs: ['service'],
};
const command = {
  kind: 'command',
  command: 'go test\u001b[31m ./...',
  confidence: 0.5,
  reasons: ['after `go build` you ran `go test` 19 of 26 times'],
  inputs: {},
  missing_inputs: [],
};

async function run(name: 'workflow_suggest' | 'workflow_autocomplete', structured: object, words: string[]) {
  const tool = fakeTool(name, given, answered(structured as never));
  const world = fakeWorld({ tools: [tool] });
  const code = await commandLine(words, world);
  return { code, asked: tool.calls[0]?.input, out: world.terminal.written.out };
}

test('an intent needs no quotes, and the best workflow is shown as the command that runs it', async () => {
  const found = { suggestions: [workflow, command], learned: { commands: 214, behind: 3 }, next: [] };
  const { code, asked, out } = await run('workflow_suggest', found, [
    'suggest',
    'deploy',
    'it',
    '--after',
    'go build',
    'ls',
    '--exit-code',
    '1',
  ]);
  expect(code).toBe(0);
  expect(asked).toMatchObject({
    intent: 'deploy it',
    recent_commands: ['go build', 'ls'],
    context: { last_exit_code: 1 },
  });
  expect(out.split('\n').map((line) => line.trimEnd())).toEqual([
    'SURE  KIND      WHAT           WHY',
    '87 %  workflow  deploy         `deploy` in its name; one line',
    '50 %  command   go test ./...  after `go build` you ran `go test` 19 of 26 times',
    `run it when you know service: belay run deploy -i env=staging -i 'title=it'\\''s; $(rm)' -i count=3 -i service=…`,
    'learned from 214 commands; 3 more are not learned yet, ask again in a while',
    '',
  ]);
});

test('silence says why', async () => {
  const { asked, out } = await run(
    'workflow_suggest',
    { suggestions: [], learned: { commands: 1 }, next: [] },
    ['suggest'],
  );
  expect(asked).not.toHaveProperty('intent');
  expect(out).toBe(
    'nothing is likely enough to be suggested\nsay what is to be done, or with --after what was run just before\n' +
      'learned from 1 command\n',
  );
});

test('a workflow that nobody has saved is shown whole, with how it is saved', async () => {
  const fresh = {
    ...command,
    kind: 'new_workflow',
    workflow: 'build-and-push',
    pattern: 'p-0123456789ab',
    definition: 'name: build-and-push\nsteps:\n  - id: build\n',
  };
  const found = { suggestions: [fresh], learned: { commands: 9 }, next: [] };
  const { out } = await run('workflow_suggest', found, ['suggest']);
  expect(out.split('\n').slice(2, 6)).toEqual([
    'save build-and-push: belay create --from-pattern p-0123456789ab --name build-and-push',
    '  name: build-and-push',
    '  steps:',
    '    - id: build',
  ]);
});

test('a beginning is completed', async () => {
  const found = { completions: [command], learned: { commands: 2 } };
  const { asked, out } = await run('workflow_autocomplete', found, ['autocomplete', 'go t', '--limit', '2']);
  expect(asked).toMatchObject({ prefix: 'go t', recent_commands: [], limit: 2 });
  expect(out).toContain(
    '50 %  go test ./...  after `go build` you ran `go test` 19 of 26 times\nlearned from 2',
  );
});

test('--json is the answer as it is', async () => {
  const found = { completions: [], learned: { commands: 2 } };
  const { out } = await run('workflow_autocomplete', found, ['autocomplete', '--json']);
  expect(JSON.parse(out)).toEqual(found);
});
