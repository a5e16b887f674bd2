/** The course of a rollback, from the request to its end. */
import { describe, expect, test } from 'vitest';
import type { CheckpointSpec } from '../../../../src/engine/core/model.ts';
import { chain, group, repeat, retry, step, undoable, workflow } from './build-workflow.ts';
import { ScriptedRun } from './scripted-run.ts';

const checkpoint: { readonly checkpoint: CheckpointSpec } = { checkpoint: {} };
const ab = workflow(chain([undoable('a'), undoable('b')]));

describe('a rollback of a run under way', () => {
  const steps = [
    undoable('a'),
    undoable('nap', { type: 'sleep' }),
    undoable('ask', { type: 'ask' }),
    undoable('late', { needs: ['a'] }),
  ];

  test('that is graceful lets what runs end, ends what waits, and starts nothing', () => {
    const run = new ScriptedRun(workflow(steps)).rollBack();
    expect([run.outcome[0], ...run.status('a', 'nap', 'ask', 'late')]).toEqual([
      'rolling_back',
      'running',
      'cancelled',
      'cancelled',
      'pending',
    ]);
    expect(run.step('a').stopping).toBeUndefined();
    run.succeed('a');
    expect(run.running).toEqual(['un-ask', 'un-nap', 'un-a']);
    expect(run.succeed('un-a', 'un-nap', 'un-ask').outcome).toEqual(['rolled_back', 'rolled back']);
  });

  test('that is immediate ends what runs, and undoes that too', () => {
    const run = new ScriptedRun(ab).rollBack('immediate');
    expect(run.step('a').stopping).toBe('cancelled');
    run.fail('a', 'cancelled');
    expect(run.succeed('un-a').status('a', 'b')).toEqual(['undone', 'pending']);
  });

  test('takes no pause and no cancel, for it always runs through', () => {
    const run = new ScriptedRun(ab).rollBack();
    expect(() => run.send({ type: 'run.pause_requested', by: 'test' })).toThrow('always runs through');
    expect(() => run.cancel('immediate')).toThrow('always runs through');
    expect(() => run.rollBack()).toThrow('a rollback is under way');
  });

  test('wins over a pause and a cancel that were asked for before', () => {
    const paused = new ScriptedRun(ab).send({ type: 'run.pause_requested', by: 'test' }).rollBack();
    const cancelled = new ScriptedRun(ab).cancel('graceful').rollBack();
    for (const run of [paused, cancelled])
      expect(run.succeed('a', 'un-a').outcome).toEqual(['rolled_back', 'rolled back']);
  });

  test('undoes a step whose retry it has taken away, one that was interrupted, and a round of a repeat', () => {
    const retried = new ScriptedRun(workflow([undoable('a', retry(3))])).retryAt('a', 5_000).rollBack();
    const interrupted = new ScriptedRun(workflow([undoable('a')])).interrupt('a').rollBack();
    for (const run of [retried, interrupted])
      expect(run.succeed('un-a').outcome).toEqual(['rolled_back', 'rolled back']);
    const round = new ScriptedRun(workflow([undoable('a', repeat(3))])).succeed('a[0]').rollBack();
    expect(round.succeed('un-a[0]').status('a[0]', 'a')).toEqual(['undone', 'undone']);
  });

  test('that comes during the cleanup waits for its end, which is not repeated', () => {
    const run = new ScriptedRun(workflow([undoable('a')], [step('z')])).succeed('a').rollBack('immediate');
    expect([run.running, run.step('z').stopping]).toEqual([['z'], undefined]);
    expect(run.succeed('z').running).toEqual(['un-a']);
    expect(run.succeed('un-a').outcome).toEqual(['rolled_back', 'rolled back']);
  });
});

describe('a failure whose policy says rollback', () => {
  test('takes the run back by itself, from a step or for the whole run', () => {
    const byStep = workflow(
      chain([undoable('a'), step('b', { onFailure: 'rollback', irreversible: 'sent' })]),
    );
    const byRun = { ...workflow(chain([undoable('a'), step('b', { irreversible: 'sent' })])) };
    for (const [of, why] of [
      [byStep, 'step `b` failed'],
      [{ ...byRun, onFailure: 'rollback' as const }, 'step `b` failed: it exit'],
    ] as const) {
      const run = new ScriptedRun(of).succeed('a').fail('b');
      expect(run.running).toEqual(['un-a']);
      const reason = `rolled back because ${why}; 1 step stays as it is`;
      expect(run.succeed('un-a').outcome).toEqual(['rolled_back', reason]);
    }
  });

  test('goes back to the last checkpoint, or everything where there is none', () => {
    const policy = { onFailure: 'rollback:checkpoint' as const };
    const with_ = new ScriptedRun(
      workflow(chain([undoable('a'), undoable('b', checkpoint), undoable('c', policy)])),
    );
    with_.succeed('a', 'b').fail('c').succeed('un-c', 'un-b');
    expect(with_.outcome).toEqual(['paused', 'back at checkpoint `b before` because step `c` failed']);
    const without = new ScriptedRun(workflow([undoable('c', policy)])).fail('c').succeed('un-c');
    expect(without.outcome[0]).toBe('rolled_back');
  });

  test('is forgotten by a resume that comes before it', () => {
    const run = new ScriptedRun(workflow([step('a', { onFailure: 'rollback' })]));
    run.host.append(
      { type: 'step.failed', step: 'a', attempt: 1, failure: { code: 'x', retry: 'final', message: 'x' } },
      { type: 'run.finished', status: 'stuck' },
    );
    expect(run.resume().running).toEqual(['a']);
  });

  test('counts for a step whose retry was taken away by the failure beside it', () => {
    const b = undoable('b', { onFailure: 'rollback', ...retry(3) });
    const run = new ScriptedRun(workflow([step('a', { effects: 'none' }), b])).retryAt('b', 5_000).fail('a');
    expect(run.succeed('un-b').outcome).toEqual(['rolled_back', 'rolled back because step `b` failed']);
  });
});

