/** Values that are nested thousands of times, from wherever they come: the step says so, and the run does not get stuck. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';
import { web } from '../steps/http/web.ts';

const DEPTH = 5_000;
let scratch: Scratch;
beforeAll(() => {
  scratch = scratchBelay();
});
afterAll(() => scratch.close());

const site = () =>
  web((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('['.repeat(DEPTH) + ']'.repeat(DEPTH));
  });

const shell = `head -c ${DEPTH} /dev/zero | tr '\\0' '['; head -c ${DEPTH} /dev/zero | tr '\\0' ']'`;

test.each<[string, (origin: string) => object, object]>([
  [
    'an answer over HTTP stays a text',
    (origin) => ({ type: 'http', url: `${origin}/` }),
    { status: 'succeeded', outputs: { body: expect.stringMatching(/^\[/) } },
  ],
  [
    'an answer that an output reads',
    (origin) => ({ type: 'http', url: `${origin}/`, outputs: { a: '{{ outputs.json }}' } }),
    {
      status: 'failed',
      error: { code: 'not_json', message: expect.stringContaining('nested more than 200 levels') },
    },
  ],
  [
    'JSON that an expression reads',
    () => ({ command: shell, outputs: { a: '{{ json(stdout) }}' } }),
    {
      status: 'failed',
      error: { code: 'expression', message: expect.stringContaining('nested more than 200 levels') },
    },
  ],
])('%s', async (_, stepOf, expected) => {
  const { origin } = await site();
  const definition = { name: 'deep', checkpoints: false, steps: [{ id: 'a', ...stepOf(origin) }] };
  const given = { definition: JSON.stringify(definition), wait_seconds: 50 };
  const view = viewOf(await scratch.call('workflow_execute', given));
  expect(view.steps, view.reason).toMatchObject([expected]);
});

test('an output that has grown too deep from step to step', async () => {
  const list = (id: string, of: string) => ({ id, type: 'set', values: { v: of } });
  const wrap = '['.repeat(45);
  const closed = ']'.repeat(45);
  const names = ['a', 'b', 'c', 'd', 'e'];
  const steps = names.map((id, at) =>
    list(id, `{{ ${wrap}${at === 0 ? '1' : `steps.${names[at - 1]}.outputs.v`}${closed} }}`),
  );
  const definition = { name: 'grown', checkpoints: false, steps };
  const given = { definition: JSON.stringify(definition), wait_seconds: 50 };
  const view = viewOf(await scratch.call('workflow_execute', given));
  expect(view.steps.map(({ error }) => error?.code)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    'output_too_large',
  ]);
});
