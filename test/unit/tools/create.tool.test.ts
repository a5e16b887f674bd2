/** Saving workflows: what is written is what runs, keeps its comments, holds no secret, and never lies outside its folder. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTool } from '../../../src/tools/create.tool.ts';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import type { FormResponse, ToolAnswer, ToolContext } from '../../../src/tools/tool.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

const GIVEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
const HELD = 'correct-horse-battery-staple';
const YES: FormResponse = { action: 'accept', content: { confirm: true } };

let scratch: Scratch;
let folder: string;

beforeAll(() => {
  process.env.CREATE_TEST_TOKEN = HELD;
  scratch = scratchBelay();
  folder = join(scratch.folder, '.belay', 'workflows');
});

afterAll(() => {
  delete process.env.CREATE_TEST_TOKEN;
  scratch.close();
});

const fileOf = (name: string): string => readFileSync(join(folder, `${name}.yaml`), 'utf8');
const create = (args: object, more: Partial<ToolContext> = {}): Promise<ToolAnswer> =>
  createTool.run({ ...scratch.context, ...more }, createTool.input.parse(args));

async function created(args: object): Promise<Record<string, unknown>> {
  const answer = await create(args);
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.structured;
}

async function refused(args: object, more: Partial<ToolContext> = {}) {
  const answer = await create(args, more);
  if (answer.kind !== 'error') throw new Error(JSON.stringify(answer));
  return answer.error;
}

async function execute(args: object): Promise<RunView> {
  const answer = await scratch.call('workflow_execute', { ...args, wait_seconds: 60 });
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.structured as unknown as RunView;
}

test('commands become a workflow that runs: a value they share is an input, and an undo is known', async () => {
  const commands = [
    'mkdir fresh-folder',
    'echo hi > fresh-folder/note.txt',
    'cat fresh-folder/note.txt',
    'ls fresh-folder',
  ];
  const { workflow, path, status } = await created({ from_commands: commands, name: 'notes' });
  expect([workflow, status]).toEqual(['notes', 'created']);
  expect(path).toBe(join(folder, 'notes.yaml'));
  expect(fileOf('notes')).toContain('command: mkdir {{ inputs.folder }}');
  expect(fileOf('notes')).toContain('rmdir {{ inputs.folder }}');
  expect(fileOf('notes')).toContain('folder: { type: string, default: fresh-folder }');
  const view = await execute({ workflow: 'notes', inputs: { folder: 'fresh-folder' } });
  expect(view.status).toBe('succeeded');
  expect(existsSync(join(scratch.folder, 'fresh-folder', 'note.txt'))).toBe(true);
  expect(statSync(join(folder, 'notes.yaml')).mode & 0o022).toBe(0);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a command that cannot be followed is saved as it stands, without inputs', async () => {
  const commands = ['info <name-7>', 'echo name-7 other-8', 'echo other-8'];
  const { definition } = await created({ from_commands: commands, name: 'odd' });
  expect(definition).toContain('command: echo name-7 other-8');
  expect(definition).not.toContain('inputs');
  const { notes } = await created({ from_commands: ['cd app', 'cd app && make'], name: 'lost' });
  expect(notes).toEqual([expect.stringMatching(/^`cd` changes nothing for the other steps/)]);
});

test('a definition that could not run is refused with what is wrong, and nothing is written', async () => {
  const error = await refused({ definition: 'name: broken\nsteps:\n  - comand: ls\n' });
  expect(error).toMatchObject({ code: 'invalid_definition' });
  expect(error.message).toContain('line 3');
  expect(existsSync(join(folder, 'broken.yaml'))).toBe(false);
});

test.each(['../evil', '..', '/tmp/evil', 'a/b', 'UPPER', '', 'x'.repeat(101)])(
  'the name `%s` leaves no folder',
  async (name) => {
    const { code } = await refused({ from_commands: ['true'], name });
    expect(code).toBe('invalid_input');
    expect(existsSync(join(scratch.folder, '.belay', 'evil.yaml'))).toBe(false);
  },
);

test('a link in the place of the file is not followed', async () => {
  const target = join(scratch.folder, 'target.yaml');
  writeFileSync(target, 'untouched');
  mkdirSync(folder, { recursive: true });
  symlinkSync(target, join(folder, 'linked.yaml'));
  const { code } = await refused({ from_commands: ['true'], name: 'linked', overwrite: true });
  expect(code).toBe('invalid_input');
  expect(readFileSync(target, 'utf8')).toBe('untouched');
  expect(lstatSync(join(folder, 'linked.yaml')).isSymbolicLink()).toBe(true);
});

test('a folder that leads out of its project is not written to', async () => {
  const project = join(scratch.folder, 'other');
  mkdirSync(join(project, '.belay'), { recursive: true });
  mkdirSync(join(scratch.folder, 'outside'));
  symlinkSync(join(scratch.folder, 'outside'), join(project, '.belay', 'workflows'));
  const folders = [{ scope: 'project' as const, path: join(project, '.belay', 'workflows') }];
  const belay = {
    ...scratch.belay,
    library: { ...scratch.belay.library, folders, inFolder: () => undefined },
  };
  expect((await refused({ from_commands: ['true'], name: 'escaped' }, { belay })).code).toBe('invalid_input');
  expect(readdirSync(join(scratch.folder, 'outside'))).toEqual([]);
});

const COMMENTED = `# what we do on Fridays
name: friday
steps:
  # first of all
  - id: look
    command: "true" # quick
  - { id: go, command: "true" }
`;
const CHANGED = {
  name: 'friday',
  steps: [
    { id: 'look', command: 'true', timeout: '5s' },
    { id: 'go', command: 'echo' },
  ],
};

test('the text of the caller is kept as it is, and changing it is asked for and keeps its comments', async () => {
  await created({ definition: COMMENTED });
  expect(fileOf('friday')).toBe(COMMENTED);
  expect(await created({ definition: COMMENTED })).toMatchObject({ status: 'unchanged' });

  expect(await refused({ definition: CHANGED })).toMatchObject({ code: 'conflict' });
  expect(await refused({ definition: CHANGED }, { human: true })).toMatchObject({ code: 'conflict' });
  const asked = await create({ definition: CHANGED, overwrite: true }, { canAsk: true });
  if (asked.kind !== 'ask') throw new Error(JSON.stringify(asked));
  expect(asked.asks[0]?.message).toContain('+    timeout: 5s');
  expect(asked.otherwise).toMatchObject({ error: { code: 'conflict' } });
  expect(fileOf('friday')).toBe(COMMENTED);

  const context = { ...scratch.context, canAsk: true, human: true };
  const input = createTool.input.parse({ definition: CHANGED, overwrite: true });
  const no = await createTool.resume!(context, input, asked.state, { confirm: { action: 'decline' } });
  expect(no).toMatchObject({ error: { code: 'declined' } });
  expect(fileOf('friday')).toBe(COMMENTED);
  const yes = await createTool.resume!(context, input, asked.state, { confirm: YES });
  expect(yes).toMatchObject({ kind: 'done', structured: { status: 'updated' } });
  for (const comment of [
    '# what we do on Fridays',
    '# first of all',
    '# quick',
    'timeout: 5s',
    'command: echo',
  ])
    expect(fileOf('friday')).toContain(comment);
});

test('a change that was agreed to is not another one', async () => {
  await created({ from_commands: ['true'], name: 'agreed' });
  const input = createTool.input.parse({ from_commands: ['false'], name: 'agreed' });
  const asked = await create(input, { canAsk: true });
  if (asked.kind !== 'ask') throw new Error(JSON.stringify(asked));
  writeFileSync(join(folder, 'agreed.yaml'), 'name: agreed\nsteps: [{ command: echo between }]\n');
  const context = { ...scratch.context, canAsk: true, human: true };
  const again = await createTool.resume!(context, input, asked.state, { confirm: YES });
  expect(again.kind).toBe('ask');
  expect(fileOf('agreed')).toContain('echo between');
});

test('where nobody can be asked `overwrite` decides', async () => {
  await created({ from_commands: ['true'], name: 'twice' });
  expect(await created({ from_commands: ['echo 2'], name: 'twice', overwrite: true })).toMatchObject({
    status: 'updated',
  });
  expect(fileOf('twice')).toContain('echo 2');
});

test('of a run the steps that succeeded are saved, as templates, without any secret', async () => {
  const definition = {
    name: 'shipping',
    inputs: { where: { required: true }, times: { type: 'integer', default: 2 } },
    secrets: ['CREATE_TEST_TOKEN'],
    steps: [
      {
        id: 'pack',
        command: `test -n "{{ env.CREATE_TEST_TOKEN }}" && true "Authorization: Bearer ${GIVEN}"`,
        timeout: '90s',
      },
      { id: 'check', needs: [], command: `test {{ inputs.where }} != ${HELD}`, retry: { attempts: 2 } },
      { id: 'lose', needs: ['pack'], command: 'false', on_failure: 'continue' },
      {
        id: 'send',
        needs: ['lose', 'check'],
        command: 'echo {{ inputs.where }}',
        undo: 'true {{ inputs.where }}',
      },
    ],
  };
  const { run_id, status } = await execute({ definition, inputs: { where: 'harbour-seven' } });
  expect(status).toBe('partial');
  const saved = await created({ from_run: run_id, name: 'shipping-again' });
  expect(saved).toMatchObject({ left_out: ['lose'] });
  const text = fileOf('shipping-again');
  for (const secret of [GIVEN, HELD, 'harbour-seven']) expect(text).not.toContain(secret);
  expect(text).toContain('Bearer {{ env.TOKEN }}');
  expect(text).toContain('timeout: 1m30s');
  expect(text).toContain('undo: true {{ inputs.where }}');
  expect(text).toContain('!= {{ env.CREATE_TEST_TOKEN }}');
  process.env.TOKEN = 'another-token-1234';
  try {
    const again = await execute({ workflow: 'shipping-again', inputs: { where: 'there' } });
    expect([again.status, again.steps.map(({ id }) => id)]).toEqual(['succeeded', ['pack', 'check', 'send']]);
  } finally {
    delete process.env.TOKEN;
  }
});

test('of a run of plain commands the commands are saved', async () => {
  const { run_id } = await execute({ commands: ['echo "{{ braces }}"', 'echo done'] });
  await created({ from_run: run_id, name: 'braces', scope: 'user' });
  const { steps, status } = await execute({ workflow: 'braces' });
  expect([status, steps.map(({ id }) => id)]).toEqual(['succeeded', ['echo', 'echo-2']]);
  expect(existsSync(join(scratch.belay.home, 'workflows', 'braces.yaml'))).toBe(true);
});

test('what comes again in many sessions is suggested as a new workflow, and saved by its pattern', async () => {
  const others = ['uname', 'hostname', 'tty', 'env', 'id', 'arch'];
  scratch.belay.learning.store.add(
    Array.from({ length: 9 }, (_, at) => ({
      key: `session-${at}`,
      source: 'import:test',
      at: at * 1_000,
      project: '',
      steps: [
        { command: others[at % others.length] as string, exitCode: 0 },
        ...(at === 3
          ? [{ command: 'cargo clippy' }]
          : [`cargo build --release`, `true-tool pack v1.${at}.0`, `cargo publish --dry-run v1.${at}.0`].map(
              (command) => ({
                command,
                exitCode: 0,
              }),
            )),
        { command: others[(at + 2) % others.length] as string, exitCode: 0 },
      ],
    })),
  );
  const question = { recent_commands: ['cargo build --release'], limit: 20 };
  const answer = await scratch.call('workflow_suggest', question);
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  const found = (
    answer.structured.suggestions as {
      kind: string;
      pattern: string;
      definition: string;
      reasons: string[];
    }[]
  ).find(({ kind }) => kind === 'new_workflow');
  expect(found?.reasons[0]).toMatch(/^seen in 8 of \d+ sessions$/);
  expect(found?.definition).toContain('{{ inputs.version }}');
  const failed = await scratch.call('workflow_suggest', { ...question, context: { last_exit_code: 101 } });
  expect(JSON.stringify(failed)).not.toContain('new_workflow');
  const saved = await created({ from_pattern: found?.pattern, name: 'cargo-pack' });
  expect(saved).toMatchObject({ workflow: 'cargo-pack', status: 'created' });
  expect(await refused({ from_pattern: 'p-000000000000' })).toMatchObject({ code: 'unknown_pattern' });

  scratch.belay.learning.store.forget('all');
  expect(await refused({ from_pattern: found?.pattern })).toMatchObject({ code: 'unknown_pattern' });
});

test('one source at a time', async () => {
  expect(await refused({})).toMatchObject({ code: 'invalid_input' });
  expect(await refused({ from_commands: ['true'], from_run: 'r-1' })).toMatchObject({
    code: 'invalid_input',
  });
  expect(await refused({ from_run: 'r-1' })).toMatchObject({ code: 'unknown_run' });
});
