/** Questions on the command line: who may answer, where they are asked, and what the exit code says meanwhile. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  scratch.write('ask.yaml', ASK);
});
afterEach(() => scratch.end());

const ASK = `
name: ask
steps:
  - id: release
    type: approval
    message: Release it?
  - id: done
    command: echo released > released.txt
`;

/** A run that waits for its approval. */
async function waiting() {
  const { status, answer } = await scratch.json('run', 'ask.yaml');
  expect(status).toBe(3);
  return { runId: answer.run_id, question: answer.questions[0]!.question_id };
}

test('without a terminal nobody is human: exit code 3, and the question stays open', async () => {
  const { runId, question } = await waiting();
  for (const words of [['yes'], ['--json-answer', '{"approved":true}'], []]) {
    const { status, answer } = await scratch.json('answer', runId, question, ...words);
    expect([status, answer.error.code]).toEqual([3, 'human_required']);
  }
  expect((await scratch.run('status', runId)).status).toBe(3);
});

test('on a terminal `answer` asks field by field, and the run goes on to its end', async () => {
  const { runId, question } = await waiting();
  const terminal = scratch.onTerminal('answer', runId, question);
  await terminal.seen('[y/n]');
  terminal.child.stdin?.write('y\n');
  await terminal.seen('Reason');
  terminal.child.stdin?.write('looks good\n');
  expect((await terminal.ended).status).toBe(0);
  expect((await scratch.run('status', runId, '--watch')).status).toBe(0);
  expect(scratch.read('released.txt')).toBe('released\n');
});

test('on a terminal `run` asks right there; a rejection fails the run', async () => {
  const terminal = scratch.onTerminal('run', 'ask.yaml');
  await terminal.seen('Release it?');
  await terminal.seen('[y/n]');
  terminal.child.stdin?.write('no\n');
  await terminal.seen('Reason');
  terminal.child.stdin?.write('too early\n');
  const { status, stdout } = await terminal.ended;
  expect(status).toBe(1);
  expect(stdout).toContain('too early');
});

test('leaving the form leaves the question open: exit code 3', async () => {
  const terminal = scratch.onTerminal('run', 'ask.yaml');
  await terminal.seen('[y/n]');
  terminal.child.stdin?.write('\u0003');
  const { status, stdout } = await terminal.ended;
  expect(status).toBe(3);
  expect(stdout).toContain('answer with: belay answer');
});

test('an answered question, a wrong answer and an unknown question are refused by name', async () => {
  const { runId, question } = await waiting();
  const unknown = await scratch.json('answer', runId, 'q9', 'yes');
  expect(unknown.answer.error).toMatchObject({ code: 'unknown_question' });
  expect(unknown.answer.error.message).toContain(question);
  const wrong = scratch.onTerminal('answer', runId, question, 'maybe');
  expect(await wrong.ended).toMatchObject({ status: 2 });
});

test('a run that waits is cancelled at once', async () => {
  const { runId } = await waiting();
  const { status, answer } = await scratch.json('cancel', runId);
  expect([status, answer.status]).toEqual([0, 'cancelled']);
});

test('the answer to one of two questions lets its branch go on', async () => {
  const branch = (name: string) => `
      - id: ask-${name}
        type: approval
        message: ${name}?
        needs: []
      - id: do-${name}
        needs: [ask-${name}]
        command: echo ${name} > ${name}.txt`;
  scratch.write(
    'two.yaml',
    `name: two\nsteps:${branch('left').replace(/^ {4}/gm, '')}${branch('right').replace(/^ {4}/gm, '')}`,
  );
  const { status, answer } = await scratch.json('run', 'two.yaml');
  expect([status, answer.questions.length]).toEqual([3, 2]);
  const [first, second] = answer.questions;
  const one = scratch.onTerminal('answer', answer.run_id, first!.question_id, 'yes');
  expect((await one.ended).status).toBe(0);
  await scratch.shell('until [ -s left.txt ]; do sleep 0.05; done');
  expect((await scratch.run('status', answer.run_id)).status).toBe(3);
  const other = scratch.onTerminal('answer', answer.run_id, second!.question_id, 'yes');
  expect((await other.ended).status).toBe(0);
  expect((await scratch.run('status', answer.run_id, '--watch')).status).toBe(0);
});
