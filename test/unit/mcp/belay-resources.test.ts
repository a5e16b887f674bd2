import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { belayResources } from '../../../src/mcp/belay-resources.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

const MEBIBYTE = 1024 * 1024;

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

const look = (uri: string) => belayResources(async () => ok(scratch.belay)).read(uri);

async function read(uri: string): Promise<{ mimeType: string; text: string } | undefined> {
  const found = await look(uri);
  if (found?.blob !== undefined) throw new Error(`${uri} is no text`);
  return found;
}

test('of a log over a mebibyte the end is read', async () => {
  const command = 'head -c 2000000 /dev/zero | tr "\\0" x; printf "\\nthe end\\n"';
  const { run_id } = await scratch.run({ name: 'long', steps: [{ id: 'a', command }] });
  const log = await read(`belay://runs/${run_id}/steps/a/log`);
  expect(log?.text).toBe('the end\n');
});

test('a shorter log is read whole', async () => {
  const { run_id } = await scratch.run({
    name: 'short',
    steps: [{ id: 'a', foreach: [1, 2], command: 'seq 3' }],
  });
  const log = await read(`belay://runs/${run_id}/steps/${encodeURIComponent('a[1]')}/log`);
  expect(log?.text).toBe('1\n2\n3\n');
});

test('a run of long outputs is read up to a mebibyte', async () => {
  const steps = Array.from({ length: 8 }, (_, n) => ({
    id: `s${n}`,
    type: 'set',
    values: { big: '{{ inputs.text }}' },
  }));
  const inputs = { text: { default: 'x'.repeat(60_000) } };
  const { run_id } = await scratch.run({ name: 'big', inputs, steps });
  const run = await read(`belay://runs/${run_id}`);
  expect(run?.text.length).toBeGreaterThan(8 * 60_000);
  expect(run?.text.length).toBeLessThanOrEqual(MEBIBYTE);
});

test('a workflow is read by name', async () => {
  const folder = join(scratch.folder, '.belay', 'workflows');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'mine.yaml'), 'name: mine\nsteps: [{ id: a, command: "true" }]\n');
  expect((await read('belay://workflows/mine'))?.text).toContain('name: mine');
});

test.each([
  'belay://runs/%E0%A4%A',
  'belay://runs/%ZZ/steps/a/log',
  'belay://runs/r-1/steps/%/log',
  'belay://workflows/%',
  'belay://runs/r-none',
])('%s names nothing', async (uri) => {
  expect(await read(uri)).toBeUndefined();
});

const artifact = (command: string, outputs: object) =>
  scratch.run({ name: 'maker', checkpoints: false, steps: [{ id: 'make', command, outputs }] });

test('an artifact is read as text where it is text, else as bytes', async () => {
  const { run_id } = await artifact('echo käse > a.txt; printf "\\377\\000" > b.bin', {
    text: './a.txt',
    bytes: './b.bin',
  });
  expect(await look(`belay://runs/${run_id}/artifacts/text`)).toEqual({
    mimeType: 'text/plain',
    text: 'käse\n',
  });
  expect(await look(`belay://runs/${run_id}/artifacts/bytes`)).toEqual({
    mimeType: 'application/octet-stream',
    blob: '/wA=',
  });
  expect(await look(`belay://runs/${run_id}/artifacts/none`)).toBeUndefined();
});

test('an artifact over a mebibyte is refused with its size and the way to it', async () => {
  const { run_id } = await artifact('head -c 2000000 /dev/zero > large', { large: './large' });
  await expect(look(`belay://runs/${run_id}/artifacts/large`)).rejects.toThrow(
    `artifact \`large\` of run \`${run_id}\` has 1.9 MB, a resource at most 1 MB; copy it with \`belay artifacts get ${run_id} large -o FILE\``,
  );
});

test('an artifact that was removed says so', async () => {
  const { run_id } = await artifact('echo x > x', { x: './x' });
  scratch.belay.journal.artifacts.drop([{ runId: run_id, kind: 'made', name: 'x' }]);
  await expect(look(`belay://runs/${run_id}/artifacts/x`)).rejects.toThrow('is no longer stored');
});

test('the report of a run is read as Markdown', async () => {
  const { run_id } = await artifact('echo x > x', { x: './x' });
  const report = await read(`belay://runs/${run_id}/report`);
  expect(report?.mimeType).toBe('text/markdown');
  expect(report?.text).toMatch(/^# maker 1: succeeded\n/);
});
