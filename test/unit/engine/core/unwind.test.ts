/** What taking a run back consists of, and in which order it may happen. */
import { describe, expect, test } from 'vitest';
import type { CheckpointSpec, Step } from '../../../../src/engine/core/model.ts';
import { unwindItems } from '../../../../src/engine/core/unwind.ts';
import { chain, foreach, group, repeat, step, undoable, workflow } from './build-workflow.ts';
import { ScriptedRun } from './scripted-run.ts';

const checkpoint: { readonly checkpoint: CheckpointSpec } = { checkpoint: {} };

function planOf(run: ScriptedRun, target?: string): readonly string[] {
  const items = unwindItems(run.host.run, run.host.run.checkpoints.get(target ?? ''));
  expect(items.map(({ order }) => order)).toEqual(items.map((_, index) => index + 1));
  return items.map((item) => `${item.kind} ${item.kind === 'restore' ? item.checkpoint.id : item.step.key}`);
}

describe('taking a run back consists of', () => {
  test('what was started, last started first, without the cleanup and what never began', () => {
    const steps = chain([step('a'), undoable('b'), step('c')]);
    const run = new ScriptedRun(workflow(steps, [step('z')])).succeed('a').fail('b');
    expect(run.running).toEqual(['z']);
    expect(planOf(run)).toEqual(['undo b', 'uncovered a']);
  });

  test('what each step says of itself', () => {
    const steps = chain([
      step('before'),
      step('files', checkpoint),
      step('undone', { undo: [step('u')], effects: 'remote' }),
      step('final', { irreversible: 'it is sent', effects: 'remote' }),
      step('remote', { effects: 'remote' }),
      step('idle', { effects: 'none' }),
    ]);
    const ids = steps.map(({ id }) => id);
    expect(planOf(new ScriptedRun(workflow(steps)).succeed(...ids))).toEqual([
      'nothing idle',
      'uncovered remote',
      'irreversible final',
      'undo undone',
      'files files',
      'restore files before',
      'uncovered before',
    ]);
  });

  test('one restore for many checkpoints of the same files, unless an undo needs them as they were in between', () => {
    const steps = chain([step('a', checkpoint), step('b', checkpoint), undoable('c'), step('d', checkpoint)]);
    expect(planOf(new ScriptedRun(workflow(steps)).succeed('a', 'b', 'c', 'd'))).toEqual([
      'files d',
      'restore d before',
      'undo c',
      'files b',
      'files a',
      'restore a before',
    ]);
  });

  test('only what began or was under way since the checkpoint to go back to', () => {
    const slow = undoable('slow', { needs: [] });
    const steps = [slow, ...chain([undoable('a'), undoable('b', checkpoint), undoable('c')])];
    const run = new ScriptedRun(workflow(steps)).succeed('a', 'b', 'slow', 'c');
    expect(planOf(run, 'b before')).toEqual(['undo c', 'undo b', 'undo slow', 'restore b before']);
  });

  test('also steps of a loop that a resume has begun anew', () => {
    const loop = undoable('a', foreach(2, 1));
    const run = new ScriptedRun(workflow([loop])).succeed('a[0]', 'a[1]').resume('a');
    run.fail('a[0]');
    expect(planOf(run)).toEqual(['undo a[0]', 'undo a[1]']);
  });

  test('no attempt whose process never ran', () => {
    const run = new ScriptedRun(workflow([undoable('a')])).interrupt('a', 'never_started');
    run.send({ type: 'run.finished', status: 'stuck' });
    expect(run.step('a').attempt).toBe(1);
    const never = new ScriptedRun(workflow([undoable('a')]));
    never.host.append({
      type: 'step.interrupted',
      step: 'a',
      attempt: 1,
      cause: 'never_started',
      again: true,
    });
    expect(planOf(never)).toEqual([]);
  });
});

test('an attempt that never ran does not hide the one before it', () => {
  const run = new ScriptedRun(workflow([undoable('a')])).succeed('a').resume('a');
  run.host.append({ type: 'step.interrupted', step: 'a', attempt: 2, cause: 'never_started', again: true });
  expect(planOf(run)).toEqual(['undo a']);
});

