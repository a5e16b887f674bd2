/** The name of a run's concurrency group: from what it is created with, and none inside of a run of the same group. */
import { expect, test } from 'vitest';
import type { ParentStep } from '../../../../src/engine/core/events.ts';
import type { ConcurrencySpec, JsonObject } from '../../../../src/engine/core/model.ts';
import { groupTerms } from '../../../../src/engine/host/group-terms.ts';
import { workflow } from '../core/build-workflow.ts';
import { World } from './world.ts';

function terms(
  concurrency: ConcurrencySpec | undefined,
  {
    world = new World(),
    inputs = {},
    parent,
  }: { world?: World; inputs?: JsonObject; parent?: ParentStep } = {},
) {
  const definition = { ...workflow([]), ...(concurrency && { concurrency }) };
  const env = { USER: 'ann' };
  return groupTerms(world.store, { workflow: definition, inputs, env, cwd: '/', nowMs: 0, parent });
}

test.each<[ConcurrencySpec | undefined, object]>([
  [undefined, {}],
  [{ group: 'deploy', onConflict: 'queue' }, { group: 'deploy' }],
  [
    { group: ' {{ inputs.env }}-{{ env.USER }} ', onConflict: 'reject' },
    { group: 'prod-ann', on_conflict: 'reject' },
  ],
  [
    { group: '{{ run.workflow }}', onConflict: 'replace' },
    { group: 'test', on_conflict: 'replace' },
  ],
])('%j gives %j', (concurrency, expected) => {
  expect(terms(concurrency, { inputs: { env: 'prod' } })).toEqual({ ok: true, value: expected });
});

test.each<[string, JsonObject, string]>([
  ['{{ inputs.none }}', {}, 'expression'],
  ['{{ inputs.env }}', { env: ' ' }, 'request_invalid'],
  ['{{ inputs.env }}', { env: 'x'.repeat(201) }, 'request_invalid'],
])('%s with %j is no name', (group, inputs, code) => {
  expect(terms({ group, onConflict: 'queue' }, { inputs })).toMatchObject({ ok: false, error: { code } });
});

test('a run inside of one that has the same group is part of it, however deep; another group counts', async () => {
  const world = new World();
  const outer = await world.run({ steps: [{ id: 'a', command: 'a' }] }, { group: 'g' });
  const link = (run: string, depth: number): ParentStep => ({ run, step: 'a', seq: 3, depth });
  const inner = await world.run({ steps: [{ id: 'a', command: 'b' }] }, { parent: link(outer, 1) });
  const parent = link(inner, 2);
  expect(terms({ group: 'g', onConflict: 'queue' }, { world, parent })).toEqual({ ok: true, value: {} });
  expect(terms({ group: 'h', onConflict: 'queue' }, { world, parent })).toEqual({
    ok: true,
    value: { group: 'h' },
  });
});
