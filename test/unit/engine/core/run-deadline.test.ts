/** The timeout of a whole run: what it ends, what it leaves alone, and when it begins anew. */
import { expect, test } from 'vitest';
import { nextTimerAfter } from '../../../../src/engine/core/decide.ts';
import type { Step, Workflow } from '../../../../src/engine/core/model.ts';
import { chain, repeat, retry, step, undoable, workflow } from './build-workflow.ts';
import { ScriptedRun } from './scripted-run.ts';

const timed = (steps: readonly Step[], more: Partial<Workflow> = {}): ScriptedRun =>
  new ScriptedRun({ ...workflow(steps), timeoutMs: 5_000, ...more });

/** When its time is over. */
const deadline = ({ host: { run } }: ScriptedRun): number => run.deadlineAt ?? Number.NaN;

/** Its time is over, and what runs ends as it was told to. */
function expire(run: ScriptedRun): ScriptedRun {
  run.at(deadline(run));
  for (const key of run.running) if (run.step(key).stopping) run.fail(key, 'cancelled');
  return run;
}

test('what runs is ended, what asks or waits for a retry ends, nothing new starts, and the run has failed', () => {
  const steps = [
    step('a'),
    step('ask', { type: 'ask' }),
    step('again', retry(3)),
    step('next', { needs: ['a'] }),
  ];
  const run = timed(steps).retryAt('again', 100_000);
  run.at(deadline(run) - 1);
  expect(run.status('a', 'ask', 'next')).toEqual(['running', 'waiting', 'pending']);
  run.at(deadline(run));
  expect([...run.host.run.stopping].map(({ key }) => key)).toEqual(['a']);
  run.fail('a', 'cancelled');
  expect(run.status('a', 'ask', 'again', 'next')).toEqual(['cancelled', 'cancelled', 'failed', 'pending']);
  expect(run.outcome).toEqual(['failed', 'timeout: the run did not end within 5 s']);
});

test('the cleanup runs through', () => {
  const run = timed([step('a')], { cleanup: [step('z')] });
  expire(run);
  expect(run.running).toEqual(['z']);
  expect(nextTimerAfter(run.host.run, run.host.now)).toBeUndefined();
  expect(run.at(1_000_000).succeed('z').outcome[0]).toBe('failed');
});

test('the policy of the run applies: it is taken back', () => {
  const run = timed(chain([undoable('a'), step('b')]), { onFailure: 'rollback' }).succeed('a');
  expire(run);
  expect(run.running).toEqual(['un-a']);
  expect(run.succeed('un-a').outcome[0]).toBe('rolled_back');
});

test('a rollback under way has all the time it needs', () => {
  const run = timed(chain([undoable('a'), step('b')]), { onFailure: 'rollback' })
    .succeed('a')
    .fail('b');
  expect(run.running).toEqual(['un-a']);
  expect(run.at(1_000_000).succeed('un-a').outcome[0]).toBe('rolled_back');
});

test('a loop begins no other round', () => {
  const run = timed([step('all', { body: [step('x')], ...repeat(1_000, 'never') })]);
  run.succeed(...run.running).at(run.host.now + 10);
  expect(run.running).toHaveLength(1);
  expect(expire(run).outcome).toEqual(['failed', 'timeout: the run did not end within 5 s']);
  expect(run.running).toEqual([]);
});

test('a pause loses no time, and after it the time begins anew', () => {
  const run = timed(chain([step('a'), step('b')]));
  run.send({ type: 'run.pause_requested', by: 'ann' }).succeed('a');
  expect(run.outcome[0]).toBe('paused');
  run.at(1_000_000).resume();
  expect(run.running).toEqual(['b']);
  expect(deadline(run)).toBe(run.host.now + 5_000);
  expire(run);
  expect(run.outcome[0]).toBe('failed');
});

test('a run that ran out of time is resumed with its whole time', () => {
  const run = timed([step('a')]);
  expire(run);
  expect(run.outcome[0]).toBe('failed');
  run.resume();
  expect(run.running).toEqual(['a']);
  expect(run.succeed('a').outcome).toEqual(['succeeded', undefined]);
});

test('a run that is cancelled is cancelled, also when its time is over meanwhile', () => {
  const run = timed([step('a')], { cleanup: [step('z')] });
  const end = deadline(run);
  run.cancel('graceful').at(end).succeed('a').succeed('z');
  expect(run.outcome[0]).toBe('cancelled');
});
