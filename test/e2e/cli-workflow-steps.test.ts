/** Workflows that run workflows, on the command line: their questions, their results, a rollback through both. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  scratch.write('outer.yaml', OUTER);
});
afterEach(() => scratch.end());

const INNER = (steps: string) => `
name: inner
inputs: { who: { type: string, required: true } }
outputs: { greeting: "{{ steps.greet.outputs.text }}" }
steps:
  - id: greet
    command: "echo hello {{ inputs.who }} | tee greeting.txt"
    outputs: { text: "{{ trim(stdout) }}" }
    undo: rm greeting.txt
${steps}`;

const OUTER = `
name: outer
outputs: { said: "{{ steps.sub.outputs.greeting }}" }
steps:
  - id: sub
    workflow: inner
    inputs: { who: world }
  - id: last
    command: test ! -e fail
`;

/** Named workflows of the project. */
function shelf(inner: string): readonly string[] {
  scratch.write('inner.yaml', inner);
  return ['--workflows', scratch.folder];
}

test('the outer run ends with what the inner one gave, and takes it back with itself', async () => {
  const { status, answer } = await scratch.json('run', 'outer.yaml', ...shelf(INNER('')));
  expect(status).toBe(0);
  expect(answer).toMatchObject({ status: 'succeeded', outputs: { said: 'hello world' } });
  const inner = (answer as unknown as { steps: { run_id: string }[] }).steps[0]?.run_id ?? '';
  expect((await scratch.json('status', inner)).answer).toMatchObject({
    status: 'succeeded',
    parent: { run_id: answer.run_id, step: 'sub' },
  });
  expect((await scratch.run('rollback', answer.run_id, '--strategy', 'graceful')).status).toBe(0);
  expect((await scratch.json('status', inner)).answer.status).toBe('rolled_back');
  expect(() => scratch.read('greeting.txt')).toThrow('ENOENT');
});

test('what the inner run asks is asked where the outer one was started, and shown with it', async () => {
  const words = ['run', 'outer.yaml', ...shelf(INNER('  - { id: ok, type: approval, message: "Go on?" }'))];
  const { status, answer } = await scratch.json(...words);
  expect(status).toBe(3);
  expect(answer).toMatchObject({
    status: 'waiting',
    reason: expect.stringContaining('`inner` waits for an answer'),
  });
  expect(answer.questions).toMatchObject([{ prompt: 'Go on?', run_id: expect.any(String) }]);
  const terminal = scratch.onTerminal(...words);
  await terminal.seen('Go on?');
  await terminal.seen('[y/n]');
  terminal.child.stdin?.write('y\n');
  await terminal.seen('Reason');
  terminal.child.stdin?.write('\n');
  expect((await terminal.ended).status).toBe(0);
});

test('the logs of a step that is a run say where they are', async () => {
  const { answer } = await scratch.json('run', 'outer.yaml', ...shelf(INNER('')));
  const inner = (answer as unknown as { steps: { run_id: string }[] }).steps[0]?.run_id ?? '';
  const line = `run ${inner} did step sub: belay logs ${inner}\n`;
  for (const words of [[], ['sub'], ['sub', '--follow']])
    expect((await scratch.run('logs', answer.run_id, ...words)).stdout).toBe(line);
  expect((await scratch.run('logs', answer.run_id, 'last')).stdout).toBe('');
  expect((await scratch.run('logs', inner)).stdout).toContain('hello world');
});

test('a workflow that is not there, or does not fit, is refused before anything starts: exit code 2', async () => {
  const gone = await scratch.run('run', 'outer.yaml', '--workflows', scratch.folder);
  expect(gone.status).toBe(2);
  expect(gone.stderr).toContain('workflow `inner` is not known here');
  const other = await scratch.run('validate', 'outer.yaml', ...shelf(INNER('').replaceAll('who', 'whom')));
  expect(other.status).toBe(2);
  expect(other.stdout + other.stderr).toContain('has no input `who`');
});
