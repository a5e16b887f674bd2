/** The order in which started steps are undone. */
import { describe, expect, test } from 'vitest';
import { undoPlan } from '../../../../src/engine/core/undo-plan.ts';
import { chain, foreach, group, repeat, step, workflow } from './build-workflow.ts';
import { ScriptedRun } from './scripted-run.ts';

const planOf = (run: ScriptedRun) => undoPlan(run.host.run).map(({ key, after }) => [key, ...after]);

describe('undoPlan', () => {
  test('goes back in the order of starts, each step after those that needed it', () => {
    const run = new ScriptedRun(workflow(chain([step('a'), step('b'), step('c')])))
      .succeed('a', 'b')
      .fail('c');
    expect(planOf(run)).toEqual([['c'], ['b', 'c'], ['a', 'c', 'b']]);
    expect(undoPlan(run.host.run).map((entry) => entry.order)).toEqual([1, 2, 3]);
  });

  test('lets steps that do not need one another be undone side by side', () => {
    const run = new ScriptedRun(workflow([step('a'), step('b')])).succeed('a', 'b');
    expect(planOf(run)).toEqual([['b'], ['a']]);
  });

  test('ties steps through a step that never started', () => {
    const steps = chain([step('a'), step('b', { when: 'perhaps' }), step('c')]);
    const run = new ScriptedRun(workflow(steps));
    run.host.append(
      { type: 'step.succeeded', step: 'a', attempt: 1 },
      { type: 'step.skipped', step: 'b', reason: 'no' },
    );
    run.send({ type: 'step.started', step: 'c', attempt: 1 });
    expect(planOf(run)).toEqual([['c'], ['a', 'c']]);
  });

  test('ties what is inside of blocks by the needs of the blocks', () => {
    const steps = [group('g', [step('x'), step('y')]), step('b', { needs: ['g'] }), step('c')];
    const run = new ScriptedRun(workflow(steps), 1).succeed('c', 'x', 'y');
    expect(planOf(run)).toEqual([['b'], ['y', 'b'], ['x', 'b'], ['c']]);
  });

  test('ties iterations one by one and rounds, but not iterations side by side', () => {
    const inOrder = new ScriptedRun(workflow([step('a', foreach(2, 1))])).succeed('a[0]');
    expect(planOf(inOrder)).toEqual([['a[1]'], ['a[0]', 'a[1]']]);
    const beside = new ScriptedRun(workflow([step('a', foreach(2, 2))]));
    expect(planOf(beside)).toEqual([['a[1]'], ['a[0]']]);
    const rounds = new ScriptedRun(workflow([step('a', repeat(2))])).succeed('a[0]').at(2_000);
    expect(planOf(rounds)).toEqual([['a[1]'], ['a[0]', 'a[1]']]);
  });

  test('leaves out the cleanup and what never started', () => {
    const run = new ScriptedRun(workflow(chain([step('a'), step('b')]), [step('z')])).fail('a');
    expect(run.running).toEqual(['z']);
    expect(planOf(run)).toEqual([['a']]);
  });
});
