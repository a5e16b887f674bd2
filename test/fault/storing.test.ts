/** Hosts that are killed while they store what a step hands out, or keep its result: nothing half is ever given out. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readDefinition } from '../../src/definition/read-definition.ts';
import { stepTypes } from '../../src/steps/catalogue.ts';
import { type Belay, openBelay } from '../../src/tools/belay.ts';
import type { RunView } from '../../src/tools/run-view-schema.ts';
import { statusTool } from '../../src/tools/status.tool.ts';
import { viewOf } from '../fixtures/view-of.ts';
import { newRun, scratchFolder, wasKilled, withStore } from './crash.ts';

const PROGRAM = join(import.meta.dirname, 'storing.process.ts');
const BYTES = 3_000_000;

interface Killed {
  readonly home: string;
  readonly cwd: string;
  /** Of the run that the host was killed over. */
  readonly runId: string;
  /** Another one of the same definition. */
  again(): string;
}

/** A host was killed in the middle of a file below `folder`, which the step had to be stored with. */
async function killedWhileStoring(step: object, folder: string, write: number): Promise<Killed> {
  const above = scratchFolder();
  const [home, cwd] = [join(above, 'home'), join(above, 'work')];
  mkdirSync(cwd);
  const command = `head -c ${BYTES} /dev/zero | tr '\\0' x > big; echo made >> made; cat made`;
  const value = { name: 'storing', checkpoints: false, steps: [{ id: 'make', command, ...step }] };
  const { workflow, diagnostics } = readDefinition({ value }, stepTypes);
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const again = () => withStore(home, (store) => newRun(store, workflow, cwd));
  const runId = again();
  const host = spawn(process.execPath, [PROGRAM, home, folder, String(write)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
  });
  // one that neither dies nor comes to an end would outlive the tests
  onTestFinished(() => void host.kill('SIGKILL'));
  expect(await wasKilled(host)).toBe(true);
  return { home, cwd, runId, again };
}

/** The next host on that home, in this process. */
function nextHost(home: string, drive = true): Belay {
  const opened = openBelay({ home, cwd: home, drive });
  if (!opened.ok) throw new Error(opened.error.message);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

async function viewIn(belay: Belay, runId: string, waitSeconds: number): Promise<RunView> {
  const context = {
    ...{ belay, signal: new AbortController().signal, caller: 'test', cwd: belay.home },
    ...{ human: false, canAsk: false, progress: () => {} },
  };
  return viewOf(await statusTool.run(context, { run_id: runId, wait_seconds: waitSeconds }));
}

const namesBelow = (folder: string): readonly string[] =>
  (readdirSync(folder, { recursive: true, withFileTypes: true }) as { name: string; isFile(): boolean }[])
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

test('an artifact: no half one is there, and the next host stores the whole', async () => {
  const { home, runId } = await killedWhileStoring({ outputs: { big: './big' } }, 'artifacts', 2);
  const looked = await viewIn(nextHost(home, false), runId, 0);
  expect(looked).toMatchObject({ status: 'running', artifacts: [], steps: [{ status: 'running' }] });
  expect(namesBelow(join(home, 'artifacts', 'tmp'))).toHaveLength(1);
  const belay = nextHost(home);
  const view = await viewIn(belay, runId, 60);
  expect(view, view.reason).toMatchObject({
    status: 'succeeded',
    artifacts: [{ name: 'big', size: BYTES }],
    steps: [{ attempts: 1 }],
  });
  const sha256 = view.artifacts[0]?.sha256 ?? '';
  const pieces: Uint8Array[] = [];
  // reading verifies: it throws where the bytes are not those of the name
  for await (const piece of (await belay.artifacts.read(sha256)) ?? []) pieces.push(piece);
  expect(Buffer.concat(pieces).equals(Buffer.alloc(BYTES, 'x'))).toBe(true);
});

test('a result that is kept: none is there, the run ends well, and a later one may be given what is whole', async () => {
  const step = { cache: { paths: ['big'] }, outputs: { said: '{{ trim(stdout) }}' } };
  const { home, cwd, runId, again } = await killedWhileStoring(step, 'cache', 5);
  const belay = nextHost(home);
  expect(belay.cache.list({ limit: 10 })).toEqual([]);
  expect(await viewIn(belay, runId, 60)).toMatchObject({ status: 'succeeded', steps: [{ attempts: 1 }] });
  const second = await viewIn(belay, again(), 60);
  expect(second, second.reason).toMatchObject({ status: 'succeeded' });
  rmSync(join(cwd, 'big'));
  const third = await viewIn(belay, again(), 60);
  expect(third).toMatchObject({ status: 'succeeded', steps: [{ status: 'cached' }] });
  expect(readFileSync(join(cwd, 'big')).equals(Buffer.alloc(BYTES, 'x'))).toBe(true);
});
