/** Hosts that drive all sagas at once die at any moment; whoever comes last finds all of them ended as they must. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { inParallel, launch, wasKilled } from './crash.ts';
import { SAGA_NAMES } from './saga-cases.ts';
import { checkSagas, type SagaHome, sagaHome } from './saga-home.ts';

/** Of each home; the next host lives. */
const KILLS_MAX = 30;
const LIFE_MS_MAX = 500;
const HOMES = 2;

/** Kills hosts after a moment of life; says how many died. */
async function dieAtRandom(home: SagaHome): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    const child = launch(home);
    const ended = wasKilled(child);
    await Promise.race([once(child.stdout!, 'data'), ended]);
    const kill = () => child.kill('SIGKILL');
    const death = kills < KILLS_MAX ? setTimeout(kill, Math.random() * LIFE_MS_MAX) : undefined;
    const killed = await ended;
    clearTimeout(death);
    if (killed) continue;
    checkSagas(home);
    return kills;
  }
}

test('kill -9 at any moment', async () => {
  const jobs = Array.from({ length: HOMES }, () => () => dieAtRandom(sagaHome(SAGA_NAMES)));
  const kills = await inParallel(HOMES, jobs);
  for (const count of kills) expect(count).toBeGreaterThanOrEqual(5);
}, 300_000);
