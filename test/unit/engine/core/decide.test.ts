/** Verdicts over blocks, what stops what, and how runs end. */
import { describe, expect, test } from 'vitest';
import { decide, nextTimerAfter, stillStands } from '../../../../src/engine/core/decide.ts';
import { chain, foreach, group, repeat, step, workflow } from './build-workflow.ts';
import { FakeHost } from './fake-host.ts';
import { ScriptedRun } from './scripted-run.ts';

describe('a failure', () => {
  test('stops the list: what runs ends by itself, what sleeps or asks is cancelled, nothing new starts', () => {
    const steps = [
      step('a'),
      step('b'),
      step('nap', { type: 'sleep' }),
      step('ask', { type: 'ask' }),
      step('next', { needs: ['b'] }),
    ];
    const run = new ScriptedRun(workflow(steps, [step('z')])).fail('a');
    expect(run.status('b', 'nap', 'ask')).toEqual(['running', 'cancelled', 'cancelled']);
    run.succeed('b');
    expect([run.running, ...run.status('next')]).toEqual([['z'], 'pending']);
    expect(run.succeed('z').outcome).toEqual(['failed', 'step `a` failed: it exit']);
  });

  test('climbs from its list to the block and to the run', () => {
    const inner = group('g', [step('x')]);
    const run = new ScriptedRun(workflow(chain([group('h', [inner]), step('b')]))).fail('x');
    expect(run.status('x', 'g', 'h', 'b')).toEqual(['failed', 'failed', 'failed', 'pending']);
    expect(run.outcome).toEqual(['failed', 'step `h` failed: step `g`: step `x`: it exit']);
  });

  test('of a step that may fail makes the run partial, and dependents go on', () => {
    const run = new ScriptedRun(workflow(chain([step('a', { onFailure: 'continue' }), step('b')])))
      .fail('a')
      .succeed('b');
    expect(run.outcome).toEqual(['partial', '1 step failed softly']);
  });

  test('in a block that may fail is soft, and dependents go on', () => {
    const soft = group('g', chain([step('x'), step('y')]), { onFailure: 'continue' });
    const run = new ScriptedRun(workflow(chain([soft, step('b')]))).fail('x');
    expect(run.status('g', 'x', 'y', 'b')).toEqual(['soft_failed', 'failed', 'pending', 'running']);
    expect(run.succeed('b').outcome).toEqual(['partial', '1 step failed softly']);
  });

  test('of one iteration that may fail is counted once', () => {
    const loop = step('a', { ...foreach(2, 1), onFailure: 'continue' });
    const run = new ScriptedRun(workflow([loop])).fail('a[0]').succeed('a[1]');
    expect(run.status('a')).toEqual(['soft_failed']);
    expect(run.outcome).toEqual(['partial', '1 step failed softly']);
  });

  test('in the cleanup neither stops the cleanup nor fails the run', () => {
    const run = new ScriptedRun(workflow([step('a')], chain([step('y'), step('z')]))).succeed('a').fail('y');
    expect(run.running).toEqual(['z']);
    expect(run.succeed('z').outcome).toEqual(['partial', '1 cleanup step failed']);
  });

  test('beside a block whose steps are all done leaves that block its success', () => {
    const run = new ScriptedRun(workflow([group('g', [step('x')]), step('a')]));
    run.host.append({ type: 'step.succeeded', step: 'x', attempt: 1 });
    run.fail('a');
    expect(run.status('g')).toEqual(['succeeded']);
  });

  test('ends the wait for a retry beside it, and that failure stands', () => {
    const run = new ScriptedRun(workflow([step('a'), step('b')])).retryAt('b', 2_000).fail('a');
    expect(run.status('a', 'b')).toEqual(['failed', 'failed']);
    expect(run.outcome[0]).toBe('failed');
  });
});

describe('a skipped step', () => {
  test('is settled for those that need it', () => {
    const run = new ScriptedRun(workflow(chain([step('z'), step('a'), step('b')])));
    run.host.append({ type: 'step.succeeded', step: 'z', attempt: 1 });
    run.send({ type: 'step.skipped', step: 'a', reason: 'no' });
    expect(run.running).toEqual(['b']);
    expect(run.succeed('b').outcome).toEqual(['succeeded', undefined]);
  });
});

describe('the end of time of a block', () => {
  test('ends what runs in it and fails the block', () => {
    const run = new ScriptedRun(workflow([group('g', chain([step('x'), step('y')]), { timeoutMs: 100 })])).at(
      1_100,
    );
    expect(run.step('x').stopping).toBe('timeout');
    run.fail('x', 'timeout');
    expect(run.outcome).toEqual(['failed', 'step `g` failed: block `g` ran out of time']);
  });

  test('comes too late when its steps are all done', () => {
    const run = new ScriptedRun(workflow([group('g', [step('x')], { timeoutMs: 100 })]));
    run.host.now = 1_100;
    expect(run.succeed('x').outcome[0]).toBe('succeeded');
  });
});

