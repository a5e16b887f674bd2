/** What is learned from is kept once, without secrets, within its bound, and leaves no bytes when it is forgotten. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LearnedSession } from '../../../../src/learning/learned-session.ts';
import type { LearningStore } from '../../../../src/store/learning/open-learning.ts';
import { learningFolder } from '../../../fixtures/learning-folder.ts';

const NOW = 1_700_000_000_000;
const { home, opened } = learningFolder(() => NOW);

const session = (name: string, commands: readonly string[], more: Partial<LearnedSession> = {}) => ({
  key: `run:${name}:9`,
  source: `run:${name}`,
  at: NOW,
  project: '/p',
  steps: commands.map((command) => ({ command, exitCode: 0, place: '/p' })),
  ...more,
});

const commandsIn = (store: LearningStore): readonly string[] =>
  store.after(0, 100).flatMap(({ steps }) => steps.map(({ command }) => command));

/** Whether any file of the data folder holds the text. */
const holds = (text: string): boolean =>
  readdirSync(home()).some((name) => readFileSync(join(home(), name)).includes(text));

test('a secret behind the part that is kept does not come into it, however much is taken out before it', () => {
  const store = opened();
  const secret = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';
  for (const before of [16_370, 16_384, 40_000]) {
    const hidden = `curl -u me:${'x'.repeat(100)} -- `;
    const command = hidden.repeat(before / hidden.length).padEnd(before, ' #') + secret;
    store.add([session(`s${before}`, [command])]);
  }
  expect(holds('ghp_')).toBe(false);
});

test('a session is learned once, and read as it was', () => {
  const store = opened();
  const build = session('a', ['make', 'make test'], {
    goal: 'build it',
    workflow: 'build',
    inputs: { n: 1 },
  });
  expect(store.add([build])).toEqual({ sessions: 1, steps: 2, known: 0 });
  expect(store.add([{ ...build, goal: 'another' }])).toEqual({ sessions: 0, steps: 0, known: 1 });
  expect(store.after(0, 10)).toEqual([{ id: 1, ...build }]);
  expect(store.head()).toEqual({ generation: 0, position: 1, steps: 2 });
});

test('secrets reach no byte of the folder', () => {
  const store = opened();
  const secrets = ['hunter2hunter2', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'dbpass99'];
  store.add([
    session('a', [`curl -H "Authorization: Bearer ${secrets[1]}" https://x.test`, 'ls'], {
      goal: `log in with password=${secrets[0]}`,
      inputs: { password: secrets[0] as string, name: 'web', url: `https://u:${secrets[2]}@x.test/` },
    }),
    session('b', [`psql postgres://me:${secrets[2]}@db/x`]),
  ]);
  expect(commandsIn(store)).toHaveLength(3);
  expect(store.after(0, 1)[0]?.inputs).toEqual({ name: 'web' });
  for (const secret of secrets) expect(holds(secret)).toBe(false);
  expect(holds('https://x.test')).toBe(true);
});

test('what came after a command is counted within sessions', () => {
  const store = opened();
  store.add([
    session('a', ['go build ./...', 'go test ./...', 'go build ./cmd', 'git commit -m x']),
    session('b', ['go build ./...', 'go test ./a']),
    session('c', ['go build ./...']),
  ]);
  const { total, byStub } = store.followers('go build');
  expect({ total, tests: byStub.get('go test'), commits: byStub.get('git commit') }).toEqual({
    total: 3,
    tests: 2,
    commits: 1,
  });
  expect(store.startingWith('go test', 5)).toHaveLength(2);
});

test.each([
  ['a run', { source: 'run:a' }, ['ls hidden-thing', 'ls']],
  ['a text, wherever it is', { pattern: 'hidden*thing' }, ['make', 'ls']],
  ['all', 'all', []],
] as const)('forgetting %s removes it and all that was made of it', async (_, wish, left) => {
  const store = opened();
  store.add([session('a', ['make']), session('b', ['ls hidden-thing', 'ls'], { goal: 'HIDDEN thing' })]);
  await store.keepSnapshot('1', 0, { position: 2, state: 'hidden-thing' });
  expect(store.forget(wish).steps).toBe(3 - left.length);
  expect(commandsIn(store)).toEqual(left);
  expect(store.head()).toMatchObject({ generation: 1, steps: left.length });
  expect(await store.snapshot('1')).toBeUndefined();
  expect(holds('hidden-thing')).toBe(left.includes('ls hidden-thing' as never));
});

