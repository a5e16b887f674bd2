/** Concurrency groups where several processes want the same, and in a journal whose projections are made anew. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JournalEvent } from '../../../src/engine/core/events.ts';
import { evolve } from '../../../src/engine/core/evolve.ts';
import type { ProjectionChange } from '../../../src/engine/core/ports.ts';
import { takeProjection } from '../../../src/engine/core/projection.ts';
import type { RunState } from '../../../src/engine/core/state.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { change, created, identity } from '../../contract/journal.fixture.ts';
import { opened, scratch, tamper } from './store.fixture.ts';

const PROGRAM = join(import.meta.dirname, 'group.process.ts');

function come(store: Store, runId: string, atMs: number, priority = 0): void {
  const event = created({ group: 'g', priority, definition: { steps: [], cleanup: [] } });
  const group = { name: 'g', isMember: true, hasEntered: false, replaces: false };
  const made = store.create(runId, event, { host: 'test', atMs }, change('queued', { group }));
  expect(made).toEqual({ ok: true, value: {} });
}

test('four processes work off one group: one run after the other, in order, each once', async () => {
  const home = scratch();
  const store = opened(home);
  const runs = Array.from({ length: 30 }, (_, index) => `run${String(index).padStart(2, '0')}`);
  for (const [index, runId] of runs.entries()) come(store, runId, index);
  const children = ['a', 'b', 'c', 'd'].map((host) =>
    spawn(process.execPath, [PROGRAM, home, host], { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'close'))[0] as number));
  expect(codes).toEqual([0, 0, 0, 0]);
  const said = readFileSync(join(home, 'said'), 'utf8').trim().split('\n');
  expect(said).toEqual(runs.flatMap((run) => [`in ${run}`, `out ${run}`]));
});

/** As `belay doctor --rebuild` does. */
function fold(events: readonly JournalEvent[]): ProjectionChange {
  let run: RunState | undefined;
  for (const event of events) {
    const next = evolve(run, event);
    if (!next.ok) throw new Error(next.error.message);
    run = next.value;
  }
  return takeProjection(run!);
}

test('places and priorities are made anew from the events', () => {
  const home = scratch();
  const store = opened(home);
  store.renew(identity('x'), 0);
  come(store, 'low', 0, -3);
  come(store, 'usual', 1);
  come(store, 'high', 2, 7);
  expect(store.claim('usual', 'x', 1)).toEqual({ ok: false, error: 'waits' });
  expect(store.claim('high', 'x', 1)).toMatchObject({ ok: true });
  const before = store.groupMembers('low');
  expect(before.map(({ runId }) => runId)).toEqual(['high', 'usual', 'low']);
  tamper(home, 'DELETE FROM concurrency_groups; UPDATE runs SET priority = 0');
  expect(store.rebuild(fold)).toEqual({ runs: 3, damaged: [] });
  expect(store.groupMembers('low')).toEqual(before);
  expect(store.claim('usual', 'y', 1)).toEqual({ ok: false, error: 'waits' });
});

test('the look for work reads its own index, in its order', () => {
  const home = scratch();
  const store = opened(home);
  for (let index = 0; index < 50; index += 1) come(store, `run${index}`, index);
  // an index that could not be used would be an error
  expect(store.claimable(0, 9)).toEqual(['run0']);
});
