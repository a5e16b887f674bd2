/** Mcp steps in whole runs: through the tools as a client calls them, and over the death of a host. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { scratchBelay } from '../../../fixtures/scratch-belay.ts';
import { viewOf } from '../../../fixtures/view-of.ts';
import { World } from '../../engine/host/world.ts';
import { installed, odd, until } from './calling.ts';
import { oddSite } from './odd-site.ts';

afterEach(() => vi.unstubAllEnvs());

function scratch() {
  const made = scratchBelay();
  onTestFinished(() => made.close());
  return made;
}

test('servers join a workflow: what one gives, the next step and another server take', async () => {
  vi.stubEnv('NOTES_TOKEN', 'very-secret-token');
  const { folder, context, call } = scratch();
  writeFileSync(join(folder, 'notes.txt'), 'climb more\n');
  const { url, seen } = await oddSite();
  const definition = {
    name: 'join',
    inputs: { file: { type: 'string', default: 'notes.txt' } },
    secrets: ['NOTES_TOKEN'],
    steps: [
      {
        id: 'read',
        type: 'mcp',
        server: installed('filesystem', '{{ run.cwd }}'),
        tool: 'read_text_file',
        arguments: { path: '{{ run.cwd }}/{{ inputs.file }}' },
      },
      {
        id: 'tell',
        type: 'mcp',
        server: { url, headers: { authorization: 'Bearer {{ env.NOTES_TOKEN }}' } },
        tool: 'greet',
        arguments: { name: '{{ trim(steps.read.outputs.structured.content) }}', times: '{{ size([1, 2]) }}' },
        outputs: {
          said: '{{ outputs.structured.given.name }}',
          times: '{{ outputs.structured.given.times }}',
        },
      },
      { id: 'keep', command: 'echo "{{ tell.outputs.said }}" > kept' },
    ],
    outputs: { said: '{{ tell.outputs.said }}', times: '{{ tell.outputs.times }}' },
  };
  const view = viewOf(
    await call('workflow_execute', { definition: JSON.stringify(definition), wait_seconds: 60 }),
  );
  expect(view, view.reason).toMatchObject({ status: 'succeeded', outputs: { said: 'climb more', times: 2 } });
  expect(readFileSync(join(folder, 'kept'), 'utf8')).toBe('climb more\n');
  expect(seen[0]?.headers.authorization).toBe('Bearer very-secret-token');
  const read = context.belay.journal.read(view.run_id);
  const journaled = JSON.stringify(read.ok && read.value.map(({ event }) => event));
  expect(journaled).not.toContain('very-secret-token');
});

test('a question of a server goes to a person, and the answer back', async () => {
  const world = new World();
  world.host();
  const { url } = await oddSite();
  const order = { id: 'order', type: 'mcp', server: { url }, tool: 'order' };
  const run = await world.run({ steps: [order], outputs: { got: '{{ order.outputs.text }}' } });
  await world.until(() => world.state(run).questions.size > 0);
  const [question] = [...world.state(run).questions.values()];
  expect(question).toMatchObject({ kind: 'input', askedOf: 'human', status: 'open' });
  expect(question?.prompt).toMatch(/^server `odd` at `http:.*` asks: What will it be\?$/);
  const answer = { name: 'Ann', extras: 'milk' };
  await world.ask(run, { type: 'question.answered', question: question?.id ?? '', answer, by: 'ann' });
  await world.until(() => world.status(run) === 'succeeded');
  const { got } = world.state(run).outputs as { readonly got: string };
  expect(JSON.parse(got).content).toEqual({ name: 'Ann', extras: ['milk'], count: 1 });
});

test('a plan starts no server, and a run leaves what can be pinned', async () => {
  const { call } = scratch();
  const { url, seen } = await oddSite();
  const definition = (pin?: string) => {
    const greet = {
      id: 'greet',
      type: 'mcp',
      server: { url },
      tool: 'greet',
      arguments: { name: 'Ann' },
      pin,
    };
    return JSON.stringify({
      name: 'pinned',
      steps: [greet],
      outputs: { pin: '{{ greet.outputs.definition_pin }}' },
    });
  };
  const plan = await call('workflow_execute', { definition: definition(), dry_run: true });
  expect(JSON.stringify(plan)).toContain('its definition is not pinned');
  expect(seen).toEqual([]);
  const first = viewOf(await call('workflow_execute', { definition: definition(), wait_seconds: 60 }));
  const { pin } = first.outputs as { readonly pin: string };
  const second = viewOf(await call('workflow_execute', { definition: definition(pin), wait_seconds: 60 }));
  expect(second).toMatchObject({ status: 'succeeded', outputs: { pin } });
  const other = pin.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  const third = viewOf(await call('workflow_execute', { definition: definition(other), wait_seconds: 60 }));
  expect(third).toMatchObject({ status: 'failed', steps: [{ error: { code: 'definition_changed' } }] });
});

test('a host dies in the middle of a call: nothing is called again in silence', async () => {
  const world = new World();
  const first = world.host();
  const { url, seen } = await oddSite();
  const calls = () => seen.filter(({ body }) => body.includes('"tools/call"')).length;
  const run = await world.run({ steps: [{ id: 'hang', type: 'mcp', server: { url }, tool: 'hang' }] });
  await until(() => calls() === 1);
  first.die();
  world.host();
  await world.until(() => world.status(run) === 'paused');
  expect(world.steps(run)).toEqual({ hang: 'interrupted' });
  expect(calls()).toBe(1);
});

test('a step that runs out of time ends its server with it', async () => {
  const { call } = scratch();
  const hang = { id: 'hang', type: 'mcp', server: odd('plain'), tool: 'hang', timeout: '1s' };
  const definition = JSON.stringify({ name: 'late', steps: [hang] });
  const view = viewOf(await call('workflow_execute', { definition, wait_seconds: 60 }));
  expect(view).toMatchObject({ status: 'failed', steps: [{ error: { code: 'timeout' } }] });
});
