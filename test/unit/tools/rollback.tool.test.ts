import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import { viewOf } from '../../fixtures/view-of.ts';
import { AFTER, BEFORE, breaking, RollbackWorld, rollbackOf } from './rollback-world.ts';

let world: RollbackWorld;
beforeEach(() => {
  world = new RollbackWorld();
});
afterEach(() => world.close());

const statuses = (view: Pick<RunView, 'steps'>) => view.steps.map(({ id, status }) => [id, status]);

test('a dry run shows each line, each file and the diff, and touches nothing', async () => {
  const { run_id } = await world.run(breaking);
  const seq = world.scratch.belay.journal.run(run_id)?.seq;
  const answer = await world.rollback({ run_id, strategy: 'checkpoint', dry_run: true });
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  expect(answer.structured).toMatchObject({
    dry_run: true,
    status: 'failed',
    plan: [
      { order: 1, step: 'fail', reversible: true },
      { order: 2, step: 'break', kind: 'files', reversible: true },
      {
        order: 3,
        kind: 'restore',
        checkpoint: 'whole',
        files: { create: 1, change: 1, delete: 1, bytes: 12 },
      },
    ],
    diff: expect.stringContaining('-after\n+before\n'),
  });
  expect(answer.text).toContain('change changed.txt (7 B)');
  expect(world.files()).toEqual(AFTER);
  expect(world.scratch.belay.journal.run(run_id)?.seq).toBe(seq);
});

test('graceful takes the whole run back, and the answer says what was done', async () => {
  const { run_id } = await world.run(breaking);
  const view = rollbackOf(await world.rollback({ run_id, strategy: 'graceful', reason: 'no good' }));
  expect(view).toMatchObject({
    status: 'rolled_back',
    reason: 'rolled back because no good',
    rollback: {
      strategy: 'graceful',
      status: 'done',
      by: 'bench',
      files: { created: 1, changed: 1, deleted: 1, kept: 0 },
      problems: [],
    },
    next: [{ tool: 'workflow_rollback', arguments: { run_id, undo: true } }],
  });
  expect(statuses(view).map(([, status]) => status)).toEqual(['undone', 'undone', 'undone']);
  expect(world.files()).toEqual(BEFORE);
});

test('back at a checkpoint the run is paused, and goes on with changed inputs', async () => {
  const { run_id } = await world.run(breaking);
  const back = rollbackOf(await world.rollback({ run_id, strategy: 'checkpoint' }));
  expect(back).toMatchObject({ status: 'paused', rollback: { checkpoint: 'whole', status: 'done' } });
  expect(back.next[0]).toMatchObject({ tool: 'workflow_resume' });
  expect(world.files()).toEqual(BEFORE);
  const again = viewOf(await world.scratch.call('workflow_resume', { run_id, inputs: { code: 0 } }));
  expect(again).toMatchObject({ status: 'succeeded', inputs: { code: 0 } });
  expect(statuses(again)).toEqual([
    ['look', 'succeeded'],
    ['break', 'succeeded'],
    ['fail', 'succeeded'],
  ]);
  expect(world.files()).toEqual(AFTER);
});

test('undo commands run last first and are steps of the view', async () => {
  const { run_id } = await world.run({
    name: 'undoing',
    steps: [
      { id: 'one', command: 'true', undo: 'echo one >> trace' },
      { id: 'two', command: 'true', undo: 'echo two >> trace' },
      { id: 'three', command: 'false' },
    ],
  });
  const view = rollbackOf(await world.rollback({ run_id, strategy: 'immediate' }));
  expect(view.status).toBe('rolled_back');
  expect(world.read('trace')).toBe('two\none\n');
  expect(statuses(view).filter(([id]) => id?.startsWith('undo:'))).toEqual([
    ['undo:two', 'succeeded'],
    ['undo:one', 'succeeded'],
  ]);
  expect(view.steps.find(({ id }) => id === 'one')?.undo).toBe('steps');
});

test('an undo that fails leaves the run stuck with what a person does about it; then it goes on', async () => {
  const { run_id } = await world.run({
    name: 'stuck',
    steps: [
      { id: 'one', command: 'true', undo: 'echo one >> trace' },
      { id: 'two', command: 'true', undo: 'echo tried; test -e mended' },
      { id: 'three', command: 'false' },
    ],
  });
  const stuck = rollbackOf(await world.rollback({ run_id, strategy: 'graceful' }));
  expect(stuck).toMatchObject({
    status: 'stuck',
    rollback: {
      status: 'stuck',
      problems: [{ step: 'two', command: expect.stringContaining('test -e mended') }],
    },
  });
  expect(stuck.rollback?.problems[0]?.log).toBe(`belay://runs/${run_id}/steps/undo%3Atwo/log`);
  const again = stuck.next.find(({ tool }) => tool === 'workflow_rollback');
  world.write('mended', '');
  const done = rollbackOf(await world.rollback(again?.arguments ?? {}));
  expect(done).toMatchObject({ status: 'rolled_back', rollback: { status: 'done', problems: [] } });
  expect(world.read('trace')).toBe('one\n');
});

test('undo brings the files back to what they were before, and says what stays', async () => {
  const { run_id } = await world.run({
    ...breaking,
    steps: [{ id: 'mail', command: 'true', undo: 'true' }, ...breaking.steps],
  });
  await world.rollback({ run_id, strategy: 'graceful' });
  expect(world.files()).toEqual(BEFORE);
  const plan = viewOf(await world.scratch.call('workflow_status', { run_id }));
  expect(plan.next).toMatchObject([{ arguments: { undo: true } }]);
  const view = rollbackOf(await world.rollback({ run_id, undo: true }));
  expect(world.files()).toEqual(AFTER);
  expect(view).toMatchObject({
    status: 'rolled_back',
    rollback: { files_back: true, files: { created: 1, changed: 1, deleted: 1 } },
    next: [],
  });
  expect(view.warnings.join()).toContain('what the undo command did stays done');
});

test('on_failure takes a run back by itself', async () => {
  const view = await world.run(breaking, { on_failure: 'graceful', wait_seconds: 60 });
  expect(view).toMatchObject({ status: 'rolled_back', rollback: { by: 'on_failure' } });
  expect(world.files()).toEqual(BEFORE);
});
