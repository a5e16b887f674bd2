import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import { runViewSchema } from '../../../src/tools/run-view-schema.ts';
import type { ToolAnswer, ToolError } from '../../../src/tools/tool.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

const viewOf = (answer: ToolAnswer): RunView => {
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return runViewSchema.parse(answer.structured);
};
const errorOf = (answer: ToolAnswer): ToolError => {
  if (answer.kind !== 'error') throw new Error(JSON.stringify(answer));
  return answer.error;
};
const execute = (args: object) => scratch.call('workflow_execute', { wait_seconds: 60, ...args });

test('bare commands run in order, braces in them are text', async () => {
  const view = viewOf(await execute({ commands: ["printf '%s' '{{.Names}}' > names", 'cat names'] }));
  expect(view.status).toBe('succeeded');
  expect(view.steps.map((step) => step.id)).toEqual(['command-1', 'command-2']);
  const shown = viewOf(await scratch.call('workflow_status', { run_id: view.run_id, include: ['log'] }));
  expect(shown.steps[1]?.log).toContain('{{.Names}}');
});

test('a failed run says which step, why, and what to call next', async () => {
  const view = viewOf(await execute({ commands: ['echo before; echo why >&2; exit 3', 'echo never'] }));
  expect(view).toMatchObject({ status: 'failed', reason: expect.stringContaining('`command-1`') });
  expect(view.steps[0]).toMatchObject({ status: 'failed', exit_code: 3, error: { code: 'exit' } });
  expect(view.steps[0]?.log).toBe('before\nwhy\n');
  expect(view.steps[1]?.status).toBe('pending');
  expect(view.next.map((call) => call.tool)).toContain('workflow_resume');
});

test('the same idempotency key gives the first run back', async () => {
  const first = viewOf(await execute({ commands: ['echo once >> count'], idempotency_key: 'k' }));
  const second = viewOf(await execute({ commands: ['echo once >> count'], idempotency_key: 'k' }));
  expect(second).toMatchObject({ run_id: first.run_id, existing: true });
  const count = viewOf(await execute({ commands: ['cat count'] }));
  const log = viewOf(await scratch.call('workflow_status', { run_id: count.run_id, include: ['log'] }));
  expect(log.steps[0]?.log).toBe('once\n');
});

test('the text of an earlier run says that it is one', async () => {
  await execute({ commands: ['true'], idempotency_key: 'k' });
  const again = await execute({ commands: ['true'], idempotency_key: 'k' });
  expect(again).toMatchObject({ kind: 'done', text: expect.stringContaining('earlier run') });
});

test.each([
  ['definition', { definition: { name: 'n', inputs: { a: {} }, steps: [{ id: 'b', command: 'true' }] } }],
  ['inputs', { inputs: { a: 'y' } }],
  ['cwd', { cwd: 'sub' }],
])('an idempotency key with another %s is a conflict that names the first run', async (what, other) => {
  mkdirSync(join(scratch.folder, 'sub'));
  const definition = { name: 'n', inputs: { a: {} }, steps: [{ id: 'a', command: 'true' }] };
  const request = { definition, inputs: { a: 'x' }, idempotency_key: 'k' };
  const first = viewOf(await execute(request));
  const error = errorOf(await execute({ ...request, ...other }));
  expect(error).toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(new RegExp(`\\\`${first.run_id}\\\`, found other ${what} now$`)),
    next: [{ arguments: { run_id: first.run_id } }],
  });
  expect(scratch.belay.journal.runIds('', 10)).toEqual([first.run_id]);
});

test('a resume with other inputs does not make the first request another one', async () => {
  const definition = {
    name: 'n',
    inputs: { code: { type: 'integer' } },
    steps: [{ id: 'a', command: 'exit {{ inputs.code }}' }],
  };
  const request = { definition, inputs: { code: 1 }, idempotency_key: 'k' };
  const { run_id } = viewOf(await execute(request));
  viewOf(await scratch.call('workflow_resume', { run_id, inputs: { code: 0 } }));
  expect(viewOf(await execute(request))).toMatchObject({ run_id, existing: true, status: 'succeeded' });
});

test('a dry run shows rendered commands and records nothing', async () => {
  const definition = {
    name: 'plan',
    inputs: { file: { type: 'string', required: true } },
    steps: [
      { id: 'make', command: 'touch {{ inputs.file }}', outputs: { n: '{{ trim(stdout) }}' } },
      { id: 'use', command: 'echo {{ make.outputs.n }}' },
    ],
  };
  const view = viewOf(await execute({ definition, inputs: { file: 'a b' }, dry_run: true }));
  expect(view).toMatchObject({ dry_run: true, run_id: 'dry-run' });
  expect(view.plan?.[0]).toMatchObject({ step: 'make', touches: 'workspace', needs: [] });
  expect(view.plan?.[0]?.command).toContain('a b');
  expect(view.plan?.[1]?.unknown).toBeDefined();
  const history = await scratch.call('workflow_history', {});
  expect(history).toMatchObject({ kind: 'done', structured: { runs: [] } });
});

