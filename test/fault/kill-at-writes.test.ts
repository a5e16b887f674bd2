/** A host dies at a write of the journal, before it or after it: the next one finishes the run as if nothing had been. */
import { expect, test } from 'vitest';
import { CASES, type CaseName } from './cases.ts';
import { checkHome, crashHome, inParallel, type Kill, launch, wasKilled } from './crash.ts';

const WIDTH = 3;
/** More writes than any case has. */
const WRITES_MAX = 60;
/** More hosts than any case needs. */
const HOSTS_MAX = 80;
const ALL = Object.keys(CASES) as CaseName[];

/** One host dies there, the next one lives. */
async function dieOnce(name: CaseName, at: number, when: 'before' | 'after'): Promise<boolean> {
  const home = crashHome([name]);
  const killed = await wasKilled(launch(home, { at, when }));
  if (killed) expect(await wasKilled(launch(home))).toBe(false);
  checkHome(home);
  return killed;
}

/** Every host dies, the n-th one at the write that is said for it, until one comes to the end of the run without. */
async function dieAlways(name: CaseName, deathOf: (host: number) => Kill): Promise<number> {
  const home = crashHome([name]);
  for (let kills = 0; kills < HOSTS_MAX; kills += 1) {
    if (await wasKilled(launch(home, deathOf(kills)))) continue;
    checkHome(home);
    return kills;
  }
  throw new Error(`${name} did not get on`);
}

test.each([
  ['chain', 5],
  ['wide', 8],
  ['asking', 5],
  ['nested', 8],
] as const)(
  '%s: one death at each write, before and after',
  async (name, writesMin) => {
    const deaths = { before: 0, after: 0 };
    const work = async (when: 'before' | 'after') => {
      // the first write that no host comes to is the end of the list
      for (let at = 1; at < WRITES_MAX; at += 1) {
        if (!(await dieOnce(name, at, when))) return;
        deaths[when] += 1;
      }
    };
    await Promise.all([work('before'), work('after')]);
    expect(Math.min(deaths.before, deaths.after)).toBeGreaterThanOrEqual(writesMin);
  },
  300_000,
);

test('every host dies, sooner or later after its first append', async () => {
  const jobs = ALL.flatMap((name) => [
    () => dieAlways(name, (host) => ({ at: 3 + (host % 2), when: 'after' })),
    () => dieAlways(name, (host) => ({ at: 3 + (host % 3), when: 'before' })),
  ]);
  const deaths = await inParallel(WIDTH, jobs);
  expect(sum(deaths)).toBeGreaterThanOrEqual(25);
}, 300_000);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
