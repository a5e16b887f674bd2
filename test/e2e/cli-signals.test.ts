/** A person's word to a run from the command line beyond a single answer: signals, claims, one approval of several. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.end());

const GATE = `
name: gate
steps:
  - id: deployed
    type: wait
    signal: deployed
    for: 1h
  - id: tell
    command: echo {{ deployed.outputs.tag }} > tag.txt
`;

const WORK = `
name: work
steps:
  - id: which
    type: input
    asked_of: agent
    message: Which one?
    show: { title: choices, text: a or b }
    fields: { name: { type: string, enum: [a, b] } }
  - id: tell
    command: echo {{ which.outputs.name }} > name.txt
`;

test('a run waits for its signal, whoever has ended meanwhile, and goes on with what came along', async () => {
  scratch.write('gate.yaml', GATE);
  const { status, answer } = await scratch.json('run', 'gate.yaml');
  expect([status, answer.status]).toEqual([3, 'waiting']);
  const wrong = await scratch.json('answer', answer.run_id, '--signal', 'deployed', '--payload', '{');
  expect([wrong.status, wrong.answer.error.message]).toEqual([
    2,
    expect.stringContaining('--payload is not JSON'),
  ]);
  const text = await scratch.run('status', answer.run_id);
  expect(text.stdout).toContain(`belay answer ${answer.run_id} --signal deployed`);
  const payload = '{"tag": "v1"}';
  const sent = await scratch.json('answer', answer.run_id, '--signal', 'deployed', '--payload', payload);
  expect(sent.status).toBe(0);
  expect((await scratch.run('status', answer.run_id, '--watch')).status).toBe(0);
  expect(scratch.read('tag.txt')).toBe('v1\n');
});

test('a question for agents is claimed, prolonged and answered', async () => {
  scratch.write('work.yaml', WORK);
  const { answer } = await scratch.json('run', 'work.yaml');
  const question = answer.questions[0]!.question_id;
  const act = (...words: readonly string[]) => scratch.json('answer', answer.run_id, question, ...words);
  const claimed = await act('--claim', '--lease', '60');
  expect(claimed.answer.questions[0]).toMatchObject({
    claimed_by: expect.stringMatching(/^cli:/),
    context: '--- choices\na or b',
  });
  const twice = await act('--claim');
  expect([twice.status, twice.answer.error.code]).toEqual([2, 'claimed']);
  expect((await act('--renew')).status).toBe(0);
  expect((await act('--lease', '60')).status).toBe(2);
  expect((await act('b')).status).toBe(0);
  expect((await scratch.run('status', answer.run_id, '--watch')).status).toBe(0);
  expect(scratch.read('name.txt')).toBe('b\n');
});

test('on a terminal a person is asked for one approval of two once, and not at all for what is not theirs', async () => {
  const approval = (more: string) => `
name: ask
steps:
  - id: go
    type: approval
    message: Release it?
    show: the diff
    ${more}
`;
  scratch.write('two.yaml', approval('approvals: 2'));
  const terminal = scratch.onTerminal('run', 'two.yaml');
  await terminal.seen('the diff');
  await terminal.seen('[y/n]');
  terminal.child.stdin?.write('y\n');
  await terminal.seen('Reason');
  terminal.child.stdin?.write('tested\n');
  const { status, stdout } = await terminal.ended;
  expect(status).toBe(3);
  const runId = /belay answer (r-\S+)/.exec(stdout)?.[1] ?? '';
  const { answer } = await scratch.json('status', runId);
  expect(answer.questions[0]).toMatchObject({
    approvals: { needed: 2, given: [expect.stringMatching(/^cli:/)] },
  });

  scratch.write('others.yaml', approval('not_requester: true'));
  const ended = await scratch.onTerminal('run', 'others.yaml').ended;
  expect(ended.status).toBe(3);
  expect(ended.stdout).not.toContain('[y/n]');
});
