/** Hosts that drive all cases at once die at any moment; whoever comes last finds everything done, and done once. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { CASES, type CaseName } from './cases.ts';
import { checkHome, crashHome, inParallel, launch, wasKilled } from './crash.ts';

const KILLS_MIN = 100;
const LIFE_MS_MAX = 150;
const WIDTH = 2;
const ALL = Object.keys(CASES) as CaseName[];

/** Kills every host after a moment of life until all runs have ended; says how many died. */
async function dieAtRandom(): Promise<number> {
  const home = crashHome(ALL);
  for (let kills = 0; ; kills += 1) {
    const child = launch(home);
    const ended = wasKilled(child);
    await Promise.race([once(child.stdout!, 'data'), ended]);
    const death = setTimeout(() => child.kill('SIGKILL'), Math.random() * LIFE_MS_MAX);
    const killed = await ended;
    clearTimeout(death);
    if (killed) continue;
    checkHome(home);
    return kills;
  }
}

test('kill -9 at any moment', async () => {
  let kills = 0;
  const work = async () => {
    while (kills < KILLS_MIN) kills += await dieAtRandom();
  };
  await inParallel(
    WIDTH,
    Array.from({ length: WIDTH }, () => work),
  );
  expect(kills).toBeGreaterThanOrEqual(KILLS_MIN);
}, 600_000);
