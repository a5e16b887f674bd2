/**
 * Runs on a small disk of its own, where the data folder lies and nothing else: a step hands out a file, another one keeps
 * its result, and there is no room for either; then there is. Arguments: folder of the disk, and where runs work.
 * Prints one JSON document.
 */
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBelay } from '../../src/tools/belay.ts';
import { tool } from '../../src/tools/catalogue.ts';
import type { RunView } from '../../src/tools/run-view-schema.ts';

/** Larger than what is left, which is enough for journals and logs. */
const FILE_BYTES = 3_000_000;
const LEFT_BYTES = 1_500_000;

const [disk = '', cwd = ''] = process.argv.slice(2);
const opened = openBelay({ home: join(disk, 'home'), cwd, drive: true });
if (!opened.ok) throw new Error(opened.error.message);
const belay = opened.value;

async function call(name: string, args: object): Promise<RunView> {
  const context = {
    ...{ belay, signal: new AbortController().signal, caller: 'test', cwd },
    ...{ human: false, canAsk: false, progress: () => {} },
  };
  const found = tool(name);
  const answer = await found?.run(context, found.input.parse(args));
  if (answer?.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.structured as unknown as RunView;
}

const make = `head -c ${FILE_BYTES} /dev/zero | tr '\\0' x > big`;
const definition = JSON.stringify({
  name: 'full',
  checkpoints: false,
  steps: [
    { id: 'keep', command: make, cache: { paths: ['big'] } },
    { id: 'hand-out', command: make, outputs: { big: './big' } },
    { id: 'after', command: 'true' },
  ],
});

const ballast = join(disk, 'ballast');
const { bavail, bsize } = statfsSync(disk);
writeFileSync(ballast, Buffer.alloc(bavail * bsize - LEFT_BYTES));
const full = await call('workflow_execute', { definition, wait_seconds: 60 });
const kept = belay.cache.list({ limit: 10 }).length;
const events = belay.journal.read(full.run_id);
rmSync(ballast);
const resumed = await call('workflow_resume', { run_id: full.run_id, wait_seconds: 60 });
let bytes = 0;
for await (const piece of (await belay.artifacts.read(resumed.artifacts[0]?.sha256 ?? '')) ?? [])
  bytes += piece.length;
const again = await call('workflow_execute', { definition, wait_seconds: 60 });
const third = await call('workflow_execute', { definition, wait_seconds: 60 });
belay.close();
console.log(
  JSON.stringify({
    full: { status: full.status, steps: full.steps.map(({ status }) => status), error: full.steps[1]?.error },
    ...{ kept, isReadable: events.ok, bytes },
    resumed: { status: resumed.status, steps: resumed.steps.map(({ status }) => status) },
    again: again.status,
    cached: third.steps[0]?.status,
  }),
);
