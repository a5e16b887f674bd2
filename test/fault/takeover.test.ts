/** A host that stands still past its lease loses its run; when it goes on, it writes nothing and starts nothing. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { JournalEvent } from '../../src/engine/core/events.ts';
import { type CrashHome, checkHome, crashHome, eventsOf, launch, wasKilled } from './crash.ts';

/** Looks again and again until something is there. */
async function seen<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await pause(5);
  }
}

const claims = (events: readonly JournalEvent[]): string[] =>
  events.flatMap(({ event }) => (event.type === 'run.claimed' ? [event.host] : []));

/** The leases of all hosts are over, whatever their clocks say. */
function endLeases(home: CrashHome): void {
  const db = new DatabaseSync(join(home.folder, 'belay.db'), { timeout: 5_000 });
  db.exec('UPDATE hosts SET expires_at = 0');
  db.close();
}

/** A host that stands still at a write of the journal, and whose lease is over. */
async function stoppedHost(home: CrashHome, at: number, when: 'before' | 'after'): Promise<ChildProcess> {
  const host = launch(home, { at, when, signal: 'SIGSTOP' });
  const state = () => spawnSync('ps', ['-o', 'stat=', '-p', String(host.pid)], { encoding: 'utf8' }).stdout;
  await seen(() => (state().startsWith('T') ? true : undefined));
  endLeases(home);
  return host;
}

test.each([2, 3, 4, 6, 8].flatMap((at) => [{ at, when: 'before' } as const, { at, when: 'after' } as const]))(
  'stopped $when write $at, taken over, continued at once',
  async ({ at, when }) => {
    const home = crashHome(['wide']);
    const first = await stoppedHost(home, at, when);
    const second = launch(home);
    const heir = await seen(() => claims(eventsOf(home))[1]);
    // the run is the second one's from here: the first wakes up beside it
    const ends = [wasKilled(first), wasKilled(second)];
    first.kill('SIGCONT');
    expect(await Promise.all(ends)).toEqual([false, false]);
    checkHome(home);
    const events = eventsOf(home);
    expect(claims(events)).toHaveLength(2);
    const since = events.slice(events.findIndex(({ host }) => host === heir));
    expect(new Set(since.map(({ host }) => host))).toEqual(new Set([heir]));
  },
);

test('stopped, and continued only when the run is over', async () => {
  const home = crashHome(['chain']);
  const first = await stoppedHost(home, 3, 'after');
  expect(await wasKilled(launch(home))).toBe(false);
  const before = eventsOf(home);
  const end = wasKilled(first);
  first.kill('SIGCONT');
  expect(await end).toBe(false);
  expect(eventsOf(home)).toEqual(before);
  checkHome(home);
});
