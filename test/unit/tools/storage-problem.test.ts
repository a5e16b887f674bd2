import { afterEach, beforeEach, expect, test } from 'vitest';
import { StorageError } from '../../../src/store/problem.ts';
import { tool } from '../../../src/tools/catalogue.ts';
import { thrownProblem } from '../../../src/tools/storage-problem.ts';
import type { ToolContext } from '../../../src/tools/tool.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

const approval = { name: 'ask', steps: [{ id: 'go', type: 'approval', message: 'Go?' }] };

/** As when the host of this process has met a full disk. */
function withProblem(): ToolContext {
  const host = { problem: { code: 'storage', message: 'the disk is full' } } as never;
  return { ...scratch.context, human: true, belay: { ...scratch.belay, host } };
}

test.each([
  ['workflow_execute', { commands: ['true'] }],
  ['workflow_answer', { answer: { approved: true } }],
  ['workflow_cancel', {}],
  ['workflow_resume', {}],
])('while the host has a storage problem %s says so and records nothing', async (name, args) => {
  const started = await scratch.call('workflow_execute', { definition: approval, wait_seconds: 60 });
  if (started.kind !== 'ask') throw new Error(JSON.stringify(started));
  const run_id = String(started.state.run_id);
  const seq = scratch.belay.journal.run(run_id)?.seq;
  const ids = name === 'workflow_execute' ? {} : { run_id };
  const answerTo = name === 'workflow_answer' ? { question_id: started.asks[0]?.id } : {};
  const answer = await tool(name)?.run(withProblem(), { ...ids, ...answerTo, ...args });
  expect(answer).toMatchObject({
    kind: 'error',
    error: { code: 'storage', message: expect.stringContaining('the disk is full') },
  });
  expect(scratch.belay.journal.run(run_id)?.seq).toBe(seq);
  expect(scratch.belay.journal.runIds('', 10)).toEqual([run_id]);
});

test('answers of a form are refused too', async () => {
  const answer = await tool('workflow_execute')?.resume?.(withProblem(), {}, { run_id: 'r-1' }, {});
  expect(answer).toMatchObject({ kind: 'error', error: { code: 'storage' } });
});

test('what the store throws is a tool error, a bug is not', () => {
  const problem = { code: 'io', message: 'the disk is gone', hint: 'check it' } as const;
  expect(thrownProblem(new StorageError(problem))).toEqual(problem);
  expect(thrownProblem(new Error('bug'))).toBeUndefined();
});
