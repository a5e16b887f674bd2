/** A step for which an earlier result stands: how it settles, what it leaves, and what a rollback makes of it. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../../../src/engine/core/decide.ts';
import type { Entry, Event } from '../../../../src/engine/core/events.ts';
import { evolve } from '../../../../src/engine/core/evolve.ts';
import type { RunState } from '../../../../src/engine/core/state.ts';
import { unwindItems } from '../../../../src/engine/core/unwind.ts';
import { chain, group, step, undoable, workflow } from './build-workflow.ts';
import { failure } from './failure-example.ts';
import { created, replay } from './fake-host.ts';

const from = { run: 'r0', step: 'a' };
const begin: Event = { type: 'run.started' };
const cached: Event = { type: 'step.cached', step: 'a', key: 'k', from, outputs: { size: 7 }, exit_code: 0 };
const restores: Event = {
  type: 'step.started',
  step: 'a',
  attempt: 1,
  call: { repeatable: true },
  restores: true,
};
const change = (list: string) => ({ list, created: 1, changed: 0, deleted: 0, shown: [] });

const entry = (event: Event, index: number): Entry => ({
  run_id: 'r',
  seq: index + 1,
  at: index * 10,
  epoch: 1,
  event,
});

const after = (events: readonly Event[], of = workflow(chain([step('a'), step('b')]))): RunState =>
  replay([created(of), begin, ...events].map(entry));

const refusal = (run: RunState, event: Event): string | undefined => {
  const result = evolve(run, entry(event, run.seq));
  return result.ok ? undefined : result.error.message;
};

const ready = (run: RunState): readonly string[] => [...run.ready].map(({ key }) => key);

test('it settles without an attempt, and lets go on what needs it', () => {
  const run = after([cached]);
  const { status, attempt, outputs, exitCode, seq } = run.byKey.get('a')!;
  expect({ status, attempt, outputs, exitCode, seq }).toEqual({
    status: 'cached',
    attempt: 0,
    outputs: { size: 7 },
    exitCode: 0,
    seq: undefined,
  });
  expect([run.done, ready(run), run.byKey.get('a')?.cached]).toEqual([1, ['b'], from]);
  expect(run.outputBytes).toBe(Buffer.byteLength('{"size":7}'));
});

test('it comes only to a task that is ready and has not been tried', () => {
  expect(refusal(after([], workflow([group('a', [step('x')])])), cached)).toBe(
    'step `a` is a block, not a task',
  );
  expect(refusal(after([{ type: 'step.started', step: 'a', attempt: 1 }]), cached)).toBe(
    'step `a` is running, not ready',
  );
  const again: Event = { type: 'step.retry_scheduled', step: 'a', attempt: 2, at: 5 };
  expect(refusal(after([{ type: 'step.started', step: 'a', attempt: 1 }, again]), cached)).toBe(
    'step `a` is pending, not ready',
  );
});

describe('an attempt that brings files back', () => {
  test('does not count, and its files are the step’s', () => {
    const run = after([restores, { ...cached, changes: change('l1') } as Event]);
    const { status, attempt, seq, isRestoring, call } = run.byKey.get('a')!;
    expect([status, attempt, seq, isRestoring, call]).toEqual(['cached', 0, undefined, undefined, undefined]);
    expect(run.changes.map(({ steps, note }) => [steps, note.list])).toEqual([[['a'], 'l1']]);
    expect(run.running.size).toBe(0);
  });

  test('neither succeeds nor is tried again as if it had been performed', () => {
    const says = 'step `a` is not performed: what it left in an earlier run is brought back';
    expect(refusal(after([restores]), { type: 'step.succeeded', step: 'a', attempt: 1 })).toBe(says);
    expect(refusal(after([restores]), { type: 'step.retry_scheduled', step: 'a', attempt: 2, at: 1 })).toBe(
      says,
    );
  });

  test('that fails leaves the step to be performed, with files nobody has looked at', () => {
    const lost = { type: 'step.interrupted' as const, step: 'a', attempt: 1, again: true };
    const run = after([restores, { ...lost, cause: 'not_restored' }]);
    expect([run.byKey.get('a')?.status, run.byKey.get('a')?.attempt, ready(run)]).toEqual([
      'pending',
      0,
      ['a'],
    ]);
    expect([...run.unaccounted]).toEqual(['a']);
    expect(refusal(run, { type: 'step.started', step: 'a', attempt: 1 })).toBeUndefined();
  });

  test('that is cancelled leaves nothing to undo', () => {
    const of = workflow([undoable('a')]);
    const cancelled: Event = { type: 'step.failed', step: 'a', attempt: 1, failure: failure('cancelled') };
    const run = after([restores, cancelled], of);
    expect(run.byKey.get('a')?.status).toBe('cancelled');
    expect(unwindItems(run)).toEqual([]);
  });
});

test('a rollback has nothing to undo of it, but does of what was performed before', () => {
  const of = workflow(chain([undoable('a'), step('b')]));
  expect(unwindItems(after([restores, cached], of))).toEqual([]);
  const earlier: readonly Event[] = [
    { type: 'step.started', step: 'a', attempt: 1, undo: 'steps' },
    { type: 'step.succeeded', step: 'a', attempt: 1, outputs: { size: 1 } },
    { type: 'step.started', step: 'b', attempt: 1 },
    { type: 'step.failed', step: 'b', attempt: 1, failure: failure('exit') },
    { type: 'run.finished', status: 'failed' },
    { type: 'run.resumed', by: 'ann', from_step: 'a' },
  ];
  const run = after([...earlier, { ...restores, attempt: 2 } as Event, cached], of);
  const [, undo] = unwindItems(run);
  expect(undo).toMatchObject({ kind: 'undo', step: { key: 'a', before: { outputs: { size: 1 } } } });
});

test('a step that is held takes no slot from those beside it', () => {
  const run = after([], workflow([step('a'), step('b')]));
  const started = decide(run, 0, 1, ({ key }) => key === 'a').map((each) => 'step' in each && each.step?.key);
  expect(started).toEqual(['b']);
  expect(decide(run, 0, 1, () => true)).toEqual([]);
});
