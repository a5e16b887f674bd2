/** Several processes add to one data folder at once, one of them is killed: what is there is whole, and there once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openLearning } from '../../../../src/store/learning/open-learning.ts';

const COUNT = 40;

test('sessions of all are kept once, in an order that only grows', async () => {
  const home = mkdtempSync(join(tmpdir(), 'belay-adders-'));
  const program = join(import.meta.dirname, 'adder.process.ts');
  const start = (name: string, count: number) => {
    const child = spawn(process.execPath, [program, home, name, String(count)], { stdio: 'inherit' });
    return { child, ended: once(child, 'exit') };
  };
  const [one, other, killed] = [start('one', COUNT), start('other', COUNT), start('killed', 100_000)];
  const store = openLearning(home, () => 0);
  const has = (name: string) => store.after(0, 10_000).some(({ key }) => key.startsWith(name));
  while (!has('killed:')) await setTimeout(5);
  killed.child.kill('SIGKILL');
  expect(await Promise.all([one.ended, other.ended])).toEqual([
    [0, null],
    [0, null],
  ]);
  await killed.ended;
  const sessions = store.after(0, 1_000_000);
  const keys = sessions.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const name of ['shared', 'one', 'other'])
    expect(keys.filter((key) => key.startsWith(`${name}:`)).length).toBeGreaterThanOrEqual(COUNT);
  expect(sessions.every(({ key, steps }) => steps.length === 1 && steps[0]?.command === `echo ${key}`)).toBe(
    true,
  );
  expect(store.head().steps).toBe(keys.length);
  store.close();
  rmSync(home, { recursive: true, force: true });
});
