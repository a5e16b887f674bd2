import { afterEach, beforeEach, expect, test } from 'vitest';
import { tool } from '../../../src/tools/catalogue.ts';
import type { FormResponse, ToolAnswer } from '../../../src/tools/tool.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

const approval = (id: string, message = `${id}?`) => ({ id, type: 'approval', message, needs: [] });

/** The run and its question ids, by step. */
async function asking(...steps: object[]) {
  const answer = await scratch.call('workflow_execute', {
    definition: { name: 'ask', steps },
    wait_seconds: 60,
  });
  const { run_id, questions } = viewOf(answer);
  return { answer, run_id, ids: Object.fromEntries(questions.map((each) => [each.step, each.question_id])) };
}

function fillIn(run_id: string, responses: { readonly [id: string]: FormResponse }): Promise<ToolAnswer> {
  const execute = tool('workflow_execute');
  const context = { ...scratch.context, human: true, caller: 'mcp:test' };
  if (!execute?.resume) throw new Error('workflow_execute cannot resume');
  return execute.resume(context, { wait_seconds: 60 }, { run_id }, responses);
}

const yes: FormResponse = { action: 'accept', content: { approved: true } };

async function answeredEvents(run_id: string) {
  const view = viewOf(await scratch.call('workflow_status', { run_id, include: ['events'] }));
  return (view.events ?? []).filter((event) => event.type === 'question.answered');
}

test('one conflict does not throw away what else was decided in the same form', async () => {
  const { run_id, ids } = await asking(approval('a'), approval('b'));
  const { a = '', b = '' } = ids;
  await scratch.call('workflow_answer', { run_id, question_id: a, answer: { approved: true } }, true);
  const after = viewOf(await fillIn(run_id, { [a]: yes, [b]: yes }));
  expect(after.status).toBe('succeeded');
  expect(after.warnings).toEqual([`question \`${a}\` is answered, not open`]);
});

test('an answer that does not fit is told once, not asked for again', async () => {
  const { run_id, ids } = await asking(approval('a'));
  const after = await fillIn(run_id, { [ids.a ?? '']: { action: 'accept', content: { approved: 'maybe' } } });
  expect(after.kind).toBe('done');
  expect(viewOf(after)).toMatchObject({
    status: 'waiting',
    warnings: [expect.stringContaining('does not fit')],
  });
});

test('the journal tells how an answer came', async () => {
  const { run_id, ids } = await asking(approval('a'), approval('b'), approval('c'));
  const { a = '', b = '', c = '' } = ids;
  const answer = tool('workflow_answer');
  const args = (question_id: string) => ({ run_id, question_id, answer: { approved: true } });
  await answer?.run({ ...scratch.context, human: true, caller: 'cli:ann' }, args(b));
  await answer?.run({ ...scratch.context, human: true, caller: 'rest:ann' }, args(c));
  await fillIn(run_id, { [a]: { action: 'decline' } });
  expect((await answeredEvents(run_id)).map(({ question, via }) => [question, via])).toEqual([
    [b, 'terminal'],
    [c, 'tool'],
    [a, 'form'],
  ]);
});

test('looking at a run or cancelling it asks nobody; executing it asks', async () => {
  const { answer, run_id } = await asking(approval('a'));
  expect(answer.kind).toBe('ask');
  expect((await scratch.call('workflow_status', { run_id, wait_seconds: 1 })).kind).toBe('done');
  expect(tool('workflow_status')?.resume).toBeUndefined();
  expect((await scratch.call('workflow_cancel', { run_id })).kind).toBe('done');
});

test('a cancelled run that waited is shown when it has ended', async () => {
  const { run_id } = await asking(approval('a'));
  expect(viewOf(await scratch.call('workflow_cancel', { run_id })).status).toBe('cancelled');
});

test('a form holds as many questions as a person bears, none of them endless', async () => {
  const steps = Array.from({ length: 25 }, (_, index) => approval(`a${index}`, 'why '.repeat(2_000)));
  const { answer } = await asking(...steps);
  if (answer.kind !== 'ask') throw new Error(JSON.stringify(answer));
  expect(answer.asks).toHaveLength(20);
  for (const ask of answer.asks) expect(Buffer.byteLength(ask.message)).toBeLessThan(5_000);
});
