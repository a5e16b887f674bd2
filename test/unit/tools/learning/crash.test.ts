/** A process that dies between the end of a run and learning from it: the next one that asks has learned it, once. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLearning } from '../../../../src/store/learning/open-learning.ts';
import { openBelay } from '../../../../src/tools/belay.ts';

/** More than it takes. */
const LONG_MS = 60_000;

test('what a crash has left is learned by whoever asks next, once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-crash-'));
  const home = join(folder, 'home');
  const program = join(import.meta.dirname, 'crash.process.ts');
  const { signal, stderr } = spawnSync(process.execPath, [program, home, folder], { encoding: 'utf8' });
  expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
  const store = openLearning(home, () => 0);
  expect(store.head().steps).toBe(0);
  store.close();
  const opened = [0, 1].map(() => openBelay({ home, cwd: folder, drive: false }));
  const belays = opened.flatMap((each) => (each.ok ? [each.value] : []));
  for (const { learning } of [...belays, ...belays]) {
    await learning.catchUp(LONG_MS);
    const [session, ...others] = learning.store.after(0, 10);
    expect(session?.steps.map(({ command }) => command)).toEqual(['true before', 'true the-crash']);
    expect(others).toEqual([]);
  }
  expect(await belays[0]?.learning.forget({ pattern: 'the-crash' })).toMatchObject({ steps: 1, sessions: 0 });
  for (const belay of belays) belay.close();
  rmSync(folder, { recursive: true, force: true });
});
