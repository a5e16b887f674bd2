/** Several real processes on one home: nothing is lost, nothing happens twice, whatever dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, mkdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { start } from '../../contract/journal.fixture.ts';
import { opened, scratch } from './store.fixture.ts';

const HOSTS = ['a', 'b', 'c', 'd'];
const PROGRAM = join(import.meta.dirname, 'writer.process.ts');

function launch(home: string, task: string, host: string, count: number): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, home, task, host, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** The lines that a process said, once it has ended; `stopAfter` lines it is killed. */
async function lines(child: ChildProcess, stopAfter = Number.POSITIVE_INFINITY): Promise<string[]> {
  const said: string[] = [];
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout! })) {
    said.push(line);
    if (said.length === stopAfter) child.kill('SIGKILL');
  }
  await closed;
  return said;
}

const together = (home: string, task: string, count: number): Promise<string[][]> =>
  Promise.all(HOSTS.map((host) => lines(launch(home, task, host, count))));

function events(store: Store, runId: string) {
  const read = store.read(runId);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

test('four processes append to one run: nothing lost, the chain holds', async () => {
  const home = scratch();
  const store = opened(home);
  start(store, 'shared');
  const said = await together(home, 'share', 40);
  const acknowledged = said.flat().map(Number);
  expect(acknowledged.sort((x, y) => x - y)).toEqual(Array.from({ length: 160 }, (_, i) => i + 2));
  expect(events(store, 'shared')).toHaveLength(161);
});

test('claims: exactly one winner each epoch', async () => {
  const home = scratch();
  const store = opened(home);
  for (let i = 0; i < 5; i++) start(store, `run${i}`);
  const said = await together(home, 'claim', 50);
  const won = said.flatMap((list, i) => list.map((line) => `${line} ${HOSTS[i]}`));
  const journaled = [0, 1, 2, 3, 4].flatMap((i) => {
    const claims = events(store, `run${i}`).slice(1);
    expect(claims.map((event) => event.epoch)).toEqual(claims.map((_, place) => place + 1));
    return claims.map((event) => `${event.run_id} ${event.epoch} ${event.host}`);
  });
  expect(won.sort()).toEqual(journaled.sort());
});

test('a fresh home opened by four at once, and one key makes one run', async () => {
  const home = join(scratch(), 'fresh');
  const said = await together(home, 'key', 1);
  expect(said.flat()).toHaveLength(4);
  expect(new Set(said.flat()).size).toBe(1);
  expect(opened(home).runs({ limit: 9 }).runs).toHaveLength(1);
});

test('kill -9 at any time: every acknowledged event is there, and the next host takes over at once', async () => {
  const home = scratch();
  const store = opened(home);
  start(store, 'shared');
  for (const [i, count] of [1, 23, 60, 7, 35, 90].entries()) {
    const said = await lines(launch(home, 'write', `host${i}`, 0), count);
    expect(said.length).toBeGreaterThanOrEqual(count);
    expect(events(store, 'shared').length).toBeGreaterThanOrEqual(Number(said.at(-1)));
    expect(store.run('shared')).toMatchObject({ epoch: i + 1 });
  }
});

test('a torn write-ahead log costs the torn end only', async () => {
  const home = scratch();
  const first = openStore(home);
  if (!first.ok) throw new Error(first.error.message);
  start(first.value, 'shared');
  first.value.close();
  const said = await lines(launch(home, 'write', 'a', 40));
  const whole = statSync(join(home, 'belay.db-wal')).size;
  const copy = (name: string): string => {
    const folder = join(home, name);
    mkdirSync(folder);
    for (const file of ['belay.db', 'belay.db-wal']) copyFileSync(join(home, file), join(folder, file));
    return folder;
  };
  for (const cut of [whole - 1, whole - 4_000, whole - 9_999, Math.trunc(whole / 2), 5_000, 20]) {
    const torn = copy(`cut-${cut}`);
    truncateSync(join(torn, 'belay.db-wal'), cut);
    const store = opened(torn);
    expect(events(store, 'shared').at(-1)?.seq).toBe(store.run('shared')?.seq);
    expect(store.integrity()).toMatchObject({ database: [], damaged: [] });
  }
  const longer = copy('longer');
  appendFileSync(join(longer, 'belay.db-wal'), Buffer.alloc(5_000, 7));
  expect(events(opened(longer), 'shared').at(-1)?.seq).toBe(Number(said.at(-1)));
});
