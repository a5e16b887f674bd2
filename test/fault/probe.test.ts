import { expect, test } from 'vitest';
import { checkHome, crashHome, launch, wasKilled } from './crash.ts';
import { CASES, type CaseName } from './cases.ts';

test('no kill', async () => {
  const home = crashHome(Object.keys(CASES) as CaseName[]);
  const t = Date.now();
  expect(await wasKilled(launch(home))).toBe(false);
  console.log('ms', Date.now() - t);
  const t2 = Date.now();
  expect(await wasKilled(launch(home, {at: 1, when: 'before'}))).toBe(false);
  console.log('ms', Date.now() - t2);
  checkHome(home);
});