describe('a cancel', () => {
  const steps = [step('a'), step('nap', { type: 'sleep' }), step('b', { needs: ['a'] })];

  test('that is graceful lets what runs end, then cleans up', () => {
    const run = new ScriptedRun(workflow(steps, [step('z')])).cancel('graceful');
    expect(run.status('a', 'nap')).toEqual(['running', 'cancelled']);
    run.succeed('a');
    expect(run.running).toEqual(['z']);
    expect(run.succeed('z').outcome).toEqual(['cancelled', 'asked for by test']);
  });

  test('that is immediate ends what runs, also when it follows a graceful one', () => {
    const run = new ScriptedRun(workflow(steps)).cancel('graceful').cancel('immediate').cancel('graceful');
    expect(run.step('a').stopping).toBe('cancelled');
    expect(run.host.run.cancel?.mode).toBe('immediate');
    expect(run.fail('a', 'cancelled').outcome[0]).toBe('cancelled');
  });

  test('that comes during the cleanup does not cut it short', () => {
    const run = new ScriptedRun(workflow([step('a')], chain([step('y'), step('z')])))
      .succeed('a')
      .cancel('immediate');
    expect(run.step('y').stopping).toBe('cancelled');
    run.fail('y', 'cancelled');
    expect(run.running).toEqual(['z']);
    expect(run.succeed('z').outcome[0]).toBe('cancelled');
  });

  test('ends a paused run and one that never began, which has nothing to clean up', () => {
    const paused = new ScriptedRun(workflow([step('a')], [step('z')])).interrupt('a').cancel('graceful');
    expect(paused.running).toEqual(['z']);
    const queued = new FakeHost(workflow([step('a')], [step('z')]), {
      chance: () => 1,
      slots: 1,
      failing: 0,
    });
    queued.append({ type: 'run.cancel_requested', mode: 'graceful', by: 'test' });
    queued.settle();
    expect(queued.entries.map((entry) => entry.event.type)).toEqual([
      'run.created',
      'run.cancel_requested',
      'run.finished',
    ]);
  });
});

describe('an interruption', () => {
  test('pauses the run once the others have ended', () => {
    const run = new ScriptedRun(workflow([step('a'), step('b'), step('c', { needs: ['b'] })])).interrupt('a');
    expect([run.outcome[0], run.status('a')]).toEqual(['running', ['interrupted']]);
    run.succeed('b');
    expect(run.outcome[0]).toBe('paused');
    expect(run.status('c')).toEqual(['pending']);
  });

  test('of an idempotent step, or before its start, starts it again', () => {
    const run = new ScriptedRun(workflow([step('a', { idempotent: true }), step('b')]));
    run.interrupt('a').interrupt('b', 'never_started');
    expect([run.step('a').attempt, run.step('b').attempt]).toEqual([2, 1]);
    expect(run.running).toEqual(['a', 'b']);
  });

  test('of a cleanup step counts as its failure, for the cleanup never pauses', () => {
    const run = new ScriptedRun(workflow([step('a')], chain([step('y'), step('z')])))
      .succeed('a')
      .interrupt('y');
    expect(run.running).toEqual(['z']);
    expect(run.succeed('z').outcome).toEqual(['partial', '1 cleanup step failed']);
  });
});

describe('a retry', () => {
  test('after a sleep or an answer waits for its time and nothing else', () => {
    const run = new ScriptedRun(workflow([step('nap', { type: 'sleep' }), step('ask', { type: 'ask' })]));
    run.retryAt('nap', 5_000);
    run.host.append({ type: 'question.answered', question: 'q1', answer: 1, by: 'ann' });
    run.retryAt('ask', 5_000);
    expect(decide(run.host.run, 4_999, 1)).toEqual([]);
    expect(nextTimerAfter(run.host.run, 0)).toBe(5_000);
    expect(decide(run.host.run, 5_000, 1).map((command) => command.kind)).toEqual(['start']);
  });
});

describe('decide', () => {
  test('names one command for a step, even when everything about it is due at once', () => {
    const run = new ScriptedRun(
      workflow([step('ask', { type: 'ask', timeoutMs: 10 }), group('g', [step('x')], { timeoutMs: 10 })]),
    );
    run.host.append(
      { type: 'question.answered', question: 'q1', answer: 1, by: 'ann' },
      { type: 'step.succeeded', step: 'x', attempt: 1 },
    );
    expect(decide(run.host.run, 9_999, 1).map((command) => command.kind)).toEqual(['resolve', 'close']);
  });

  test('starts no more than there are slots', () => {
    const steps = ['a', 'b', 'c'].map((id) => step(id));
    const run = new ScriptedRun(workflow(steps), 2);
    expect(run.running).toEqual(['a', 'b']);
    expect(run.succeed('b').running).toEqual(['a', 'c']);
  });

  test('lets nothing new start once a pause is asked for', () => {
    const run = new ScriptedRun(workflow(chain([step('a'), step('b')])));
    run.send({ type: 'run.pause_requested', by: 'test', reason: 'lunch' }).succeed('a');
    expect(run.outcome).toEqual(['paused', 'lunch']);
    expect(run.resume().running).toEqual(['b']);
  });
});

describe('stillStands', () => {
  test('says no to a start that a failure beside it has stopped', () => {
    const run = new ScriptedRun(workflow([step('a'), step('b'), step('c', repeat(2))]), 1);
    run.host.append({ type: 'step.succeeded', step: 'a', attempt: 1 });
    const commands = decide(run.host.run, 1_000, 10);
    expect(commands.map((command) => stillStands(run.host.run, command))).toEqual([true, true]);
    run.host.append({
      type: 'step.failed',
      step: 'b',
      attempt: 0,
      failure: { code: 'x', retry: 'final', message: 'x' },
    });
    expect(commands.map((command) => stillStands(run.host.run, command))).toEqual([false, false]);
  });
});
