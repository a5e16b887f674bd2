import { afterEach, beforeEach, expect, test } from 'vitest';
import { AFTER, BEFORE, breaking, errorOf, RollbackWorld, rollbackOf } from './rollback-world.ts';

let world: RollbackWorld;
beforeEach(() => {
  world = new RollbackWorld();
});
afterEach(() => world.close());

test.each([
  [{ strategy: 'checkpoint', checkpoint: 'hwole' }, 'unknown_checkpoint', '`whole`'],
  [{ strategy: 'graceful', checkpoint: 'whole' }, 'invalid_input', '`checkpoint` goes with'],
  [{ strategy: 'manual', on_conflict: 'keep' }, 'invalid_input', '`on_conflict` goes with'],
  [{}, 'invalid_input', '`graceful`'],
  [{ undo: true }, 'conflict', 'failed'],
  [{ undo: true, strategy: 'graceful' }, 'invalid_input', '`undo`'],
])('%j is refused and changes nothing', async (args, code, word) => {
  const { run_id } = await world.run(breaking);
  const seq = world.scratch.belay.journal.run(run_id)?.seq;
  const error = errorOf(await world.rollback({ run_id, ...args }));
  expect(error).toMatchObject({ code, message: expect.stringContaining(word) });
  expect(error.hint).toBeTruthy();
  expect(world.scratch.belay.journal.run(run_id)?.seq).toBe(seq);
  expect(world.files()).toEqual(AFTER);
});

test('a run that does not know it, or is back already, is refused', async () => {
  const gone = await world.rollback({ run_id: 'r-none', strategy: 'graceful' });
  expect(errorOf(gone).code).toBe('unknown_run');
  const { run_id } = await world.run(breaking);
  await world.rollback({ run_id, strategy: 'graceful' });
  const again = errorOf(await world.rollback({ run_id, strategy: 'graceful' }));
  expect(again).toMatchObject({ code: 'conflict', message: expect.stringContaining('rolled back already') });
});

test('a second rollback while one waits is refused', async () => {
  const { run_id } = await world.run(breaking);
  const waiting = rollbackOf(await world.rollback({ run_id, strategy: 'manual' }));
  expect(waiting).toMatchObject({ status: 'waiting', rollback: { status: 'waiting', strategy: 'manual' } });
  for (const strategy of ['manual', 'graceful'])
    expect(errorOf(await world.rollback({ run_id, strategy }))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('being rolled back already'),
    });
  expect(errorOf(await world.rollback({ run_id, undo: true })).code).toBe('conflict');
});

test('a run without checkpoints says so', async () => {
  const { run_id } = await world.run({
    name: 'bare',
    checkpoints: false,
    steps: [{ id: 'a', command: 'true' }],
  });
  expect(errorOf(await world.rollback({ run_id, strategy: 'checkpoint' }))).toMatchObject({
    code: 'unknown_checkpoint',
    message: expect.stringContaining('has no checkpoint'),
  });
});

test.each([
  ['keep', 'theirs\n'],
  ['overwrite', 'before\n'],
])('what others changed since stops it; on_conflict %s chooses', async (on_conflict, text) => {
  const { run_id } = await world.run(breaking);
  world.write('changed.txt', 'theirs\n');
  const stopped = errorOf(await world.rollback({ run_id, strategy: 'graceful' }));
  expect(stopped).toMatchObject({ code: 'conflict', message: expect.stringContaining('`changed.txt`') });
  expect(world.files()).toEqual({ ...AFTER, 'changed.txt': 'theirs\n' });
  const view = rollbackOf(await world.rollback({ run_id, strategy: 'graceful', on_conflict }));
  expect(view.status).toBe('rolled_back');
  expect(world.files()).toEqual({ ...BEFORE, 'changed.txt': text });
  expect(view.rollback?.files?.kept).toBe(on_conflict === 'keep' ? 1 : 0);
});

test('a snapshot that was collected is named, with the files that cannot come back', async () => {
  const { run_id } = await world.run(breaking);
  const retention = { ageMs: 0, count: 0, bytes: 0 };
  const collected = await world.scratch.belay.snapshots.collect({
    liveRuns: [],
    retention,
    now: Date.now() + 1_000,
    dryRun: false,
  });
  expect(collected).toMatchObject({ ok: true });
  const error = errorOf(await world.rollback({ run_id, strategy: 'checkpoint' }));
  expect(error.code).toBe('snapshot_gone');
  for (const word of ['`whole`', 'changed.txt', 'deleted.txt', 'created.txt'])
    expect(error.message).toContain(word);
  expect(world.files()).toEqual(AFTER);
  const plan = rollbackOf(await world.rollback({ run_id, strategy: 'checkpoint', dry_run: true }));
  expect(plan.status).toBe('failed');
});
