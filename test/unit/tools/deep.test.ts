import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';
import { web } from '../steps/http/web.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());
test.each([2_000, 5_000, 10_000, 100_000])('%d', async (depth) => {
  const deep = '['.repeat(depth) + ']'.repeat(depth);
  const { origin } = await web((_, response) => response.end(deep));
  for (const step of [
    { id: 'a', type: 'http', url: `${origin}/` },
    { id: 'a', type: 'http', url: `${origin}/`, outputs: { a: '{{ outputs.json }}' } },
    { id: 'a', command: `head -c ${depth} /dev/zero | tr '\\0' '['; head -c ${depth} /dev/zero | tr '\\0' ']'`, outputs: { a: '{{ parse_json(stdout) }}' } },
  ]) {
    const definition = { name: 'deep', checkpoints: false, steps: [step] };
    const answer = await scratch.call('workflow_execute', { definition: JSON.stringify(definition), wait_seconds: 20 });
    try {
      const view = viewOf(answer);
      console.log(depth, view.status, view.reason?.slice(0, 200), view.steps[0]?.error?.code, view.steps[0]?.warnings);
    } catch (error) {
      console.log(depth, String(error).slice(0, 300));
    }
  }
});