describe('an undo that fails', () => {
  const steps = [undoable('a'), undoable('b', { needs: ['a'] }), undoable('c')];
  const stuck = () => {
    const run = new ScriptedRun(workflow(steps, [step('z')])).succeed('a', 'c', 'b', 'z').rollBack();
    return run.fail('un-b').succeed('un-c');
  };

  test('stops what waits for it and nothing else; the run is stuck and says why', () => {
    const run = stuck();
    expect(run.status('a', 'b', 'c')).toEqual(['succeeded', 'undo_failed', 'undone']);
    expect(run.outcome).toEqual([
      'stuck',
      'the rollback could not finish: the undo of `b` failed: step `un-b`: it exit, 1 more to take back',
    ]);
  });

  test('is tried again by the next rollback, which repeats nothing that was undone', () => {
    const run = stuck().rollBack();
    expect(run.running).toEqual(['un-b']);
    expect(run.succeed('un-b').running).toEqual(['un-a']);
    expect(run.succeed('un-a').outcome).toEqual(['rolled_back', 'rolled back']);
    expect(run.status('a', 'b', 'c')).toEqual(['undone', 'undone', 'undone']);
  });

  test('keeps the run from being resumed halfway', () => {
    expect(() => stuck().resume()).toThrow('its rollback has not finished');
    const twice = stuck();
    twice.host.append(
      { type: 'unwind.requested', strategy: 'graceful', by: 'test' },
      { type: 'run.finished', status: 'stuck' },
    );
    expect(() => twice.resume()).toThrow('its rollback has not finished');
  });

  test('is retried first where it says so, and an interrupted one begins again', () => {
    const own = step('a', { undo: chain([step('u', retry(2)), step('v')]) });
    const run = new ScriptedRun(workflow([own])).succeed('a').rollBack();
    run.retryAt('u', 3_000).at(3_000).interrupt('u').succeed('u');
    expect([run.running, run.step('u').attempt]).toEqual([['v'], 3]);
    expect(run.succeed('v').outcome[0]).toBe('rolled_back');
  });

  test('keeps files from coming back over it', () => {
    const run = new ScriptedRun(workflow(chain([step('a', checkpoint), undoable('b')]))).succeed('a', 'b');
    run.rollBack().fail('un-b');
    expect([run.outcome[0], ...run.status('a', 'b')]).toEqual(['stuck', 'succeeded', 'undo_failed']);
    expect(run.rollBack().succeed('un-b').status('a', 'b')).toEqual(['undone', 'undone']);
  });
});

describe('files', () => {
  const twoSteps = workflow(chain([step('a', checkpoint), undoable('b')]));
  const conflicts = { count: 2, shown: [] };

  /** A host that finds other people's changes when it rescues the files. */
  const meddledWith = () => {
    const run = new ScriptedRun(twoSteps).succeed('a', 'b');
    run.host.append(
      { type: 'unwind.requested', strategy: 'graceful', by: 'test' },
      { type: 'unwind.started' },
      {
        type: 'checkpoint.taken',
        checkpoint: 'r',
        why: 'rescue',
        snapshot: 's',
        scope: { roots: ['/'], exclude: [], base: '/' },
        files: 1,
        bytes: 1,
        added_bytes: 1,
        duration_ms: 1,
        conflicts,
      },
    );
    return run.send();
  };

  test('are rescued before anything is undone', () => {
    const run = new ScriptedRun(twoSteps).succeed('a', 'b');
    const { seq } = run.host.run;
    run.rollBack();
    expect(run.since(seq).slice(1, 4)).toEqual([
      'unwind.started',
      expect.stringMatching('^checkpoint.taken rescue'),
      'undo.started b',
    ]);
  });

  test('that others have changed stop the rollback before it touches anything', () => {
    const run = meddledWith();
    expect(run.outcome).toEqual([
      'stuck',
      'the rollback could not finish: 2 files were changed by others since',
    ]);
    expect(run.status('a', 'b')).toEqual(['succeeded', 'succeeded']);
    expect(run.resume('b').running).toEqual(['b']);
    expect(meddledWith().rollBack('graceful', { on_conflict: 'overwrite' }).running).toEqual(['un-b']);
  });

  test('that were rescued by the first of several tries are the ones kept', () => {
    const run = new ScriptedRun(twoSteps).succeed('a', 'b').rollBack().fail('un-b');
    const first = run.host.run.rescue?.id;
    expect(run.rollBack().succeed('un-b').outcome[0]).toBe('rolled_back');
    expect(run.host.run.rescue?.id).toBe(first);
  });

  test('of a step that was performed twice go back to before its first time', () => {
    const run = new ScriptedRun(workflow([step('a', checkpoint)])).fail('a').resume().succeed('a');
    const [newest] = run.host.run.checkpoints.values();
    run.rollBack();
    expect(newest?.older?.restored).toBe(true);
    expect(run.outcome).toEqual(['rolled_back', 'rolled back']);
  });
});

