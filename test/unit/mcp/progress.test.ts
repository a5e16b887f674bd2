import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProgressReporter, type ProgressUpdate } from '../../../src/mcp/progress.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function reporter() {
  const sent: ProgressUpdate[] = [];
  return { sent, under: new ProgressReporter((update) => sent.push(update)) };
}

describe('ProgressReporter', () => {
  it('sends the first at once and the newest of each tenth of a second', () => {
    const { sent, under } = reporter();
    under.report(0, 3, 'a');
    under.report(1, 3, 'b');
    under.report(2, 3, 'c');
    expect(sent.map((update) => update.message)).toEqual(['a']);
    vi.advanceTimersByTime(100);
    expect(sent.map((update) => update.message)).toEqual(['a', 'c']);
    vi.advanceTimersByTime(100);
    under.report(3, 3, 'd');
    expect(sent.map((update) => update.message)).toEqual(['a', 'c', 'd']);
  });

  it('sends what is held back when the call ends, and nothing after it', () => {
    const { sent, under } = reporter();
    under.report(0, 2, 'a');
    under.report(2, 2, 'b');
    under.finish();
    expect(sent.at(-1)).toEqual({ progress: 2, total: 2, message: 'b' });
    vi.advanceTimersByTime(1_000);
    expect(sent).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('always rises, also when the count stands still or falls', () => {
    const { sent, under } = reporter();
    for (const done of [0, 0, 1, 1, 1, 0, 2]) {
      under.report(done, 2, `${done}`);
      vi.advanceTimersByTime(100);
    }
    const values = sent.map((update) => update.progress);
    expect(values).toHaveLength(7);
    expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
    expect(values.at(-1)).toBe(2);
    expect(sent.every((update) => update.total >= update.progress)).toBe(true);
  });
});
