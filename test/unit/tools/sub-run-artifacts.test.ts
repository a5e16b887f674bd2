/** Artifacts of other runs as inputs of a workflow step: resolved when its run begins, as those of a call are. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = scratchBelay();
  const folder = join(scratch.folder, '.belay', 'workflows');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'reader.yaml'), READER);
  await scratch.run(MAKER);
});
afterAll(() => scratch.close());

const MAKER = {
  name: 'maker',
  checkpoints: false,
  steps: [{ id: 'make', command: 'printf forty-two > out.txt', outputs: { out: './out.txt' } }],
};

const READER = `
name: reader
checkpoints: false
inputs: { file: { type: file, required: true }, text: { type: string, default: "" } }
outputs: { text: "{{ steps.read.outputs.text }}", said: "{{ inputs.text }}" }
steps:
  - { id: read, command: "cat {{ inputs.file }}", outputs: { text: "{{ stdout }}" } }
`;

const reading = async (inputs: object, more: object = {}) =>
  viewOf(
    await scratch.call('workflow_execute', {
      definition: JSON.stringify({
        name: 'outer',
        checkpoints: false,
        inputs: { which: { type: 'string', default: 'latest' } },
        outputs: { text: '{{ steps.sub.outputs.text }}', said: '{{ steps.sub.outputs.said }}' },
        steps: [{ id: 'sub', workflow: 'reader', inputs }],
      }),
      wait_seconds: 60,
      ...more,
    }),
  );

test('a reference becomes the artifact, and the inner run says which one it was given', async () => {
  const view = await reading({
    file: 'artifact:maker/out@{{ inputs.which }}',
    text: 'artifact:as/text@latest',
  });
  expect(view, view.reason).toMatchObject({
    status: 'succeeded',
    outputs: { text: 'forty-two', said: 'artifact:as/text@latest' },
  });
  const { run_id: inner = '' } = view.steps[0] as { readonly run_id?: string };
  const read = scratch.belay.journal.read(inner);
  const [created] = read.ok ? read.value : [];
  expect(created?.event).toMatchObject({
    type: 'run.created',
    given: [{ input: 'file', reference: 'artifact:maker/out@latest', name: 'out', size: 9 }],
    inputs: { file: expect.stringMatching(/given\/[0-9a-f]{64}\/out\.txt$/) },
  });
});

test.each([
  ['an artifact that is not there', 'artifact:maker/none@latest', /has an artifact `none`; known: `out`/],
  ['a reference that is none', 'artifact:maker', /names no artifact/],
])('%s: no run is begun, and the step says why', async (_, file, message) => {
  const view = await reading({ file });
  expect(view.status).toBe('failed');
  expect(view.steps[0]?.error).toMatchObject({
    code: 'run_not_started',
    message: expect.stringMatching(message),
  });
  expect(scratch.belay.journal.runs({ limit: 10, workflow: 'reader' }).runs).toHaveLength(1);
});
