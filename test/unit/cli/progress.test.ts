import { expect, test } from 'vitest';
import { Progress } from '../../../src/cli/progress.ts';
import type { Event, JournalEvent } from '../../../src/engine/core/events.ts';
import type { RunState, StepState } from '../../../src/engine/core/state.ts';
import { fakeTerminal } from './fake-world.ts';

const step = (more: Partial<StepState> = {}): StepState =>
  ({
    key: 'build',
    layer: 'task',
    status: 'running',
    startedAt: 1_000,
    finishedAt: 2_200,
    ...more,
  }) as StepState;

function tell(event: Event, of: StepState = step(), live = false) {
  const running = of.status === 'running' ? [of] : [];
  const run = { done: 3, total: 8, running: new Set(running), byKey: new Map([[of.key, of]]) };
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

test('starts, rounds and blocks have no line of their own', () => {
  expect(tell({ type: 'step.started', step: 'build', attempt: 1 }).written.out).toBe('');
  expect(tell({ type: 'step.retry_scheduled', step: 'build', attempt: 2, at: 1 }).written.out).toBe('');
  expect(tell(failed, step({ layer: 'group' })).written.out).toBe('');
});

test('a terminal shows what runs now, and takes it away again', () => {
  const { progress, written } = tell({ type: 'step.started', step: 'build', attempt: 1 }, step(), true);
  expect(written.out).toBe('[3/8] build …');
  progress.line('next');
  expect(written.out).toBe('[3/8] build …\r\u001b[2Knext\n');
  progress.clear();
  expect(written.out).toBe('[3/8] build …\r\u001b[2Knext\n');
});