test('forgetting what is not in the log leaves the log alone, but nothing that was made of it', async () => {
  const store = opened();
  store.add([session('a', ['make 100%'], { goal: 'say it' })]);
  await store.keepSnapshot('1', 0, { position: 1, state: 'of what the log has pushed out' });
  expect(store.forget({ pattern: 'make 100_' })).toEqual({ steps: 0, sessions: 0, words: 0 });
  expect(store.forget({ source: 'run:b' })).toEqual({ steps: 0, sessions: 0, words: 0 });
  expect(store.head()).toEqual({ generation: 2, position: 1, steps: 1 });
  expect(await store.snapshot('1')).toBeUndefined();
  expect(store.forget({ pattern: 'say' })).toEqual({ steps: 0, sessions: 0, words: 1 });
});

test('a run that was forgotten is still ticked off', () => {
  const store = opened();
  store.addRun('a', 9, [session('a', ['make'])]);
  store.forget('all');
  expect(store.seenSeq('a')).toBe(9);
  expect(store.seenSeq('b')).toBe(0);
  store.forget({ source: 'run:b' });
  expect(store.seenSeq('b')).toBeGreaterThan(1e9);
});

test('a snapshot is of one version and one generation, and the one that knows more stays', async () => {
  const store = opened();
  store.add([session('a', ['make']), session('b', ['ls'])]);
  await store.keepSnapshot('1', 0, { position: 2, state: { knows: 2 } });
  await store.keepSnapshot('1', 0, { position: 1, state: { knows: 1 } });
  expect(await store.snapshot('1')).toEqual({ position: 2, state: { knows: 2 } });
  expect(await store.snapshot('2')).toBeUndefined();
  await store.keepSnapshot('2', 0, { position: 1, state: { knows: 'other' } });
  expect(await store.snapshot('2')).toEqual({ position: 1, state: { knows: 'other' } });
  store.forget({ source: 'run:a' });
  await store.keepSnapshot('2', 0, { position: 2, state: 'of before' });
  expect(await store.snapshot('2')).toBeUndefined();
});

test('the oldest sessions make room, and their places are not given again', () => {
  const store = opened({ steps: 5, chars: 1_000 });
  for (const name of ['a', 'b', 'c']) store.add([session(name, [`echo ${name}`, 'ls'])]);
  expect(commandsIn(store)).toEqual(['echo b', 'ls', 'echo c', 'ls']);
  expect(store.head()).toMatchObject({ position: 3, steps: 4 });
  store.forget('all');
  store.add([session('d', ['make'])]);
  expect(store.head().position).toBe(4);
});

test('long commands make room sooner', () => {
  const store = opened({ steps: 100, chars: 1_000 });
  for (const name of ['a', 'b', 'c']) store.add([session(name, [`echo ${name.repeat(395)}`, 'ls'])]);
  expect(store.after(0, 10).map(({ source }) => source)).toEqual(['run:b', 'run:c']);
  store.forget({ source: 'run:b' });
  store.add([session('d', ['x'.repeat(500)])]);
  expect(store.after(0, 10).map(({ source }) => source)).toEqual(['run:c', 'run:d']);
});

test('a very long session is kept in parts', () => {
  const store = opened();
  const commands = Array.from({ length: 1_200 }, (_, at) => `echo ${at}`);
  expect(store.add([session('a', commands)])).toEqual({ sessions: 1, steps: 1_200, known: 0 });
  expect(store.after(0, 10).map(({ steps }) => steps.length)).toEqual([500, 500, 200]);
  expect(store.add([session('a', commands)])).toMatchObject({ steps: 0, known: 1 });
});

test('another process sees what was added, and adds beside it', () => {
  const [one, other] = [opened(), opened()];
  one.add([session('a', ['make'])]);
  other.add([session('a', ['make']), session('b', ['ls'])]);
  expect(commandsIn(one)).toEqual(['make', 'ls']);
  one.forget({ source: 'run:a' });
  expect(other.head()).toMatchObject({ generation: 1, steps: 1 });
});

test('a damaged database is begun anew, and earlier runs are not learned again', () => {
  const damaged = opened();
  damaged.add([session('a', ['make'])]);
  damaged.close();
  writeFileSync(join(home(), 'learning.db'), 'x'.repeat(5_000));
  const store = opened();
  expect(store.head()).toEqual({ generation: 0, position: 0, steps: 0 });
  expect(store.seenUntil()).toBe(NOW);
});
