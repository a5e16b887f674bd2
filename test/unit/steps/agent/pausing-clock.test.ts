/** Time that stands while somebody is asked: what is bounded by it gets that time back, and no more. */
import { expect, test } from 'vitest';
import type { AgentClock } from '../../../../src/steps/agent/patient-reply.ts';
import { PausingClock } from '../../../../src/steps/agent/pausing-clock.ts';

/** Time goes by as the test says; bounds are met as it does. */
function handClock() {
  let nowMs = 1_000;
  const bounds: { readonly at: number; readonly abort: AbortController }[] = [];
  const inner: AgentClock = {
    now: () => nowMs,
    sleep: async () => {},
    after(ms) {
      const abort = new AbortController();
      bounds.push({ at: nowMs + ms, abort });
      return abort.signal;
    },
  };
  const pass = (ms: number) => {
    nowMs += ms;
    for (const { at, abort } of [...bounds]) if (at <= nowMs) abort.abort(new Error('too late'));
  };
  return { clock: new PausingClock(inner), pass };
}

/** Somebody is asked until the function is called. */
function asking(clock: PausingClock) {
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const over = clock.during(() => answered);
  return async () => {
    answer();
    await over;
  };
}

test('goes like the other one where nobody is asked', () => {
  const { clock, pass } = handClock();
  const bound = clock.after(100);
  pass(99);
  expect([clock.now(), bound.aborted]).toEqual([1_099, false]);
  pass(1);
  expect(bound.aborted).toBe(true);
  expect(bound.reason).toMatchObject({ message: 'too late' });
});

test('what is met while it stands, or after, has that time left', async () => {
  const { clock, pass } = handClock();
  const bound = clock.after(100);
  pass(40);
  const answer = asking(clock);
  pass(500);
  expect([clock.now(), bound.aborted]).toEqual([1_040, false]);
  await answer();
  pass(59);
  expect([clock.now(), bound.aborted]).toEqual([1_099, false]);
  const again = asking(clock);
  pass(10);
  await again();
  expect(bound.aborted).toBe(false);
});

test('stands until the last of several is answered, also where one is never', async () => {
  const { clock, pass } = handClock();
  const bound = clock.after(100);
  const one = asking(clock);
  const two = asking(clock);
  pass(200);
  await one();
  pass(200);
  expect([clock.now(), bound.aborted]).toEqual([1_000, false]);
  await expect(clock.during(() => Promise.reject(new Error('left')))).rejects.toThrow('left');
  await two();
  pass(1_000);
  expect(bound.aborted).toBe(true);
});