describe('the cleanup', () => {
  test('runs after a run under way was taken back, and once', () => {
    const run = new ScriptedRun(workflow([undoable('a')], [step('z')])).rollBack().succeed('a', 'un-a');
    expect(run.running).toEqual(['z']);
    expect(run.fail('z').outcome).toEqual(['rolled_back', 'rolled back; 1 cleanup step failed']);
    const ended = new ScriptedRun(workflow([undoable('a')], [step('z')])).succeed('a', 'z').rollBack();
    expect(ended.succeed('un-a').outcome).toEqual(['rolled_back', 'rolled back']);
  });

  test('waits while the rollback is stuck', () => {
    const run = new ScriptedRun(workflow([undoable('a')], [step('z')])).rollBack().succeed('a').fail('un-a');
    expect([run.outcome[0], run.host.run.cleanup]).toEqual(['stuck', undefined]);
    expect(run.rollBack().succeed('un-a').running).toEqual(['z']);
  });

  test('that got stuck begins anew after the rollback', () => {
    const run = new ScriptedRun(workflow([undoable('a')], chain([step('y'), step('z')])));
    run.succeed('a', 'y').send({ type: 'run.finished', status: 'stuck' }).rollBack();
    expect(run.running).toEqual(['un-a']);
    expect(run.succeed('un-a').running).toEqual(['y']);
    expect(run.succeed('y', 'z').outcome[0]).toBe('rolled_back');
  });
});

describe('a manual rollback', () => {
  const manual = () =>
    new ScriptedRun(workflow(chain([step('a', checkpoint), undoable('b'), step('c', { effects: 'none' })])))
      .succeed('a', 'b', 'c')
      .rollBack('manual');

  test('asks for one instruction after the other and does nothing by itself', () => {
    const run = manual();
    expect(run.outcome[0]).toBe('waiting');
    expect([...run.host.run.questions.values()].map(({ step: asked }) => asked.key)).toEqual(['b']);
    run.answer('done');
    expect([run.outcome[0], ...run.status('a', 'b')]).toEqual(['waiting', 'succeeded', 'undone']);
    run.answer('done');
    expect(run.outcome).toEqual(['rolled_back', 'rolled back']);
    expect(run.status('a', 'b', 'c')).toEqual(['undone', 'undone', 'undone']);
    expect(run.since(0).filter((line) => /^(undo|restore)\.|rescue/.test(line))).toEqual([]);
  });

  test('leaves what is not carried out, and says so', () => {
    const run = manual().answer('leave').answer('leave');
    expect(run.outcome).toEqual(['rolled_back', 'rolled back; 2 steps stay as they are']);
    expect(run.status('a', 'b', 'c')).toEqual(['succeeded', 'succeeded', 'undone']);
  });
});

describe('a run that has ended', () => {
  test('is taken back whatever its end was, and then neither resumed nor taken back again', () => {
    const succeeded = new ScriptedRun(ab).succeed('a', 'b').rollBack().succeed('un-b', 'un-a');
    const failed = new ScriptedRun(ab).fail('a').rollBack().succeed('un-a');
    const cancelled = new ScriptedRun(ab).cancel('graceful').succeed('a').rollBack().succeed('un-a');
    for (const run of [succeeded, failed, cancelled]) {
      expect(run.outcome).toEqual(['rolled_back', 'rolled back']);
      expect(() => run.resume('a')).toThrow('rolled_back');
      expect(() => run.rollBack()).toThrow('rolled_back');
    }
  });

  test('says of its blocks that they are undone, but not of those that never opened', () => {
    const blocks = chain([group('g', [undoable('x')]), group('h', [undoable('y')])]);
    const run = new ScriptedRun(workflow(blocks)).fail('x').rollBack().succeed('un-x');
    expect(run.status('g', 'x', 'h')).toEqual(['undone', 'undone', 'pending']);
  });
});
