/** Taking a rollback back: all of it, also where a checkpoint was taken twice or an earlier try was interrupted. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { request } from '../../../src/engine/host/run-requests.ts';
import { requester } from '../../../src/tools/requester.ts';
import { viewOf } from '../../fixtures/view-of.ts';
import { AFTER, BEFORE, breaking, RollbackWorld, rollbackOf } from './rollback-world.ts';

let world: RollbackWorld;
beforeEach(() => {
  world = new RollbackWorld();
});
afterEach(() => world.close());

const status = async (run_id: string) => viewOf(await world.scratch.call('workflow_status', { run_id }));

test('a checkpoint that was taken again: what was changed before that comes back too', async () => {
  const { run_id } = await world.run({
    ...breaking,
    inputs: { code: { type: 'integer', default: 7 } },
    steps: [
      {
        id: 'break',
        checkpoint: { name: 'whole' },
        command:
          'if test {{ inputs.code }} = 7; then rm deleted.txt; echo new > created.txt; else echo after > changed.txt; fi',
      },
      { id: 'fail', command: 'exit {{ inputs.code }}' },
    ],
  });
  const again = { run_id, from_step: 'break', inputs: { code: 8 }, wait_seconds: 60 };
  expect(viewOf(await world.scratch.call('workflow_resume', again)).status).toBe('failed');
  expect(world.files()).toEqual(AFTER);
  await world.rollback({ run_id, strategy: 'graceful' });
  expect(world.files()).toEqual(BEFORE);
  expect(rollbackOf(await world.rollback({ run_id, undo: true })).rollback?.files_back).toBe(true);
  expect(world.files()).toEqual(AFTER);
});

test('one that was interrupted is told of, and the next goes on with it whatever it finds half-way', async () => {
  const { run_id } = await world.run(breaking);
  const { rollback } = rollbackOf(await world.rollback({ run_id, strategy: 'graceful' }));
  const begun = request(requester(world.scratch.context), run_id, () =>
    ok({ type: 'restore.started', checkpoint: rollback?.rescue ?? '', operation: 'interrupted' }),
  );
  expect(begun.ok).toBe(true);
  world.write('created.txt', 'ne');
  expect((await status(run_id)).warnings.join()).toContain('`undo: true` again goes on with it');
  const view = rollbackOf(await world.rollback({ run_id, undo: true }));
  expect(world.files()).toEqual(AFTER);
  expect(view.rollback?.files_back).toBe(true);
  expect((await status(run_id)).warnings).toEqual([]);
});

test('captured state stays as the rollback left it, and the answer says so', async () => {
  const checkpoint = { name: 'whole', capture: 'echo state', restore: 'cat > /dev/null' };
  const [look, change, fail] = breaking.steps;
  const { run_id } = await world.run({ ...breaking, steps: [look, { ...change, checkpoint }, fail] });
  await world.rollback({ run_id, strategy: 'graceful' });
  const view = rollbackOf(await world.rollback({ run_id, undo: true }));
  expect(view.warnings.join()).toContain('captured state stays as the rollback left it');
});
