import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { start } from '../../contract/journal.fixture.ts';
import { opened, scratch } from './store.fixture.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the poll alone sees commits of others, once, and never its own', () => {
  const home = scratch();
  const [store, other] = [opened(home), opened(home)];
  const call = vi.fn();
  const stop = store.watch(call);
  start(store, 'own');
  vi.advanceTimersByTime(5_000);
  expect(call).not.toHaveBeenCalled();
  start(other, 'r1');
  start(other, 'r2');
  vi.advanceTimersByTime(5_000);
  expect(call).toHaveBeenCalledTimes(1);
  stop();
  start(other, 'r3');
  vi.advanceTimersByTime(5_000);
  expect(call).toHaveBeenCalledTimes(1);
});

test('closing ends the watch', () => {
  const store = opened(scratch());
  store.watch(() => expect.unreachable());
  store.close();
  expect(vi.getTimerCount()).toBe(0);
});