test('a dry run shows a loop with the first of its items, where they can be known', async () => {
  const echo = (id: string, text: string, more: object = {}) => ({ id, command: `echo ${text}`, ...more });
  const definition = {
    name: 'loops',
    inputs: { files: { type: 'array', default: ['x', 'y'] } },
    steps: [
      echo('one', '{{ name }} {{ item }} {{ index }}', { foreach: ['a', 'b', 'c'], as: 'name' }),
      {
        id: 'outer',
        foreach: 'inputs.files',
        as: 'file',
        steps: [
          echo('inner', '{{ file }} {{ item }}', {
            foreach: '[file + "1"]',
            undo: 'rm {{ item }}',
          }),
          echo('late', '{{ item }}', { foreach: 'lines(one.results[0].stdout)' }),
        ],
      },
      echo('none', '{{ item }}', { foreach: [] }),
      echo('chosen', '{{ default(one.results[0].outputs.n, "nothing") }}'),
    ],
  };
  const view = viewOf(await execute({ definition, dry_run: true }));
  const shown = view.plan?.map(({ step, does, command, unknown, undo_command: undo }) =>
    [step, does, command, unknown, undo].filter((each) => each !== undefined).join(' | '),
  );
  expect(shown).toEqual([
    'one | runs a script for each of 3 items, shown with the first of 3 | echo a a 0',
    'outer | 2 steps, for each of inputs.files, shown with the first of 2',
    'inner | runs a script for each of [file + "1"], shown with the first of 1 | echo x x1 | rm x1',
    'late | runs a script for each of lines(one.results[0].stdout) | echo {{ item }} | expression `item`: `item` is not known before the run',
    'none | runs a script for each of 0 items | echo {{ item }} | expression `item`: `item` is not known before the run',
    expect.stringMatching(/^chosen .*: `one` is not known before the run$/),
  ]);
});

test('missing inputs are asked for; without a person they are an error that names them', async () => {
  const definition = {
    name: 'need',
    inputs: { who: { type: 'string', required: true } },
    steps: [{ id: 's', command: 'echo {{ inputs.who }}' }],
  };
  const answer = await execute({ definition });
  if (answer.kind !== 'ask') throw new Error(JSON.stringify(answer));
  expect(answer.asks[0]).toMatchObject({ id: 'inputs', schema: { properties: { who: { type: 'string' } } } });
  expect(answer.otherwise).toMatchObject({
    kind: 'error',
    error: { message: expect.stringContaining('who') },
  });
});

test.each([
  ['an unknown workflow', { workflow: 'release-note' }, 'unknown_workflow', 'release-notes'],
  ['two sources', { workflow: 'a', commands: ['true'] }, 'invalid_input', 'exactly one'],
  ['no source', {}, 'invalid_input', 'exactly one'],
  [
    'a broken definition',
    { definition: 'name: x\nsteps:\n  - id: a\n    comand: ls\n' },
    'invalid_definition',
    'command',
  ],
  ['a missing directory', { commands: ['true'], cwd: 'nowhere' }, 'invalid_input', 'nowhere'],
  ['a level of later', { commands: ['true'], level: 'strict' }, 'not_supported', 'strict'],
  [
    'an unknown input',
    {
      definition: {
        name: 'x',
        inputs: { file: {} },
        steps: [{ id: 'a', command: 'echo {{ inputs.file }}' }],
      },
      inputs: { flie: 'a' },
    },
    'invalid_input',
    'file',
  ],
])('%s is refused by name and nothing is started', async (_what, args, code, word) => {
  const error = errorOf(await execute(args));
  expect(error.code).toBe(code);
  expect(`${error.message} ${error.hint} ${JSON.stringify(error.data)}`).toContain(word);
  expect(scratch.belay.journal.runIds('', 10)).toEqual([]);
});

test('a file input must be there', async () => {
  const definition = {
    name: 'f',
    inputs: { file: { type: 'file', required: true } },
    steps: [{ id: 'a', command: 'cat {{ inputs.file }}' }],
  };
  expect(errorOf(await execute({ definition, inputs: { file: 'gone' } })).message).toContain('gone');
  mkdirSync(join(scratch.folder, 'sub'));
  writeFileSync(join(scratch.folder, 'sub', 'there'), 'x');
  const view = viewOf(await execute({ definition, inputs: { file: 'sub/there' } }));
  expect(view.status).toBe('succeeded');
});

test('a missing tool fails the run before any step', async () => {
  const definition = {
    name: 'tools',
    prerequisites: [
      { tool: 'no-such-tool-here' },
      { env: 'NO_SUCH_VARIABLE_HERE' },
      { tool: 'node', version: '>=999' },
    ],
    steps: [{ id: 'a', command: 'touch started' }],
  };
  const view = viewOf(await execute({ definition }));
  expect(view).toMatchObject({ status: 'failed', progress: { done: 0, total: 1 } });
  for (const word of ['no-such-tool-here', 'NO_SUCH_VARIABLE_HERE', '>=999'])
    expect(view.reason).toContain(word);
  expect(view.steps[0]?.status).toBe('pending');
});
