/** Who follows the lists is told of workflows that turn up, and of nothing that was there when the lists were seen. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ok } from '../../../src/engine/core/failure.ts';
import { LibraryWatch } from '../../../src/mcp/library-watch.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

let scratch: Scratch;
let watch: LibraryWatch;
const leaving = new AbortController();
beforeEach(() => {
  scratch = scratchBelay();
  watch = new LibraryWatch(async () => ok(scratch.belay), leaving.signal, 20);
});
afterEach(() => scratch.close());

function write(name: string): void {
  const folder = join(scratch.folder, '.belay', 'workflows');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.yaml`), `name: ${name}\nsteps:\n  - command: "true"\n`);
}

function told() {
  const calls: string[] = [];
  return { calls, stop: watch.follow(() => calls.push('changed')) };
}

it.each([true, false])('tells who follows, also who has seen the lists before (%s)', async (before) => {
  write('old');
  if (before) await watch.note();
  const { calls, stop } = told();
  await watch.note();
  write('fresh');
  await expect.poll(() => calls.length, { timeout: 10_000 }).toBe(1);
  stop();
});

it('tells who saw the lists first and follows then, without another look', async () => {
  await watch.note();
  const { calls, stop } = told();
  await new Promise((resolve) => setImmediate(resolve));
  write('fresh');
  await expect.poll(() => calls.length, { timeout: 10_000 }).toBe(1);
  stop();
});
