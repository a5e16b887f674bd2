/** Timers on the machine's clock: long ones, ones taken back, and a clock that jumps. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../../src/engine/host/system-clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('calls once at its time, however far that is', () => {
  const call = vi.fn();
  const days = 40 * 86_400_000;
  systemClock.at(systemClock.now() + days, call);
  vi.advanceTimersByTime(days - 1);
  expect(call).not.toHaveBeenCalled();
  vi.advanceTimersByTime(days);
  expect(call).toHaveBeenCalledOnce();
});

test('a time that has passed calls soon, not at once', () => {
  const call = vi.fn();
  systemClock.at(0, call);
  expect(call).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(call).toHaveBeenCalledOnce();
});

test('taken back, it never calls', () => {
  const call = vi.fn();
  const takeBack = systemClock.at(systemClock.now() + 120_000, call);
  vi.advanceTimersByTime(90_000);
  takeBack();
  vi.advanceTimersByTime(90_000);
  expect(call).not.toHaveBeenCalled();
});

test('a clock that jumps forward is noticed within a minute', () => {
  const call = vi.fn();
  systemClock.at(systemClock.now() + 3_600_000, call);
  vi.setSystemTime(Date.now() + 86_400_000);
  vi.advanceTimersByTime(60_001);
  expect(call).toHaveBeenCalledOnce();
});
