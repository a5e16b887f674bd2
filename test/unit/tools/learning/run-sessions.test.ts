/** What of a run is learned from: its commands as they were tried, each end once, and nothing that only takes back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LearnedSession } from '../../../../src/learning/learned-session.ts';
import { runSessions } from '../../../../src/tools/learning/run-sessions.ts';
import { shownCommand } from '../../../../src/tools/learning/shown-command.ts';
import { type Scratch, scratchBelay } from '../../../fixtures/scratch-belay.ts';

let scratch: Scratch;

beforeAll(() => {
  scratch = scratchBelay();
});

afterAll(() => scratch.close());

async function call(name: string, args: object): Promise<string> {
  const given = await scratch.call(name, {
    ...args,
    ...(name !== 'workflow_resume' && { wait_seconds: 60 }),
  });
  if (given.kind !== 'done') throw new Error(JSON.stringify(given));
  return given.structured.run_id as string;
}

function sessionsOf(runId: string): readonly LearnedSession[] {
  const read = scratch.belay.journal.read(runId);
  if (!read.ok) throw new Error(read.error.message);
  return runSessions(read.value);
}

test('attempts, exit codes and words are kept; undo and cleanup are not', async () => {
  const runId = await call('workflow_execute', {
    definition: {
      name: 'w',
      steps: [
        { id: 'make-it', command: 'touch made', undo: 'rm made' },
        {
          id: 'flaky',
          description: 'Tries twice',
          command: 'exit 3',
          retry: { attempts: 2, delay: '1ms' },
          on_failure: 'rollback',
        },
      ],
      cleanup: [{ id: 'clean', command: 'true clean' }],
    },
    intent: 'see what is kept',
  });
  const sessions = sessionsOf(runId);
  expect(sessions).toHaveLength(1);
  expect(sessions[0]).toMatchObject({
    source: `run:${runId}`,
    goal: 'see what is kept',
    steps: [{}, {}, {}],
  });
  expect(sessions[0]?.workflow).toBeUndefined();
  const kept = sessions[0]?.steps.map(({ command, exitCode, intent }) => [command, exitCode, intent]);
  expect(kept).toEqual([
    ['touch made', 0, 'make it'],
    ['exit 3', 3, 'Tries twice'],
    ['exit 3', 3, 'Tries twice'],
  ]);
});

test('a run that ends twice is two sessions, each with its own commands', async () => {
  const commands = ['true first', 'test -e ready', 'true last'];
  const runId = await call('workflow_execute', { commands });
  const [first] = sessionsOf(runId);
  expect(first?.steps.map(({ exitCode }) => exitCode)).toEqual([0, 1]);
  scratch.belay.journal.read(runId);
  await call('workflow_execute', { commands: ['touch ready'] });
  await call('workflow_resume', { run_id: runId });
  await scratch.until(runId, ({ status }) => status === 'succeeded');
  const both = sessionsOf(runId);
  expect(both.map(({ steps }) => steps.map(({ command }) => command))).toEqual([
    ['true first', 'test -e ready'],
    ['test -e ready', 'true last'],
  ]);
  expect(new Set(both.map(({ key }) => key)).size).toBe(2);
});

test('a command shows values of inputs that are no secret, and names for everything else', () => {
  const inputs = { env: 'prod', note: "it's; rm", token: 'abc', list: ['a'], long: 'x'.repeat(300) };
  const shown = (template: string) => shownCommand(template, inputs);
  expect(shown('go {{ inputs.env }} {{ inputs.note }}')).toBe(`go prod 'it'\\''s; rm'`);
  expect(shown('go {{ inputs.token }} {{ env.KEY }} {{ inputs.long }}')).toBe('go $token $KEY $long');
  expect(shown('go {{ inputs.list }} {{ steps.a.outputs.b }} {{ 1 + 2 }}')).toBe('go $list $b $value');
  expect(shown("docker {{ '{{' }}.Name}}")).toBe('docker {{.Name}}');
});

test('a value stands in a command as the quotes around it need it', () => {
  const inputs = { note: `it's $(id) "x" \\n` };
  const shown = (template: string) => shownCommand(template, inputs);
  expect(shown('git commit -m "{{ inputs.note }}"')).toBe(`git commit -m "it's \\$(id) \\"x\\" \\\\n"`);
  expect(shown("git commit -m '{{ inputs.note }}'")).toBe(`git commit -m 'it'\\''s $(id) "x" \\n'`);
  expect(shown("git commit -m $'{{ inputs.note }}'")).toBe(`git commit -m $'it\\'s $(id) "x" \\\\n'`);
  expect(shown('git tag v"{{ inputs.note }}"{{ inputs.note }}')).toBe(
    `git tag v"it's \\$(id) \\"x\\" \\\\n"'it'\\''s $(id) "x" \\n'`,
  );
  expect(shown('echo "{{ inputs.note }}')).toBe('echo "$note');
});
