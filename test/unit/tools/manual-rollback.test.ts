import { afterEach, beforeEach, expect, test } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { belayResources } from '../../../src/mcp/belay-resources.ts';
import { viewOf } from '../../fixtures/view-of.ts';
import { AFTER, errorOf, RollbackWorld, rollbackOf } from './rollback-world.ts';

let world: RollbackWorld;
beforeEach(() => {
  world = new RollbackWorld();
});
afterEach(() => world.close());

const definition = {
  name: 'by-hand',
  steps: [
    { id: 'deploy', command: 'true', undo: 'echo down' },
    {
      id: 'break',
      checkpoint: { name: 'whole' },
      command: 'echo after > changed.txt; rm -f deleted.txt; echo new > created.txt',
    },
    { id: 'fail', command: 'false' },
  ],
};

async function waiting() {
  const { run_id } = await world.run(definition);
  return rollbackOf(await world.rollback({ run_id, strategy: 'manual' }));
}

test('manual changes nothing and asks for one instruction after the other', async () => {
  let view = await waiting();
  const { run_id } = view;
  expect(world.files()).toEqual(AFTER);
  const prompts: string[] = [];
  while (view.status === 'waiting') {
    const [question] = view.questions;
    prompts.push(question?.prompt ?? '');
    expect(view.next[0]).toMatchObject({ tool: 'workflow_answer' });
    const answer = { run_id, question_id: question?.question_id, answer: 'done' };
    await world.scratch.call('workflow_answer', answer);
    view = await world.scratch.until(
      run_id,
      ({ questions, status }) => status !== 'rolling_back' && questions[0] !== question,
    );
    if (view.questions[0]?.question_id === question?.question_id) throw new Error('the question stays open');
  }
  expect(prompts).toHaveLength(2);
  expect(prompts[0]).toContain('checkpoint `whole`');
  expect(prompts[0]).toContain('changed.txt');
  expect(prompts[1]).toContain('echo down');
  expect(view).toMatchObject({ status: 'rolled_back', rollback: { status: 'done', items: { done: 2 } } });
  expect(world.files()).toEqual(AFTER);
});

test('an answer other than done or leave is refused, and the question stays', async () => {
  const { run_id, questions } = await waiting();
  const ids = { run_id, question_id: questions[0]?.question_id };
  expect(errorOf(await world.scratch.call('workflow_answer', { ...ids, answer: 'perhaps' }))).toMatchObject({
    code: 'invalid_answer',
    message: expect.stringContaining('`done`, `leave`'),
  });
  const view = viewOf(await world.scratch.call('workflow_answer', { ...ids, answer: 'leave' }));
  expect(view.rollback?.items.left).toBe(1);
});

test('the instructions are a resource of the run', async () => {
  const { run_id, rollback } = await waiting();
  expect(rollback?.instructions).toBe(`belay://runs/${run_id}/instructions`);
  const { read } = belayResources(async () => ok(world.scratch.belay));
  const text = await read(rollback?.instructions ?? '');
  expect(text?.mimeType).toBe('text/markdown');
  for (const word of [run_id, 'echo down', 'changed.txt', '-after']) expect(text?.text).toContain(word);
  expect(await read('belay://runs/r-none/instructions')).toBeUndefined();
});
