import { expect, test } from 'vitest';
import { Progress } from '../../../src/cli/progress.ts';
import type { Event, JournalEvent } from '../../../src/engine/core/events.ts';
import type { RunState, StepState } from '../../../src/engine/core/state.ts';
import { fakeTerminal } from './fake-world.ts';

const step = (more: Partial<StepState> = {}): StepState =>
  ({
    key: 'build',
    layer: 'task',
    frame: { root: 'steps' },
    status: 'running',
    startedAt: 1_000,
    finishedAt: 2_200,
    ...more,
  }) as StepState;

function tell(event: Event, of: StepState = step(), live = false, unwind?: object) {
  const running = of.status === 'running' ? [of] : [];
  const run = { done: 3, total: 8, running: new Set(running), byKey: new Map([[of.key, of]]), unwind };
  const terminal = fakeTerminal({ live });
  const progress = new Progress(terminal, 'out');
  progress.event(run as unknown as RunState, { seq: 1, event } as JournalEvent);
  return { progress, written: terminal.written };
}

const failure = { code: 'exit', retry: 'again', message: 'exit code 2\nmore', hint: 'h' } as const;
const failed = { type: 'step.failed', step: 'build', attempt: 1, failure } as const;

test.each([
  [{ type: 'step.succeeded', step: 'build', attempt: 1 }, step(), 'build … ok 1.2s'],
  [failed, step({ status: 'failed' }), 'build … failed 1.2s: exit code 2'],
  [failed, step({ status: 'soft_failed' }), 'build … failed, the run goes on 1.2s: exit code 2'],
  [failed, step({ status: 'cancelled' }), 'build … cancelled 1.2s: exit code 2'],
  [{ type: 'step.skipped', step: 'build', reason: 'when' }, step(), 'build … skipped: when'],
  [
    { type: 'step.retry_scheduled', step: 'build', attempt: 2, at: 1, failure },
    step(),
    'build … again: exit code 2',
  ],
  [{ type: 'cleanup.started' }, step(), 'cleaning up'],
] as const)('%j is one line', (event, of, line) => {
  expect(tell(event, of).written.out).toBe(`[3/8] ${line}\n`);
});

const counts = { created: 1, changed: 2, deleted: 0, kept: 0 };
const taken = { type: 'checkpoint.taken', checkpoint: 'c', snapshot: 's', files: 3, bytes: 1_500 } as const;
const scope = { roots: [], exclude: [], base: '/' };
const costs = { added_bytes: 0, duration_ms: 1, scope };

test.each([
  [{ ...taken, ...costs, why: 'asked' }, '[3/8] checkpoint: c (3 files, 1.5 KB)'],
  [
    { ...taken, ...costs, why: 'rescue', omitted_count: 2 },
    '[3/8] checkpoint: the files as they are (3 files, 1.5 KB, 2 not held)',
  ],
  [
    { ...taken, ...costs, why: 'automatic', omitted_count: 1 },
    '[3/8] checkpoint: c (3 files, 1.5 KB, 1 not held)',
  ],
  [{ type: 'checkpoint.skipped', step: 'build', reason: 'too large' }, '[3/8] too large'],
  [
    { type: 'unwind.requested', strategy: 'checkpoint', checkpoint: 'c', by: 'cli:ann' },
    '[undo 1/2] rollback (checkpoint) to checkpoint c asked for by cli:ann',
  ],
  [{ type: 'undo.succeeded', step: 'build' }, '[undo 1/2] build … undone'],
  [{ type: 'undo.failed', step: 'build', failure }, '[undo 1/2] build … not undone: exit code 2'],
  [
    { type: 'restore.finished', checkpoint: 'c', result: 'complete', ...counts },
    '[undo 1/2] files of checkpoint c … back: 1 created, 2 changed, 0 deleted',
  ],
  [
    { type: 'restore.finished', checkpoint: 'c', result: 'partial', ...counts, kept: 1 },
    '[undo 1/2] files of checkpoint c … not all back (partial): 1 created, 2 changed, 0 deleted, 1 kept',
  ],
] as const)('going back: %j is one line', (event, line) => {
  const items = [
    { kind: 'undo', status: 'done' },
    { kind: 'restore', status: 'pending' },
    { kind: 'nothing', status: 'pending' },
  ];
  expect(tell(event, step({ status: 'undone' }), false, { items }).written.out).toBe(`${line}\n`);
});

test('starts, rounds and blocks have no line of their own', () => {
  expect(tell({ type: 'step.started', step: 'build', attempt: 1 }).written.out).toBe('');
  expect(tell({ type: 'step.retry_scheduled', step: 'build', attempt: 2, at: 1 }).written.out).toBe('');
  expect(tell(failed, step({ layer: 'group' })).written.out).toBe('');
  expect(tell({ ...taken, ...costs, why: 'automatic' }).written.out).toBe('');
});

test('a terminal shows what runs now, and takes it away again', () => {
  const { progress, written } = tell({ type: 'step.started', step: 'build', attempt: 1 }, step(), true);
  expect(written.out).toBe('[3/8] build …');
  progress.line('next');
  expect(written.out).toBe('[3/8] build …\r\u001b[2Knext\n');
  progress.clear();
  expect(written.out).toBe('[3/8] build …\r\u001b[2Knext\n');
});
