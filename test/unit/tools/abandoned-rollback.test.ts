/** A rollback that was asked for and then left by its host. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import type { Host } from '../../../src/engine/host/host.ts';
import { request } from '../../../src/engine/host/run-requests.ts';
import { requester } from '../../../src/tools/requester.ts';
import { viewOf } from '../../fixtures/view-of.ts';
import { AFTER, BEFORE, breaking, RollbackWorld, rollbackOf } from './rollback-world.ts';

let world: RollbackWorld;
beforeEach(() => {
  world = new RollbackWorld();
});
afterEach(() => world.close());

test('the run says how to go on, and whoever asks for a rollback goes on with the one under way', async () => {
  const { run_id } = await world.run(breaking);
  const { belay, context } = world.scratch;
  belay.host?.stop();
  const asked = request(requester(context), run_id, () =>
    ok({ type: 'unwind.requested', strategy: 'graceful', by: 'bench' }),
  );
  expect(asked.ok).toBe(true);
  expect(viewOf(await world.scratch.call('workflow_status', { run_id }))).toMatchObject({
    reason: expect.stringContaining(`\`belay rollback ${run_id}\` goes on with it`),
    next: [{ tool: 'workflow_rollback', arguments: { run_id, strategy: 'graceful' } }],
  });
  expect(world.files()).toEqual(AFTER);
  // the host of another process, which comes to the run when it is told of it
  const host = { problem: undefined, kick: () => belay.host?.start() } as unknown as Host;
  const given = { run_id, strategy: 'immediate' };
  const view = rollbackOf(await world.rollback(given, { belay: { ...belay, host } }));
  expect(view).toMatchObject({ status: 'rolled_back', rollback: { strategy: 'graceful', status: 'done' } });
  expect(view.warnings.join()).toContain('strategy `graceful` is under way');
  expect(world.files()).toEqual(BEFORE);
});
