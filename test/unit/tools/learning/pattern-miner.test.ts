/** Patterns outlive the process that found them, and go with what is forgotten. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LearningStore, openLearning } from '../../../../src/store/learning/open-learning.ts';
import { PatternMiner } from '../../../../src/tools/learning/pattern-miner.ts';
import { ownCatalogue } from '../../../../src/tools/step-catalogue.ts';

/** More than any of these takes. */
const LONG_MS = 60_000;
const OTHERS = ['uname', 'hostname', 'tty', 'env', 'id', 'arch'];
let home = '';
const open: (() => void)[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-patterns-'));
});

afterEach(() => {
  for (const close of open.splice(0)) close();
  rmSync(home, { recursive: true, force: true });
});

/** As another process would have it. */
function opened(): { readonly store: LearningStore; readonly miner: PatternMiner } {
  const store = openLearning(home, Date.now);
  const miner = new PatternMiner(store, ownCatalogue());
  open.push(
    () => miner.close(),
    () => store.close(),
  );
  return { store, miner };
}

const sessions = (name: string, count: number, commands: (at: number) => readonly string[]) =>
  Array.from({ length: count }, (_, at) => ({
    key: `${name}-${at}`,
    source: `import:${name}`,
    at,
    project: '',
    steps: [OTHERS[at % 6] as string, ...commands(at), OTHERS[(at + 2) % 6] as string].map((command) => ({
      command,
      exitCode: 0,
    })),
  }));

const RELEASE = sessions('first', 8, (at) => [
  `git checkout -b release-${at}`,
  'cargo build --release',
  `git tag v1.${at}.0`,
]);

test('what one process has mined the next one knows at once, by its id too, and without mining', async () => {
  const first = opened();
  first.store.add(RELEASE);
  const { patterns, sessions: searched } = await first.miner.patterns(LONG_MS);
  expect(searched).toBe(8);
  expect(patterns[0]).toMatchObject({ seen: 8, mined: ['git checkout', 'cargo build', 'git tag'] });
  expect(patterns[0]?.begun).toEqual([8, 8]);
  expect(patterns[0]?.definition).toMatchObject({
    name: 'branch-build-and-tag',
    inputs: { branch: { required: true }, tag: { required: true } },
  });
  const { miner, store } = opened();
  expect(await miner.patterns(0)).toEqual({ patterns, sessions: 8 });
  // a longer log is mined again, by who asks for it first
  store.add(sessions('second', 8, (at) => ['make lint', `make test-${at % 2}`, 'make dist']));
  expect((await miner.patterns(LONG_MS)).sessions).toBe(16);
  expect((await opened().miner.patterns(0)).sessions).toBe(16);
  expect(await miner.pattern(patterns[0]?.id ?? '', 0)).toEqual(patterns[0]);
});

test('a pattern that is no longer found can still be had by the id under which it was shown', async () => {
  const first = opened();
  first.store.add(RELEASE);
  const [shown] = (await first.miner.patterns(LONG_MS)).patterns;
  // long ago it came, and it does not any more
  first.store.add(sessions('other', 60, (at) => [`npm run lint`, `npm test`, `npm run e2e-${at % 7}`]));
  const { miner } = opened();
  const { patterns } = await miner.patterns(LONG_MS, true);
  expect(patterns.map(({ id }) => id)).not.toContain(shown?.id);
  expect(await miner.pattern(shown?.id ?? '', LONG_MS)).toEqual(shown);
  expect(await miner.pattern('p-000000000000', LONG_MS)).toBeUndefined();
});

test('what is forgotten is in no pattern, and in no file', async () => {
  const { store, miner } = opened();
  store.add(RELEASE);
  const [shown] = (await miner.patterns(LONG_MS)).patterns;
  store.forget({ pattern: 'release' });
  expect(await miner.pattern(shown?.id ?? '', LONG_MS)).toBeUndefined();
  expect((await miner.patterns(LONG_MS, true)).patterns).toEqual([]);
  const files = readdirSync(home).filter((name) => name.startsWith('learning.db'));
  const bytes = files.map((name) => readFileSync(join(home, name), 'latin1')).join('\n');
  expect(bytes).not.toContain('release-7');
});

const WHOLE = {
  steps: ['a', 'b'],
  mined: ['a', 'b'],
  begun: [1],
  seen: 1,
  times: 1,
  succeeded: 1,
  definition: { name: 'a', steps: [{ command: 'a' }] },
};

test.each([
  { steps: 'no list' },
  { ...WHOLE, definition: { name: 'a', steps: [null] } },
  { ...WHOLE, definition: { name: {}, steps: [] } },
  { ...WHOLE, begun: ['x'] },
  { ...WHOLE, seen: 1e300 },
])('a pattern that was damaged is none: %j', async (found) => {
  const { store, miner } = opened();
  store.add(RELEASE);
  const { generation, position } = store.head();
  const patterns = [{ id: 'p-1', found }];
  store.keepPatterns('3', generation, { position, sessions: 8, patterns });
  expect(await miner.patterns(0)).toEqual({ patterns: [], sessions: 8 });
  expect(await miner.pattern('p-1', 0)).toBeUndefined();
});

test('what was mined while something was forgotten is not kept', async () => {
  const { store } = opened();
  store.add(RELEASE);
  const { generation, position } = store.head();
  store.forget({ source: 'import:first' });
  store.keepPatterns('3', generation, { position, sessions: 8, patterns: [{ id: 'p-1', found: {} }] });
  expect(store.patterns('3')).toBeUndefined();
  expect(store.pattern('3', 'p-1')).toBeUndefined();
});
