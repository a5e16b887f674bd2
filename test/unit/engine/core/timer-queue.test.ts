/** The timer queue against a sorted list that does the same slowly. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TimerQueue } from '../../../../src/engine/core/timer-queue.ts';

const key = fc.nat(20).map((n) => `t${n}`);
const anyAct = fc.oneof(
  fc.record({ act: fc.constant('set' as const), key, at: fc.nat(50) }),
  fc.record({ act: fc.constant('drop' as const), key, at: fc.constant(0) }),
);

describe('TimerQueue', () => {
  test('answers like a sorted list, whatever is set and dropped', () => {
    fc.assert(
      fc.property(fc.array(anyAct, { maxLength: 60 }), fc.nat(50), (acts, now) => {
        const queue = new TimerQueue();
        const model = new Map<string, number>();
        for (const { act, key, at } of acts) {
          if (act === 'set') {
            queue.set(key, at);
            model.set(key, at);
          } else {
            queue.drop(key);
            model.delete(key);
          }
        }
        const sorted = [...model]
          .map(([key, at]) => ({ key, at }))
          .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
        expect(queue.size).toBe(model.size);
        expect(queue.next).toBe(sorted[0]?.at);
        expect(queue.due(now)).toEqual(sorted.filter((timer) => timer.at <= now));
        const due = sorted.filter((timer) => timer.at <= now);
        expect(queue.firstDue(now, 3).map((timer) => timer.at)).toEqual(
          due.slice(0, 3).map((timer) => timer.at),
        );
        expect(queue.firstDue(now, 0)).toEqual([]);
        expect(queue.nextAfter(now)).toBe(sorted.find((timer) => timer.at > now)?.at);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  test('moves a timer that is set again', () => {
    const queue = new TimerQueue();
    queue.set('a', 10);
    queue.set('b', 20);
    queue.set('a', 30);
    expect(queue.due(25)).toEqual([{ key: 'b', at: 20 }]);
    expect(queue.size).toBe(2);
  });
});
