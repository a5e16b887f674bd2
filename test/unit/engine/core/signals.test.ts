/** Steps that wait for signals, and steps that go on sleeping: what `evolve` keeps of them and `decide` makes of it. */
import { expect, test } from 'vitest';
import { decide, stillStands } from '../../../../src/engine/core/decide.ts';
import type { Event } from '../../../../src/engine/core/events.ts';
import { evolve } from '../../../../src/engine/core/evolve.ts';
import { SIGNALS_KEPT_MAX } from '../../../../src/engine/core/limits.ts';
import type { RunState } from '../../../../src/engine/core/state.ts';
import { step, workflow } from './build-workflow.ts';
import { created, replay } from './fake-host.ts';

const begun = (...events: readonly Event[]): RunState =>
  replay(
    [created(workflow([step('a'), step('b')])), { type: 'run.started' } as Event, ...events].map(
      (event, index) => ({ run_id: 'r', seq: index + 1, at: index, epoch: 1, event }),
    ),
  );

function meet(run: RunState, event: Event): string | undefined {
  const result = evolve(run, { run_id: 'r', seq: run.seq + 1, at: 50, epoch: 1, event });
  return result.ok ? undefined : result.error.message;
}

const wait = (id: string, more: object = {}): Event => ({
  type: 'step.started',
  step: id,
  attempt: 1,
  signal: 'go',
  ...more,
});
const signal = (payload: number, name = 'go'): Event => ({ type: 'signal.received', name, payload, by: 'x' });
const given = (run: RunState): unknown[] =>
  [...run.signalled].map(({ key, signal: has }) => [key, has?.payload]);
const kinds = (run: RunState): string[] => decide(run, 60, 0).map(({ kind }) => kind);

test('whoever has waited longest gets the signal; the run waits as long as somebody does', () => {
  const run = begun(wait('b'), wait('a'));
  expect(run.status).toBe('waiting');
  meet(run, signal(1));
  expect(given(run)).toEqual([['b', 1]]);
  expect(run.status).toBe('waiting');
  meet(run, signal(2));
  expect(given(run)).toEqual([
    ['b', 1],
    ['a', 2],
  ]);
  expect(run.status).toBe('running');
  expect(kinds(run)).toEqual(['signal', 'signal']);
});

test('signals that come first are kept, and taken once each, in order', () => {
  const run = begun(signal(1), signal(9, 'other'), signal(2), wait('a'), wait('b'));
  expect(given(run)).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  expect([...run.signals.keys()]).toEqual(['other']);
});

test('a step that was given its signal neither wakes nor waits', () => {
  const run = begun(wait('a', { wake_at: 55 }));
  const [wake] = decide(run, 60, 0);
  expect(wake?.kind).toBe('wake');
  meet(run, signal(1));
  expect(wake && stillStands(run, wake)).toBe(false);
  expect(kinds(run)).toEqual(['signal']);
});

test('a step that is being stopped gets none; it is kept for the next', () => {
  const run = begun(wait('a'));
  meet(run, { type: 'run.cancel_requested', mode: 'graceful', by: 'x' });
  meet(run, signal(1));
  expect(given(run)).toEqual([]);
  expect(run.signals.get('go')).toEqual([1]);
  expect(kinds(run)).toEqual(['stop']);
});

test('what a run keeps is bounded', () => {
  const run = begun();
  for (let count = 0; count < SIGNALS_KEPT_MAX; count += 1) expect(meet(run, signal(count))).toBeUndefined();
  expect(meet(run, signal(0, 'other'))).toContain(`at most ${SIGNALS_KEPT_MAX}`);
});

test('a sleep goes on until its new time', () => {
  const run = begun({ type: 'step.started', step: 'a', attempt: 1, wake_at: 55, deadline_at: 200 });
  const sleeping = (attempt = 1): Event => ({ type: 'step.sleeping', step: 'a', attempt, wake_at: 100 });
  expect(meet(run, sleeping(2))).toContain('is not the one under way');
  expect(meet(run, sleeping())).toBeUndefined();
  expect(decide(run, 99, 0)).toEqual([]);
  expect(decide(run, 100, 0)).toMatchObject([{ kind: 'wake' }]);
  expect(run.byKey.get('a')).toMatchObject({ wakeAt: 100, sleepsSince: 2, deadlineAt: 200 });
});

test('only what sleeps sleeps on', () => {
  const sleeping: Event = { type: 'step.sleeping', step: 'a', attempt: 1, wake_at: 100 };
  const others: readonly Event[] = [
    wait('a', { wake_at: 99 }),
    { type: 'step.started', step: 'a', attempt: 1 },
  ];
  for (const other of others) expect(meet(begun(other), sleeping)).toContain('does not sleep');
});
