import { afterEach, beforeEach, expect, test } from 'vitest';
import { tool } from '../../../src/tools/catalogue.ts';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

const start = async (definition: object): Promise<RunView> =>
  viewOf(await scratch.call('workflow_execute', { definition, wait_seconds: 60 }));

const approval = {
  name: 'ask',
  steps: [
    { id: 'go', type: 'approval', message: 'Go?' },
    { id: 'after', command: 'echo went' },
  ],
};

test('a question for a human is refused to an agent and stays open', async () => {
  const run = await start(approval);
  expect(run).toMatchObject({
    status: 'waiting',
    questions: [{ kind: 'approval', asked_of: 'human', prompt: 'Go?' }],
  });
  const [question] = run.questions;
  const refused = await scratch.call('workflow_answer', {
    run_id: run.run_id,
    question_id: question?.question_id,
    answer: { approved: true },
  });
  expect(refused).toMatchObject({ kind: 'error', error: { code: 'human_required' } });
  expect(viewOf(await scratch.call('workflow_status', { run_id: run.run_id })).status).toBe('waiting');
});

test('a human answers and the run goes on; a second answer is a conflict', async () => {
  const run = await start(approval);
  const answer = {
    run_id: run.run_id,
    question_id: run.questions[0]?.question_id,
    answer: { approved: true, reason: 'fine' },
  };
  const after = viewOf(await scratch.call('workflow_answer', answer, true));
  expect(after).toMatchObject({
    status: 'succeeded',
    steps: [{ outputs: { approved: true, reason: 'fine' } }, {}],
  });
  expect(await scratch.call('workflow_answer', answer, true)).toMatchObject({
    kind: 'error',
    error: { code: 'conflict' },
  });
});

test('an answer that does not fit leaves the question open', async () => {
  const run = await start({
    name: 'form',
    steps: [{ id: 'ask', type: 'input', message: 'How many?', fields: { count: { type: 'integer' } } }],
  });
  const ids = { run_id: run.run_id, question_id: run.questions[0]?.question_id };
  const wrong = await scratch.call('workflow_answer', { ...ids, answer: { count: 'many' } }, true);
  expect(wrong).toMatchObject({
    kind: 'error',
    error: { code: 'invalid_answer', message: expect.stringContaining('count') },
  });
  const right = viewOf(await scratch.call('workflow_answer', { ...ids, answer: { count: 3 } }, true));
  expect(right).toMatchObject({ status: 'succeeded', steps: [{ outputs: { count: 3 } }] });
});

test('unknown run, step and question name the nearest', async () => {
  const run = await start({ name: 'one', steps: [{ id: 'build', command: 'true' }] });
  const wrongRun = await scratch.call('workflow_status', { run_id: `${run.run_id.slice(0, -1)}z` });
  expect(wrongRun).toMatchObject({
    kind: 'error',
    error: { code: 'unknown_run', message: expect.stringContaining(run.run_id) },
  });
  const wrongStep = await scratch.call('workflow_status', { run_id: run.run_id, step: 'biuld' });
  expect(wrongStep).toMatchObject({
    kind: 'error',
    error: { code: 'unknown_step', message: expect.stringContaining('`build`') },
  });
  const wrongQuestion = await scratch.call('workflow_answer', {
    run_id: run.run_id,
    question_id: 'q1',
    answer: true,
  });
  expect(wrongQuestion).toMatchObject({ kind: 'error', error: { code: 'unknown_question' } });
});

test('cancel ends what runs, runs the cleanup and keeps the reason', async () => {
  const run = viewOf(
    await scratch.call('workflow_execute', {
      definition: {
        name: 'long',
        steps: [{ id: 'sleep', command: 'sleep 600' }],
        cleanup: [{ id: 'tidy', command: 'echo tidied' }],
      },
      wait_seconds: 0,
    }),
  );
  await scratch.until(run.run_id, (view) => view.steps[0]?.status === 'running');
  const ended = viewOf(await scratch.call('workflow_cancel', { run_id: run.run_id, reason: 'enough' }));
  expect(ended).toMatchObject({ status: 'cancelled', reason: 'enough' });
  expect(ended.steps.map((step) => [step.id, step.status])).toEqual([
    ['sleep', 'cancelled'],
    ['tidy', 'succeeded'],
  ]);
  const again = viewOf(await scratch.call('workflow_cancel', { run_id: run.run_id }));
  expect(again).toMatchObject({ status: 'cancelled', reason: 'enough' });
});

