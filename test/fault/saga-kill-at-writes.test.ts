/**
 * A host dies at a write of the journal while it drives a saga or takes it back, before it or after it: the next one
 * finishes as if nothing had been.
 */
import { expect, test } from 'vitest';
import { inParallel, type Kill, launch, wasKilled } from './crash.ts';
import type { SagaName } from './saga-cases.ts';
import { checkSagas, sagaHome } from './saga-home.ts';

const WIDTH = 3;
/** More writes than the saga has, and more hosts than any of them needs. */
const WRITES_MAX = 100;
const HOSTS_MAX = 120;

/** One host dies there, the next one lives. */
async function dieOnce(name: SagaName, kill: Kill): Promise<boolean> {
  const home = sagaHome([name]);
  const killed = await wasKilled(launch(home, kill));
  if (killed) expect(await wasKilled(launch(home))).toBe(false);
  checkSagas(home);
  return killed;
}

test.each([
  ['captured-state', 10],
  ['undo-of-publish-mended', 18],
  ['a-branch-fails-beside-others', 6],
  ['back-and-on-to-success', 15],
] as const)(
  '%s: one death at each write, before and after',
  async (name, writesMin) => {
    const deaths = { before: 0, after: 0 };
    const work = async (when: 'before' | 'after') => {
      // the first write that no host comes to is the end of the list
      for (let at = 1; at < WRITES_MAX; at += 1) {
        if (!(await dieOnce(name, { at, when }))) return;
        deaths[when] += 1;
      }
    };
    await Promise.all([work('before'), work('after')]);
    expect(Math.min(deaths.before, deaths.after)).toBeGreaterThanOrEqual(writesMin);
  },
  300_000,
);

/** Every host dies, the n-th one at the write that is said for it, until one comes to the end without. */
async function dieAlways(name: SagaName, deathOf: (host: number) => Kill): Promise<number> {
  const home = sagaHome([name]);
  for (let kills = 0; kills < HOSTS_MAX; kills += 1) {
    if (await wasKilled(launch(home, deathOf(kills)))) continue;
    checkSagas(home);
    return kills;
  }
  throw new Error(`${name} did not get on`);
}

const REPRESENTATIVES: readonly SagaName[] = [
  'wide-run',
  'undo-of-account-fails',
  'immediate-while-files-are-written',
  'back-and-forth-and-all-back',
  'manual-all-carried-out',
  'resumed-then-taken-back',
];

test('every host dies, behind its first appends or before its second one', async () => {
  const jobs = REPRESENTATIVES.flatMap((name) => [
    // before the second one all that the first asked for is under way; behind each first one nothing would ever be
    () => dieAlways(name, () => ({ at: 3, when: 'before' })),
    () => dieAlways(name, (host) => ({ at: 2 + (host % 3), when: 'after' })),
  ]);
  const deaths = await inParallel(WIDTH, jobs);
  for (const count of deaths) expect(count).toBeGreaterThanOrEqual(5);
}, 300_000);
