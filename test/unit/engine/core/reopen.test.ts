/** What a resumed run does again, and what it keeps. */
import { describe, expect, test } from 'vitest';
import { chain, foreach, group, repeat, step, workflow } from './build-workflow.ts';
import { ScriptedRun } from './scripted-run.ts';

const abc = workflow(chain([step('a'), step('b'), step('c')]));

describe('after a failure, resume', () => {
  test('runs again only what failed, and goes on from there', () => {
    const run = new ScriptedRun(abc).succeed('a').fail('b');
    expect(run.outcome).toEqual(['failed', 'step `b` failed: it exit']);
    run.resume();
    expect(run.running).toEqual(['b']);
    expect(run.succeed('b', 'c').outcome).toEqual(['succeeded', undefined]);
    expect(run.step('a').attempt).toBe(1);
  });

  test('goes on counting attempts while the budget of retries starts anew', () => {
    const run = new ScriptedRun(abc).retryAt('a', 2_000).at(2_000).fail('a').resume();
    expect([run.step('a').attempt, run.step('a').attemptBase]).toEqual([3, 2]);
    expect(run.step('a').failure).toBeUndefined();
  });

  test('keeps soft failures, and the run stays partial', () => {
    const soft = workflow(chain([step('a', { onFailure: 'continue' }), step('b')]));
    const run = new ScriptedRun(soft).fail('a').fail('b').resume();
    expect(run.running).toEqual(['b']);
    expect(run.succeed('b').outcome).toEqual(['partial', '1 step failed softly']);
  });

  test('keeps a block that failed softly, and the run stays partial', () => {
    const soft = workflow(chain([group('g', [step('x')], { onFailure: 'continue' }), step('b')]));
    const run = new ScriptedRun(soft).fail('x').fail('b').resume();
    expect(run.status('g', 'x')).toEqual(['soft_failed', 'failed']);
    expect(run.succeed('b').outcome).toEqual(['partial', '1 step failed softly']);
  });

  test('keeps the finished iterations of a loop and its items', () => {
    const run = new ScriptedRun(workflow([step('a', foreach(4, 2))]))
      .succeed('a[0]')
      .fail('a[1]')
      .succeed('a[2]');
    expect(run.outcome[0]).toBe('failed');
    run.resume();
    expect(run.running).toEqual(['a[1]', 'a[3]']);
    expect(run.succeed('a[1]', 'a[3]').outcome[0]).toBe('succeeded');
  });

  test('begins a repeat that failed anew', () => {
    const run = new ScriptedRun(workflow([step('a', repeat(3))])).fail('a[0]').resume();
    expect(run.running).toEqual(['a[0]']);
    expect(run.step('a').attempt).toBe(1);
  });

  test('goes on inside a group, whose time starts anew', () => {
    const run = new ScriptedRun(workflow([group('g', chain([step('x'), step('y')]), { timeoutMs: 500 })]));
    run.succeed('x').at(1_500).fail('y', 'timeout');
    expect(run.outcome[0]).toBe('failed');
    run.at(9_000).resume();
    expect(run.running).toEqual(['y']);
    expect(run.step('g').timeoutAt).toBe(9_500);
    expect(run.succeed('y').outcome[0]).toBe('succeeded');
  });

  test('replaces the inputs when new ones are given', () => {
    const run = new ScriptedRun(abc).fail('a');
    run.send({ type: 'run.resumed', by: 'test', inputs: { x: 1 } });
    expect(run.host.run.inputs).toEqual({ x: 1 });
  });

  test('asks a person again when the inputs have changed, and only then', () => {
    const steps = chain([step('go', { type: 'ask' }), step('a')]);
    const approved = () => {
      const run = new ScriptedRun(workflow(steps));
      const [question = ''] = run.host.run.questions.keys();
      run.send({ type: 'question.answered', question, answer: true, by: 'ann' });
      if (run.step('go').status === 'waiting') run.succeed('go');
      return run.fail('a');
    };
    const same = approved();
    same.send({ type: 'run.resumed', by: 'test', inputs: { ...same.host.run.inputs } });
    expect([same.running, same.outcome[0]]).toEqual([['a'], 'running']);
    const changed = approved();
    changed.send({ type: 'run.resumed', by: 'test', inputs: { target: 'prod' } });
    expect([changed.running, changed.outcome[0]]).toEqual([[], 'waiting']);
    expect(changed.step('a').status).toBe('pending');
  });

  test('cleans up again at its new end', () => {
    const run = new ScriptedRun(workflow([step('a')], [step('z')])).fail('a').succeed('z').resume();
    expect(run.running).toEqual(['a']);
    run.succeed('a');
    expect(run.running).toEqual(['z']);
    expect(run.succeed('z').outcome[0]).toBe('succeeded');
  });

  test('may skip a step whose condition no longer holds', () => {
    const run = new ScriptedRun(abc).fail('a');
    run.host.append({ type: 'run.resumed', by: 'test' }, { type: 'step.skipped', step: 'a', reason: 'no' });
    expect(run.status('a')).toEqual(['skipped']);
  });
});