/** In which waves the undos of a run that has done all its steps begin, each wave ended before the next. */
function waves(steps: readonly Step[], keys: readonly string[], slots = 10): readonly string[][] {
  const run = new ScriptedRun(workflow(steps), slots);
  for (const key of keys) {
    if (run.running.length === 0) run.at(run.host.now + 1_000);
    run.succeed(key);
  }
  run.rollBack();
  const found: string[][] = [];
  while (run.running.length > 0) {
    found.push([...run.running]);
    run.succeed(...run.running);
  }
  expect(run.outcome).toEqual(['rolled_back', 'rolled back']);
  return found;
}

describe('a step is undone', () => {
  test('after those that needed it, directly or through others', () => {
    const steps = chain([undoable('a'), step('b', { effects: 'none' }), undoable('c')]);
    expect(waves(steps, ['a', 'b', 'c'])).toEqual([['un-c'], ['un-a']]);
  });

  test('after those that needed it through a step that never ran', () => {
    const run = new ScriptedRun(workflow(chain([undoable('a'), step('b'), undoable('c')])));
    run.host.append(
      { type: 'step.succeeded', step: 'a', attempt: 1 },
      { type: 'step.skipped', step: 'b', reason: 'no' },
    );
    run.send({ type: 'step.started', step: 'c', attempt: 1 }).succeed('c').rollBack();
    expect(run.running).toEqual(['un-c']);
    expect(run.succeed('un-c').running).toEqual(['un-a']);
  });

  test('beside those that it has nothing to do with', () => {
    expect(waves([undoable('a'), undoable('b')], ['a', 'b'])).toEqual([['un-b', 'un-a']]);
  });

  test('one after another where there is one slot, last started first', () => {
    const steps = ['a', 'b', 'c'].map((id) => undoable(id));
    expect(waves(steps, ['a', 'b', 'c'], 1)).toEqual([['un-c'], ['un-b'], ['un-a']]);
  });

  test('after all that is in a block that needed it, and before all in a block that it needed', () => {
    const steps = [
      undoable('a'),
      group('g', [undoable('x'), undoable('y')], { needs: ['a'] }),
      undoable('b', { needs: ['g'] }),
      undoable('c'),
    ];
    const found = waves(steps, ['c', 'a', 'x', 'y', 'b'], 2);
    expect(found).toEqual([['un-b', 'un-c'], ['un-y', 'un-x'], ['un-a']]);
  });

  test('after later iterations one by one and later rounds, but beside iterations side by side', () => {
    expect(waves([undoable('a', foreach(2, 1))], ['a[0]', 'a[1]'])).toEqual([['un-a[1]'], ['un-a[0]']]);
    expect(waves([undoable('a', foreach(2, 2))], ['a[0]', 'a[1]'])).toEqual([['un-a[1]', 'un-a[0]']]);
    const rounds = new ScriptedRun(workflow([undoable('a', repeat(9))])).succeed('a[0]').at(2_000);
    rounds.succeed('a[1]').rollBack();
    expect(rounds.running).toEqual(['un-a[1]']);
    expect(rounds.succeed('un-a[1]').running).toEqual(['un-a[0]']);
  });

  test('alone, in its place of time, when a resume has put it back', () => {
    const steps = [undoable('a'), undoable('b', { needs: ['a'] }), undoable('c')];
    const run = new ScriptedRun(workflow(steps)).succeed('a', 'c', 'b').resume('a').fail('a').rollBack();
    expect(run.running).toEqual(['un-a']);
    expect(run.succeed('un-a').running).toEqual(['un-b']);
    expect(run.succeed('un-b').running).toEqual(['un-c']);
  });

  test('before the files behind it come back, and after the files in front of it', () => {
    const steps = chain([undoable('a'), step('b', checkpoint), undoable('c')]);
    const run = new ScriptedRun(workflow(steps)).succeed('a', 'b', 'c');
    const { seq } = run.host.run;
    run.rollBack().succeed('un-c', 'un-a');
    const order = run.since(seq).filter((line) => /^(undo|restore)\./.test(line));
    expect(order).toEqual([
      'undo.started c',
      'undo.succeeded c',
      'restore.started b before',
      'restore.finished b before',
      'undo.started a',
      'undo.succeeded a',
    ]);
    expect(run.status('a', 'b', 'c')).toEqual(['undone', 'undone', 'undone']);
  });
});
