/** A run without a host, as a command that only reads shows it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LEASE_MS } from '../../../src/engine/core/limits.ts';
import { statusTool } from '../../../src/tools/status.tool.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

/** After the run has been left alone, before the lease of a living host is over. */
const LATER_MS = LEASE_MS + 1_000;

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

/** By a process that drives nothing, so much later. */
async function seen(run_id: string, laterMs: number, host = {}) {
  const clock = { ...scratch.belay.clock, now: () => Date.now() + laterMs };
  const belay = { ...scratch.belay, host: undefined, clock, ...host };
  return viewOf(await statusTool.run({ ...scratch.context, belay }, { run_id }));
}

const started = async (steps: readonly object[]) =>
  viewOf(await scratch.call('workflow_execute', { definition: { name: 'left', steps }, wait_seconds: 0 }));

test('a run that its host has left says so, and how it is taken up', async () => {
  const { run_id } = await started([{ id: 'work', command: 'until [ -e go ]; do sleep 0.05; done' }]);
  await scratch.until(run_id, ({ steps }) => steps[0]?.status === 'running');
  expect((await seen(run_id, LATER_MS)).reason).toBeUndefined();
  scratch.belay.host?.stop();
  // a host needs a moment to find it
  expect((await seen(run_id, 0)).reason).toBeUndefined();
  expect((await seen(run_id, LATER_MS, { host: scratch.belay.host })).reason).toBeUndefined();
  expect(await seen(run_id, LATER_MS)).toMatchObject({
    status: 'running',
    reason: 'no host drives it: `belay host` or any belay server takes it up',
    next: [{ tool: 'workflow_status', arguments: { run_id } }, { tool: 'workflow_cancel' }],
  });
  writeFileSync(join(scratch.folder, 'go'), '');
});

test('a run whose inner run waits for somebody needs no host either', async () => {
  const shelf = join(scratch.folder, '.belay', 'workflows');
  mkdirSync(shelf, { recursive: true });
  const inner = { name: 'inner', steps: [{ id: 'ok', type: 'approval', message: 'Go?' }] };
  writeFileSync(join(shelf, 'inner.yaml'), JSON.stringify(inner));
  const { run_id } = await started([{ id: 'sub', workflow: 'inner' }]);
  await scratch.until(run_id, ({ status }) => status === 'waiting');
  scratch.belay.host?.stop();
  expect((await seen(run_id, LATER_MS)).reason).toContain('waits for an answer');
});

test('a run that waits for somebody, or has ended, needs no host', async () => {
  const asking = await started([{ id: 'ok', type: 'approval', message: 'Go?' }]);
  await scratch.until(asking.run_id, ({ status }) => status === 'waiting');
  const { run_id } = await scratch.run({ name: 'done', steps: [{ id: 'a', command: 'true' }] });
  scratch.belay.host?.stop();
  expect((await seen(asking.run_id, LATER_MS)).reason).toBeUndefined();
  expect((await seen(run_id, LATER_MS)).reason).toBeUndefined();
});