describe('with from_step, resume', () => {
  test('runs that step and everything downstream again', () => {
    const diamond = [
      step('a'),
      step('b', { needs: ['a'] }),
      step('c', { needs: ['a'] }),
      step('d', { needs: ['b'] }),
    ];
    const run = new ScriptedRun(workflow(diamond)).succeed('a', 'b', 'c', 'd').resume('b');
    expect(run.running).toEqual(['b']);
    expect(run.status('a', 'c', 'd')).toEqual(['succeeded', 'succeeded', 'pending']);
    expect(run.succeed('b', 'd').outcome[0]).toBe('succeeded');
  });

  test('runs what follows in its group and what follows the group', () => {
    const run = new ScriptedRun(
      workflow(chain([step('a'), group('g', chain([step('x'), step('y'), step('z')])), step('b')])),
    ).succeed('a', 'x', 'y', 'z', 'b');
    run.resume('y');
    expect(run.status('a', 'g', 'x', 'y', 'z', 'b')).toEqual([
      'succeeded',
      'running',
      'succeeded',
      'running',
      'pending',
      'pending',
    ]);
    expect(run.succeed('y', 'z', 'b').outcome[0]).toBe('succeeded');
  });

  test('runs again what had failed softly in the blocks around it', () => {
    const soft = group('g', chain([step('x'), step('y')]), { onFailure: 'continue' });
    const run = new ScriptedRun(workflow(chain([soft, step('b')]))).fail('x').succeed('b').resume('y');
    expect(run.running).toEqual(['x']);
    expect(run.succeed('x', 'y', 'b').outcome).toEqual(['succeeded', undefined]);
  });

  test('runs a whole block again', () => {
    const run = new ScriptedRun(workflow([group('g', chain([step('x'), step('y')]))]))
      .succeed('x', 'y')
      .resume('g');
    expect(run.running).toEqual(['x']);
    expect(run.succeed('x', 'y').outcome[0]).toBe('succeeded');
  });

  test('runs one iteration again, and those after it when they go one by one', () => {
    const keys = ['a[0]', 'a[1]', 'a[2]'];
    const inOrder = new ScriptedRun(workflow([step('a', foreach(3, 1))])).succeed(...keys).resume('a[1]');
    expect(inOrder.status(...keys)).toEqual(['succeeded', 'running', 'pending']);
    const beside = new ScriptedRun(workflow([step('a', foreach(3, 2))])).succeed(...keys).resume('a[1]');
    expect(beside.status(...keys)).toEqual(['succeeded', 'running', 'succeeded']);
    expect(inOrder.succeed('a[1]', 'a[2]').outcome[0]).toBe('succeeded');
  });

  test('opens no more iterations than the loop allows, together with those that failed', () => {
    const run = new ScriptedRun(workflow([step('a', foreach(3, 2))])).succeed('a[0]');
    run.fail('a[1]').fail('a[2]').resume('a[0]');
    expect(run.running).toEqual(['a[0]', 'a[1]']);
    expect(run.succeed('a[0]').running).toEqual(['a[1]', 'a[2]']);
  });

  test('runs a round again and forgets the later ones', () => {
    const run = new ScriptedRun(workflow([step('a', repeat(9))]));
    for (const [round, at] of [2_000, 3_000].entries()) run.succeed(`a[${round}]`).at(at);
    run.fail('a[2]').resume('a[1]');
    expect(run.running).toEqual(['a[1]']);
    expect(run.step('a').attempt).toBe(2);
    expect(run.host.run.byKey.has('a[2]')).toBe(false);
    expect(run.host.stepRows.get('a[2]')?.status).toBe('pending');
  });

  test('refuses a step that is not there or that belongs to the cleanup', () => {
    const run = new ScriptedRun(workflow([step('a')], [step('z')])).succeed('a', 'z');
    expect(() => run.resume('b')).toThrow('step `b` is not in this run');
    expect(() => run.resume('z')).toThrow('step `z` belongs to the cleanup');
    expect(() => run.resume()).toThrow('the run has succeeded');
  });
});

