/** What a run keeps of its steps' results has a bound, however many steps there are. */
import { expect, test } from 'vitest';
import type { EventOf } from '../../../../src/engine/core/events.ts';
import { OUTPUT_BYTES_MAX, RUN_OUTPUTS_BYTES_MAX } from '../../../../src/engine/core/limits.ts';
import { World } from './world.ts';

const big = 'x'.repeat(OUTPUT_BYTES_MAX - 64);
/** Iterations that fill a run up to the bound, all at once. */
const FILLING = Math.floor(RUN_OUTPUTS_BYTES_MAX / OUTPUT_BYTES_MAX);

const filled = (more: object) => ({
  inputs: { text: { type: 'string', default: big } },
  steps: [
    {
      id: 'fill',
      foreach: `1..${FILLING}`,
      max_parallel: 1000,
      type: 'set',
      values: { v: '{{ inputs.text }}' },
    },
    { id: 'over', type: 'set', values: { v: '{{ inputs.text }}', w: '{{ inputs.text }}' }, ...more },
    { id: 'small', type: 'set', values: { v: 1 } },
  ],
});

async function run(definition: object, world = new World()) {
  world.host({ slots: { host: 1000, run: 1000 } });
  const runId = await world.run(definition, { inputs: { text: big } });
  await world.until(() => !['queued', 'running'].includes(world.status(runId)));
  return { world, runId, state: world.state(runId) };
}

test('a step that would go beyond it fails and says what to do; smaller ones still pass', async () => {
  const { world, runId, state } = await run(filled({ on_failure: 'continue' }));
  expect(state.status).toBe('partial');
  const { failure, outputs } = state.byKey.get('over')!;
  expect(failure).toMatchObject({
    code: 'output_too_large',
    retry: 'final',
    hint: expect.stringContaining('files'),
  });
  expect(failure?.message).toContain(`at most ${RUN_OUTPUTS_BYTES_MAX} are kept`);
  expect(outputs).toBeUndefined();
  expect(state.byKey.get('small')!.outputs).toEqual({ v: 1 });
  expect(state.outputBytes).toBeLessThanOrEqual(RUN_OUTPUTS_BYTES_MAX);
  // counted from the journal alone
  const ends = world
    .events(runId)
    .filter((event): event is EventOf<'step.succeeded'> => event.type === 'step.succeeded');
  const bytes = ends.map(({ outputs }) => (outputs ? Buffer.byteLength(JSON.stringify(outputs)) : 0));
  expect(state.outputBytes).toBe(bytes.reduce((sum, each) => sum + each, 0));
});

test('what a block hands out has the bounds of a step', async () => {
  const { state } = await run({
    inputs: { text: { type: 'string' } },
    steps: [
      {
        id: 'block',
        outputs: Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`o${n}`, '{{ inputs.text }}'])),
        steps: [{ id: 'a', type: 'set', values: { v: 1 } }],
      },
    ],
  });
  expect(state.status).toBe('failed');
  expect(state.byKey.get('block')!.failure).toMatchObject({ code: 'output_too_large' });
});

test('what a run ends with is bounded as a whole', async () => {
  const { state } = await run({
    inputs: { text: { type: 'string' } },
    outputs: Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`o${n}`, '{{ inputs.text }}'])),
    steps: [{ id: 'a', type: 'set', values: { v: 1 } }],
  });
  expect(state.status).toBe('failed');
  expect(state.reason).toContain('output `o8`: with it the outputs are larger than');
});
