/** A run that went back to a checkpoint, stands there, and goes on. */
import { describe, expect, test } from 'vitest';
import type { CheckpointSpec, Step } from '../../../../src/engine/core/model.ts';
import { chain, foreach, group, repeat, step, undoable, workflow } from './build-workflow.ts';
import { ScriptedRun } from './scripted-run.ts';

const checkpoint: { readonly checkpoint: CheckpointSpec } = { checkpoint: {} };
const marked = (id: string, fields: Partial<Step> = {}): Step => undoable(id, { ...checkpoint, ...fields });

/** Goes back to before a step; every undo succeeds. */
function backTo(run: ScriptedRun, key: string): ScriptedRun {
  run.rollBack('checkpoint', { checkpoint: `${key} before` });
  for (const task of run.running) if (run.step(task).stopping) run.fail(task, 'cancelled');
  while (run.outcome[0] === 'rolling_back') run.succeed(run.running[0]!);
  expect(run.outcome).toEqual(['paused', `back at checkpoint \`${key} before\``]);
  return run;
}

describe('back at a checkpoint', () => {
  const abc = workflow(chain([undoable('a'), marked('b'), marked('c')]), [step('z')]);

  test('what came before stays done, and all since is to be done again', () => {
    const run = backTo(new ScriptedRun(abc).succeed('a', 'b'), 'b');
    expect(run.status('a', 'b', 'c')).toEqual(['succeeded', 'pending', 'pending']);
    expect([...run.host.run.checkpoints.keys()]).toEqual(['b before']);
    expect([run.host.run.done, run.host.run.total]).toEqual([1, 3]);
    expect(run.resume().running).toEqual(['b']);
    expect(run.succeed('b', 'c', 'z').outcome).toEqual(['succeeded', undefined]);
  });

  test('a run goes forth and back three times, undoing each time what it did that time', () => {
    const run = new ScriptedRun(abc).succeed('a', 'b', 'c', 'z');
    for (const key of ['c', 'b', 'c']) {
      backTo(run, key).resume();
      for (const each of ['b', 'c', 'z']) if (run.running.includes(each)) run.succeed(each);
      expect(run.outcome).toEqual(['succeeded', undefined]);
    }
    const undos = run.since(0).filter((line) => line.startsWith('undo.succeeded'));
    expect(undos.map((line) => line.at(-1))).toEqual(['c', 'c', 'b', 'c']);
    run.rollBack().succeed('un-c', 'un-b', 'un-a');
    expect(run.outcome[0]).toBe('rolled_back');
  });

  test('a run may go back further at once, and nothing is undone twice', () => {
    const run = backTo(backTo(new ScriptedRun(abc).succeed('a', 'b', 'c', 'z'), 'c'), 'b');
    expect(run.since(0).filter((line) => line.startsWith('undo.started'))).toHaveLength(2);
    expect(run.rollBack().running).toEqual(['un-a']);
  });

  test('later checkpoints are gone', () => {
    const run = backTo(new ScriptedRun(abc).succeed('a', 'b', 'c', 'z'), 'b');
    expect(() => run.rollBack('checkpoint', { checkpoint: 'c before' })).toThrow('not in this run');
    expect(() => run.rollBack('checkpoint')).toThrow('not in this run');
  });

  test('a run may be cancelled, and cleans up', () => {
    const run = backTo(new ScriptedRun(abc).succeed('a', 'b'), 'b').cancel('graceful');
    expect(run.succeed('z').outcome[0]).toBe('cancelled');
  });

  test('a step that was under way there is undone and done again', () => {
    const steps = [undoable('slow'), ...chain([step('a', { effects: 'none' }), marked('b')])];
    const run = backTo(new ScriptedRun(workflow(steps)).succeed('a', 'b', 'slow'), 'b');
    expect(run.status('slow', 'a', 'b')).toEqual(['pending', 'succeeded', 'pending']);
    expect(run.resume().running).toEqual(['slow', 'b']);
  });

  test('a block that was open there is open again, though nothing in it has happened since', () => {
    const body = [step('x', { effects: 'none' }), undoable('y', { needs: ['x'] })];
    const steps = [step('a', { effects: 'none' }), group('g', body), marked('b', { needs: ['a'] })];
    const run = new ScriptedRun(workflow(steps), 1).succeed('a', 'x');
    expect([run.running, run.status('y')]).toEqual([['b'], ['pending']]);
    expect(backTo(run.succeed('b').fail('y'), 'b').status('g', 'x')).toEqual(['running', 'succeeded']);
    const early = new ScriptedRun(workflow(steps), 1).succeed('a', 'x').cancel('immediate');
    early.fail('b', 'cancelled');
    expect(early.status('g')).toEqual(['cancelled']);
    expect(backTo(early, 'b').status('g', 'x', 'y')).toEqual(['running', 'succeeded', 'pending']);
  });

  test('changes to files since are forgotten, but not of a step that was under way and may have made them before', () => {
    const steps = [undoable('slow'), ...chain([step('a', { effects: 'none' }), marked('b')])];
    const run = new ScriptedRun(workflow(steps)).succeed('a');
    for (const key of ['b', 'slow']) {
      const changes = { list: `list of ${key}`, created: 1, changed: 0, deleted: 0, shown: [] };
      run.send({ type: 'step.succeeded', step: key, attempt: 1, changes });
    }
    expect(backTo(run, 'b').host.run.changes.map(({ note }) => note.list)).toEqual(['list of slow']);
  });

  test('a step that cannot be undone is to be done again, and is not forgotten', () => {
    const steps = chain([marked('a'), step('b', { irreversible: 'it is sent' })]);
    const run = new ScriptedRun(workflow(steps)).succeed('a', 'b');
    run.rollBack('checkpoint', { checkpoint: 'a before' }).succeed('un-a');
    expect(run.outcome).toEqual(['paused', 'back at checkpoint `a before`; 1 step stays as it is']);
    expect(run.status('a', 'b')).toEqual(['pending', 'pending']);
    expect(run.rollBack().outcome).toEqual(['rolled_back', 'rolled back; 1 step stays as it is']);
  });

  test('a failed step is as if it had not failed, and the block around it goes on', () => {
    const body = chain([step('x', { effects: 'none' }), marked('y')]);
    const run = new ScriptedRun(workflow([group('g', body, { timeoutMs: 500 })])).succeed('x').fail('y');
    expect(backTo(run, 'y').status('g', 'x', 'y')).toEqual(['running', 'succeeded', 'pending']);
    run.at(9_000).resume();
    expect([run.running, run.step('g').timeoutAt]).toEqual([['y'], 9_500]);
    expect(run.succeed('y').outcome[0]).toBe('succeeded');
  });

  test('a block that opened since is closed again, and one that was skipped since may open', () => {
    const steps = chain([marked('a'), group('g', [undoable('x')]), group('h', [undoable('y')])]);
    const run = new ScriptedRun(workflow(steps));
    run.host.append({ type: 'step.succeeded', step: 'a', attempt: 1 });
    run.send({ type: 'step.skipped', step: 'g', reason: 'no' }).succeed('y');
    expect(backTo(run, 'a').status('a', 'g', 'h')).toEqual(['pending', 'pending', 'pending']);
    expect(run.host.run.byKey.has('y')).toBe(false);
    expect(run.resume().succeed('a', 'x', 'y').outcome[0]).toBe('succeeded');
  });

  test('inside a loop the iterations since run again, those before do not', () => {
    for (const width of [1, 2]) {
      const keys = ['a[0]', 'a[1]', 'a[2]'];
      const run = new ScriptedRun(workflow([marked('a', foreach(3, width))]), 1).succeed(...keys);
      backTo(run, 'a[1]');
      expect(run.status('a', ...keys)).toEqual(['running', 'succeeded', 'pending', 'pending']);
      expect(run.resume().succeed('a[1]', 'a[2]').outcome).toEqual(['succeeded', undefined]);
    }
  });

  test('inside a repeat the rounds since are forgotten, and its count goes on from there', () => {
    const run = new ScriptedRun(workflow([marked('a', repeat(9))]));
    for (const round of [0, 1, 2]) run.succeed(`a[${round}]`).at(run.host.now + 1_000);
    backTo(run, 'a[1]');
    expect([run.step('a').attempt, run.host.run.byKey.has('a[2]')]).toEqual([2, false]);
    expect(run.status('a', 'a[0]', 'a[1]')).toEqual(['running', 'succeeded', 'pending']);
    expect(run.resume().running).toEqual(['a[1]']);
    run.succeed('a[1]').at(run.host.now + 1_000);
    expect(run.running).toEqual(['a[2]']);
  });

  test('inside a repeat a round that was about to begin is forgotten with those that had begun', () => {
    const body = chain([step('x', { effects: 'none' }), marked('y')]);
    const loop = group('g', body, { ...repeat(9), onFailure: 'continue' });
    const run = new ScriptedRun(workflow([loop])).succeed('x[0]').fail('y[0]').at(3_000);
    expect(run.status('g[0]', 'g[1]')).toEqual(['soft_failed', 'running']);
    backTo(run, 'y[0]');
    expect([run.status('g', 'g[0]', 'y[0]'), run.host.run.byKey.has('g[1]')]).toEqual([
      ['running', 'running', 'pending'],
      false,
    ]);
    expect(run.resume().running).toEqual(['y[0]']);
  });

  test('a checkpoint that was taken again is the one of before again', () => {
    const steps = [marked('a'), marked('b', { needs: ['a'] })];
    const run = new ScriptedRun(workflow(steps)).succeed('a').fail('b').resume('a').succeed('a');
    expect([...run.host.run.checkpoints.values()].map(({ older }) => older?.id)).toEqual([
      'a before',
      'b before',
    ]);
    backTo(run, 'a');
    expect([...run.host.run.checkpoints.values()].map(({ id, older }) => [id, older?.id])).toEqual([
      ['b before', undefined],
      ['a before', 'a before'],
    ]);
  });

  test('the files that the rollback took away may be brought back, and then go away again', () => {
    const run = backTo(new ScriptedRun(abc).succeed('a', 'b'), 'b');
    const rescue = run.host.run.rescue!.id;
    run.send({ type: 'restore.started', checkpoint: rescue, operation: 'o' });
    expect(run.host.run.checkpoints.get('b before')?.restored).toBe(false);
    expect(
      backTo(run, 'b')
        .since(0)
        .filter((line) => line.startsWith('restore.finished')),
    ).toHaveLength(3);
  });
});