describe('a run that', () => {
  test('was cancelled goes on where it was stopped', () => {
    const run = new ScriptedRun(
      workflow([step('a'), step('b', { type: 'sleep' }), step('c', { needs: ['a'] })]),
    );
    run.cancel('graceful').succeed('a');
    expect([run.outcome[0], ...run.status('a', 'b', 'c')]).toEqual([
      'cancelled',
      'succeeded',
      'cancelled',
      'pending',
    ]);
    run.resume();
    expect(run.running).toEqual(['c']);
    expect(run.status('b')).toEqual(['running']);
  });

  test('paused at a step that was interrupted runs that step again', () => {
    const run = new ScriptedRun(abc).interrupt('a');
    expect(run.outcome[0]).toBe('paused');
    expect(run.resume().running).toEqual(['a']);
    expect(run.step('a').attempt).toBe(2);
  });

  test('paused before a round of its repeat waits for that round', () => {
    const run = new ScriptedRun(workflow([step('a', repeat(3))])).succeed('a[0]');
    run.send({ type: 'run.pause_requested', by: 'test' });
    expect(run.outcome[0]).toBe('paused');
    run.resume();
    expect([run.running, run.step('a').retryAt]).toEqual([[], 1_010]);
    expect(run.at(1_010).running).toEqual(['a[1]']);
  });

  test('was stuck with an open question asks again', () => {
    const run = new ScriptedRun(workflow([step('a', { type: 'ask' })]));
    run.send({ type: 'run.finished', status: 'stuck' });
    expect([...run.host.run.questions.values()].map((question) => question.status)).toEqual(['withdrawn']);
    run.resume();
    expect([...run.host.run.questions.values()].map((question) => question.status)).toEqual([
      'withdrawn',
      'open',
    ]);
    expect(run.outcome[0]).toBe('waiting');
  });
});

describe('other values of its variables', () => {
  const secrets = { TOKEN: 'ab12' };

  test('come with a resume', () => {
    const run = new ScriptedRun(abc).succeed('a').fail('b');
    run.send({ type: 'run.resumed', by: 'test', secrets });
    expect(run.host.run.secrets).toEqual(secrets);
    expect(run.running).toEqual(['b']);
  });

  test('come alone to a run under way, and change nothing else', () => {
    const run = new ScriptedRun(abc).succeed('a');
    run.send({ type: 'run.resumed', by: 'test', secrets });
    expect(run.host.run.secrets).toEqual(secrets);
    expect([run.running, run.step('b').attempt]).toEqual([['b'], 1]);
    for (const more of [{}, { secrets, from_step: 'a' }, { secrets, inputs: {} }])
      expect(() => run.send({ type: 'run.resumed', by: 'test', ...more })).toThrow('that is running');
  });
});
