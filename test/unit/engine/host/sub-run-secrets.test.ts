/** A secret is not handed to another run as an input: inputs are recorded. The other run takes the variable itself. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { World } from './world.ts';

const VALUE = 's3cr3t "value"';

beforeEach(() => {
  process.env.BELAY_TEST_TOKEN = VALUE;
});
afterEach(() => {
  delete process.env.BELAY_TEST_TOKEN;
});

const INNER = {
  name: 'inner',
  inputs: { what: { type: 'string' }, list: { type: 'array' } },
  steps: [{ id: 'work', command: 'work' }],
};
const outer = (inputs: object) => ({
  secrets: ['BELAY_TEST_TOKEN'],
  steps: [{ id: 'sub', workflow: 'inner', inputs }],
});

const innerRuns = (world: World) => world.store.runs({ limit: 9, workflow: 'inner' }).runs;

test.each([
  ['alone', 'what', '{{ env.BELAY_TEST_TOKEN }}'],
  ['as part of a text', 'what', 'Bearer {{ env.BELAY_TEST_TOKEN }}'],
  ['deep inside', 'list', [{ token: '{{ env.BELAY_TEST_TOKEN }}' }]],
  ['as a name', 'list', '{{ [{env.BELAY_TEST_TOKEN: 1}] }}'],
])(
  'an input that holds a secret %s fails the step, and nothing is recorded of it',
  async (_, input, value) => {
    const world = new World();
    world.host();
    const run = await world.run(outer({ [input]: value }), {}, [INNER]);
    const { failure } = world.state(run).byKey.get('sub') ?? {};
    expect(failure).toMatchObject({
      code: 'run_not_started',
      retry: 'final',
      message: expect.stringContaining(`input \`${input}\` holds the value of \`BELAY_TEST_TOKEN\``),
      hint: expect.stringContaining('declare `secrets: [BELAY_TEST_TOKEN]` in workflow `inner`'),
    });
    expect(innerRuns(world)).toEqual([]);
    expect(JSON.stringify(world.store.read(run))).not.toContain('s3cr3t');
  },
);

test('other inputs go through', async () => {
  const world = new World();
  world.host();
  await world.run(outer({ what: 'a harmless text', list: [{ more: 1 }] }), {}, [INNER]);
  expect(innerRuns(world)).toHaveLength(1);
});
