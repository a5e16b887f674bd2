/** Each phase of a rollback against each event that belongs to one: what comes out of turn is refused and changes nothing. */
import { describe, expect, test } from 'vitest';
import type { Event } from '../../../../src/engine/core/events.ts';
import { evolve } from '../../../../src/engine/core/evolve.ts';
import { step, undoable, workflow } from './build-workflow.ts';
import { failure } from './failure-example.ts';
import { created, replay } from './fake-host.ts';
import { fullSnapshot } from './snapshot.ts';

const of = workflow([step('a', { checkpoint: {} }), undoable('b', { needs: ['a'] })], [step('z')]);

const snapshotFields = {
  snapshot: 's',
  scope: { roots: ['/'], exclude: [], base: '/' },
  files: 1,
  bytes: 1,
  added_bytes: 1,
  duration_ms: 1,
};
const start = (key: string): Event => ({ type: 'step.started', step: key, attempt: 1 });
const succeed = (key: string): Event => ({ type: 'step.succeeded', step: key, attempt: 1 });

const taken: Event = {
  type: 'checkpoint.taken',
  checkpoint: 'c',
  step: 'a',
  why: 'asked',
  ...snapshotFields,
};
const rescue: Event = { type: 'checkpoint.taken', checkpoint: 'r', why: 'rescue', ...snapshotFields };
const conflict: Event = { ...rescue, conflicts: { count: 1, shown: [] } };
const request: Event = { type: 'unwind.requested', strategy: 'graceful', by: 'ann' };
const begin: Event = { type: 'unwind.started' };
const undo: Event = { type: 'undo.started', step: 'b' };
const undone: Event = { type: 'undo.succeeded', step: 'b' };
const notUndone: Event = { type: 'undo.failed', step: 'b', failure: failure('exit') };
const restore: Event = { type: 'restore.started', checkpoint: 'c', operation: 'o' };
const counts = { created: 0, changed: 0, deleted: 0, kept: 0 };
const restored: Event = { type: 'restore.finished', checkpoint: 'c', result: 'complete', ...counts };
const notRestored: Event = { type: 'restore.finished', checkpoint: 'c', result: 'partial', ...counts };
const cleanUp: Event = { type: 'cleanup.started' };
const cleaned: Event = { type: 'cleanup.finished', failed: 0 };
const back: Event = { type: 'run.finished', status: 'rolled_back' };
const stand: Event = { type: 'run.paused', reason: 'back at checkpoint' };

const events: { readonly [name: string]: Event } = {
  taken,
  rescue,
  request,
  begin,
  undo,
  undone,
  restore,
  restored,
  cleanUp,
  cleaned,
  back,
  stand,
  'succeeded as usual': { type: 'run.finished', status: 'succeeded' },
  'an undo of what needs none': { type: 'undo.started', step: 'a' },
  'a restore of nothing': { ...restore, checkpoint: 'nothing' },
  skip: { type: 'checkpoint.skipped', step: 'a', reason: 'too large' },
};

const asked: readonly Event[] = [
  { type: 'run.started' },
  taken,
  start('a'),
  succeed('a'),
  start('b'),
  request,
];
const begun = [...asked, succeed('b'), begin];
const undoing = [...begun, rescue, undo];
const undoEnded = [...undoing, start('un-b'), succeed('un-b')];
const restoring = [...undoEnded, undone, restore];
const filesBack = [...restoring, restored];
const cleaning = [...filesBack, cleanUp];

const phases: readonly (readonly [string, readonly Event[], readonly string[]])[] = [
  ['that waits for what runs', asked, []],
  ['whose steps have all ended', [...asked, succeed('b')], ['begin']],
  ['that has begun', begun, ['rescue']],
  ['whose files are rescued', [...begun, rescue], ['undo']],
  ['that others stand against', [...begun, conflict], []],
  ['with an undo under way', undoing, []],
  ['whose undo has done its steps', undoEnded, ['undone']],
  ['that may restore', [...undoEnded, undone], ['restore']],
  ['whose undo has failed', [...undoEnded, notUndone], []],
  ['that restores', restoring, ['restored']],
  ['whose files are not all back', [...restoring, notRestored], []],
  ['whose files are back', filesBack, ['cleanUp']],
  ['that cleans up', cleaning, []],
  ['whose cleanup has ended', [...cleaning, start('z'), succeed('z')], ['cleaned']],
  ['that has cleaned up', [...cleaning, start('z'), succeed('z'), cleaned], ['back']],
  ['that is over', [...cleaning, start('z'), succeed('z'), cleaned, back], []],
  ['that is stuck', [...undoEnded, notUndone, { type: 'run.finished', status: 'stuck' }], ['request']],
];

const runAfter = (journal: readonly Event[]) =>
  replay(
    [created(of), ...journal].map((event, index) => ({
      run_id: 'r',
      seq: index + 1,
      at: index,
      epoch: 1,
      event,
    })),
  );

describe('a rollback', () => {
  test.each(phases)('%s', (_, journal, allowed) => {
    const found = Object.entries(events).filter(([, event]) => {
      const run = runAfter(journal);
      const before = fullSnapshot(run);
      const result = evolve(run, { run_id: 'r', seq: run.seq + 1, at: 99, epoch: 1, event });
      if (!result.ok) expect(fullSnapshot(run)).toEqual(before);
      return result.ok;
    });
    expect(found.map(([name]) => name)).toEqual(allowed);
  });

  test('that is over lets its rescued files be brought back by hand', () => {
    const run = runAfter([...cleaning, start('z'), succeed('z'), cleaned, back]);
    const event = { ...restore, checkpoint: 'r' } as Event;
    expect(evolve(run, { run_id: 'r', seq: run.seq + 1, at: 99, epoch: 1, event }).ok).toBe(true);
  });
});
