/** What is said of runs inside a run: whose question it is, where a failure is to be read, what a person takes back. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { belayResources } from '../../../src/mcp/belay-resources.ts';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import { viewOf } from '../../fixtures/view-of.ts';
import { errorOf, RollbackWorld, rollbackOf } from './rollback-world.ts';

let world: RollbackWorld;
beforeEach(() => {
  world = new RollbackWorld();
});
afterEach(() => world.close());

/** A run of one step `sub`, whose work is a run of these steps. */
async function outer(inner: readonly object[], after: readonly object[] = []): Promise<RunView> {
  const shelf = join(world.folder, '.belay', 'workflows');
  mkdirSync(shelf, { recursive: true });
  writeFileSync(join(shelf, 'inner.yaml'), JSON.stringify({ name: 'inner', steps: inner }));
  return world.run({ name: 'outer', steps: [{ id: 'sub', workflow: 'inner' }, ...after] });
}

test('an answer to a question of a run inside names that run', async () => {
  const { run_id, questions } = await outer([{ id: 'ok', type: 'approval', message: 'Go on?' }]);
  const [question] = questions;
  const ids = { question_id: question?.question_id };
  const refused = errorOf(
    await world.scratch.call('workflow_answer', { run_id, ...ids, answer: true }, true),
  );
  expect(refused).toMatchObject({
    code: 'unknown_question',
    message: expect.stringContaining(`but of run \`${question?.run_id}\` inside it`),
    next: [{ tool: 'workflow_answer', arguments: { run_id: question?.run_id, ...ids } }],
  });
  const other = { run_id, question_id: 'q9-none', answer: true };
  expect(errorOf(await world.scratch.call('workflow_answer', other, true)).message).toContain('never asked');
  const there = { run_id: question?.run_id, ...ids, answer: { approved: true } };
  expect((await world.scratch.call('workflow_answer', there, true)).kind).toBe('done');
});

test('after a failed step the run that did its work is looked at first', async () => {
  const { status, steps, next } = await outer([{ id: 'work', command: 'exit 3' }]);
  expect(status).toBe('failed');
  expect(next[0]).toMatchObject({ tool: 'workflow_status', arguments: { run_id: steps[0]?.run_id } });
});

test('a person takes the run of a step back by its id, and a plan says so', async () => {
  const done = [{ id: 'work', command: 'true', undo: 'true' }];
  const { run_id, steps } = await outer(done, [{ id: 'fail', command: 'false' }]);
  const command = `belay rollback ${steps[0]?.run_id} --strategy graceful`;
  const planned = await world.rollback({ run_id, strategy: 'graceful', dry_run: true });
  expect(planned.kind === 'done' && planned.text).toContain(command);
  const view = rollbackOf(await world.rollback({ run_id, strategy: 'manual' }));
  const { read } = belayResources(async () => ok(world.scratch.belay));
  const text = await read(view.rollback?.instructions ?? '');
  expect(text?.text).toContain(`Undo step \`sub\`\n\n\`\`\`sh\n${command}\n\`\`\``);
});

test('a run of a step that is stuck is where its rollback is mended', async () => {
  const done = [{ id: 'work', command: 'true', undo: 'false' }];
  const { run_id, steps } = await outer(done, [{ id: 'fail', command: 'false' }]);
  const inner = steps[0]?.run_id;
  const view = rollbackOf(await world.rollback({ run_id, strategy: 'graceful' }));
  expect(view).toMatchObject({
    status: 'stuck',
    next: [{ tool: 'workflow_status', arguments: { run_id: inner } }, {}, {}],
    rollback: { problems: [{ command: `belay rollback ${inner} --strategy graceful` }] },
  });
});

test('what is refused is said without the names of events', async () => {
  const { run_id } = await world.run({ name: 'one', steps: [{ id: 'a', command: 'true', undo: 'true' }] });
  const signal = await world.scratch.call('workflow_answer', { run_id, signal: 'go' });
  expect(errorOf(signal).message).toBe(`run \`${run_id}\` has ended (succeeded): it takes no more signals`);
  await world.rollback({ run_id, strategy: 'graceful' });
  expect(viewOf(await world.scratch.call('workflow_status', { run_id })).status).toBe('rolled_back');
  expect(errorOf(await world.scratch.call('workflow_resume', { run_id }))).toMatchObject({
    code: 'conflict',
    message: `run \`${run_id}\` is rolled back: it cannot be resumed`,
    hint: `start it again with \`belay rerun ${run_id}\``,
  });
});

test('the lines of a plan are numbered as they are shown', async () => {
  const { run_id } = await world.run({
    name: 'two',
    steps: [
      { id: 'work', command: 'true', undo: 'true' },
      { id: 'facts', type: 'set', values: { a: 1 } },
    ],
  });
  const planned = await world.rollback({ run_id, strategy: 'graceful', dry_run: true });
  if (planned.kind !== 'done') throw new Error(JSON.stringify(planned));
  expect(planned.text).toContain('1. undo step `work`');
  const { plan } = planned.structured as { plan: readonly { order: number; step: string }[] };
  expect(plan.find(({ step }) => step === 'work')?.order).toBe(2);
});
