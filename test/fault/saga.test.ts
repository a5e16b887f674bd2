/** Every saga without kills: what it comes to is what is expected of it. */
import { beforeAll, expect, test } from 'vitest';
import { launch, wasKilled } from './crash.ts';
import { SAGA_NAMES } from './saga-cases.ts';
import { checkSagas, sagaHome } from './saga-home.ts';

const home = sagaHome(SAGA_NAMES);
beforeAll(async () => expect(await wasKilled(launch(home))).toBe(false), 120_000);

test.each(home.runs)('$name', (run) => {
  checkSagas({ ...home, runs: [run] });
});
