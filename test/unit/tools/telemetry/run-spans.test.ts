/** Spans of a run with very many steps: what is read of its journal grows with the journal, and no faster. */
import { expect, it } from 'vitest';
import type { JournalEvent } from '../../../../src/engine/core/events.ts';
import type { RunState } from '../../../../src/engine/core/state.ts';
import { runSpans } from '../../../../src/tools/telemetry/run-spans.ts';

const STEPS = 2_000;
/** Looks at one event, whatever is made of them. */
const LOOKS_EACH_MAX = 50;

it('looks at each event some times, however many steps there are', () => {
  let looks = 0;
  const events: JournalEvent[] = [];
  const append = (event: object) => {
    const at = events.length;
    const entry = { run_id: 'r-1', seq: at + 1, at, host: 'h', epoch: 1, checksum: '' };
    const counted = {
      get() {
        looks += 1;
        return event;
      },
    };
    events.push(Object.defineProperty(entry, 'event', counted) as never);
  };
  append({ type: 'run.created', env: {} });
  for (let each = 0; each < STEPS; each += 1) {
    append({ type: 'checkpoint.taken', step: `s${each}`, checkpoint: 'c' });
    append({ type: 'step.started', step: `s${each}`, attempt: 1 });
    append({ type: 'step.failed', step: `s${each}`, attempt: 1, failure: { code: 'x', message: 'broke' } });
  }
  append({ type: 'run.finished', status: 'failed' });
  const run = { runId: 'r-1', workflow: { name: 'many', version: '1' }, byKey: new Map() };
  const [whole, first, ...others] = runSpans(run as unknown as RunState, events);
  expect(whole?.attributes['belay.run.steps']).toBe(STEPS);
  expect(others).toHaveLength(STEPS - 1);
  // what stood before its beginning is not its beginning
  expect(first).toMatchObject({ name: 'step s0', startMs: 2, endMs: 3, error: { code: 'x' } });
  expect(looks).toBeLessThan(LOOKS_EACH_MAX * events.length);
});
