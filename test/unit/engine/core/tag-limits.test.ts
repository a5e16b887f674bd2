/** How many steps with a tag are under way at once. */
import { expect, test } from 'vitest';
import type { Step } from '../../../../src/engine/core/model.ts';
import { foreach, retry, step, workflow } from './build-workflow.ts';
import { ScriptedRun } from './scripted-run.ts';

const limited = (steps: readonly Step[], limits: { readonly [tag: string]: number }, slots?: number) =>
  new ScriptedRun({ ...workflow(steps), limits }, slots);
const tagged = (id: string, ...tags: readonly string[]): Step => step(id, { tags });

test('no more than the limit, and those that wait take no slot from the others', () => {
  const run = limited([tagged('a', 'db'), tagged('b', 'db'), tagged('c', 'db'), step('free')], { db: 2 }, 3);
  expect(run.running).toEqual(['a', 'b', 'free']);
  expect(run.succeed('a').running).toEqual(['b', 'free', 'c']);
});

test('a step counts for each of its tags, and waits for all of them', () => {
  const steps = [tagged('a', 'db'), tagged('both', 'db', 'gpu'), tagged('b', 'gpu')];
  const run = limited(steps, { db: 1, gpu: 1 });
  expect(run.running).toEqual(['a', 'b']);
  expect(run.succeed('a').running).toEqual(['b']);
  expect(run.succeed('b').running).toEqual(['both']);
});

test('a tag without a limit is a word', () => {
  expect(limited([tagged('a', 'x'), tagged('b', 'x')], { db: 1 }).running).toEqual(['a', 'b']);
});

test('iterations of a loop count one by one', () => {
  const run = limited([step('all', { ...foreach(4, 4), tags: ['db'] }), tagged('b', 'db')], { db: 2 });
  expect(run.running).toHaveLength(2);
  run.succeed(run.running[0]!);
  expect(run.running).toHaveLength(2);
});

test('a step that waits for an answer, or for its next attempt, leaves its place; a retry that is due waits for one', () => {
  const run = limited([step('ask', { type: 'ask', tags: ['db'] }), tagged('a', 'db')], { db: 1 });
  expect(run.running).toEqual(['a']);
  const again = limited([step('again', { tags: ['db'], ...retry(3) }), tagged('b', 'db')], { db: 1 });
  again.retryAt('again', 5_000);
  expect(again.running).toEqual(['b']);
  expect(again.at(5_000).running).toEqual(['b']);
  expect(again.succeed('b').running).toEqual(['again']);
});