test('a run that has ended is not cancelled, and no error either', async () => {
  const run = await start({ name: 'one', steps: [{ id: 'a', command: 'true' }] });
  const seq = scratch.belay.journal.run(run.run_id)?.seq;
  expect(viewOf(await scratch.call('workflow_cancel', { run_id: run.run_id })).status).toBe('succeeded');
  expect(scratch.belay.journal.run(run.run_id)?.seq).toBe(seq);
});

test('an immediate cancel may follow a graceful one, and the same one changes nothing', async () => {
  const definition = { name: 'long', steps: [{ id: 'sleep', command: 'sleep 600' }] };
  const { run_id } = viewOf(await scratch.call('workflow_execute', { definition, wait_seconds: 0 }));
  await scratch.until(run_id, (view) => view.steps[0]?.status === 'running');
  const at = { ...scratch.context, signal: AbortSignal.abort() };
  const gently = () => tool('workflow_cancel')?.run(at, { run_id, mode: 'graceful' });
  await gently();
  const seq = scratch.belay.journal.run(run_id)?.seq;
  await gently();
  expect(scratch.belay.journal.run(run_id)?.seq).toBe(seq);
  expect(viewOf(await scratch.call('workflow_cancel', { run_id })).status).toBe('cancelled');
});

test('resume keeps what succeeded, records changed inputs, and runs on from a step if told', async () => {
  const run = await start({
    name: 'redo',
    inputs: { code: { type: 'integer', default: 1 } },
    steps: [
      { id: 'first', command: 'echo first >> trace' },
      { id: 'second', command: 'echo second >> trace; exit {{ inputs.code }}' },
    ],
  });
  expect(run.status).toBe('failed');
  const wrong = await scratch.call('workflow_resume', { run_id: run.run_id, inputs: { code: 'no' } });
  expect(wrong).toMatchObject({ kind: 'error', error: { code: 'invalid_input' } });
  const resumed = viewOf(await scratch.call('workflow_resume', { run_id: run.run_id, inputs: { code: 0 } }));
  expect(resumed).toMatchObject({ status: 'succeeded', inputs: { code: 0 } });
  expect(resumed.steps.map((step) => step.attempts)).toEqual([1, 2]);
  expect(await scratch.call('workflow_resume', { run_id: run.run_id })).toMatchObject({
    kind: 'error',
    error: { code: 'conflict' },
  });
  const again = viewOf(await scratch.call('workflow_resume', { run_id: run.run_id, from_step: 'first' }));
  expect(again).toMatchObject({ status: 'succeeded' });
  expect(again.steps.map((step) => step.attempts)).toEqual([2, 3]);
});

test('status waits until the run ends and shows one step alone', async () => {
  const run = viewOf(
    await scratch.call('workflow_execute', {
      definition: {
        name: 'wait',
        steps: [
          { id: 'a', command: 'while [ ! -e go ]; do read -rt 0.05 || true; done' },
          { id: 'b', command: 'echo done' },
        ],
      },
      wait_seconds: 0,
    }),
  );
  const waiting = scratch.call('workflow_status', {
    run_id: run.run_id,
    wait_seconds: 60,
    step: 'b',
    include: ['log'],
  });
  await start({ name: 'go', steps: [{ id: 'touch', command: 'touch go' }] });
  const view = viewOf(await waiting);
  expect(view).toMatchObject({ status: 'succeeded', steps: [{ id: 'b', log: 'done\n' }] });
  expect(view.steps).toHaveLength(1);
});

test('history pages through runs and filters them', async () => {
  for (const name of ['one', 'two', 'two'])
    await start({ name, steps: [{ id: 'a', type: 'set', values: { n: 1 } }] });
  const list = async (args: object) => {
    const answer = await scratch.call('workflow_history', args);
    if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
    return answer.structured as { runs: { workflow: string }[]; next_cursor?: string };
  };
  const first = await list({ limit: 2 });
  expect(first.runs.map((each) => each.workflow)).toEqual(['two', 'two']);
  expect((await list({ limit: 2, cursor: first.next_cursor })).runs.map((each) => each.workflow)).toEqual([
    'one',
  ]);
  expect((await list({ workflow: 'one', status: 'succeeded', since: '1h' })).runs).toHaveLength(1);
  expect((await list({ status: 'failed' })).runs).toEqual([]);
  expect(await scratch.call('workflow_history', { since: 'yesterday-ish' })).toMatchObject({ kind: 'error' });
});
