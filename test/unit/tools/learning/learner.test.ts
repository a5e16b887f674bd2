/** The models follow the log, whoever writes it, and begin again from a snapshot or, where that is no good, from the log. */
import { expect, test } from 'vitest';
import type { LearnedSession } from '../../../../src/learning/learned-session.ts';
import type { LearningStore } from '../../../../src/store/learning/open-learning.ts';
import { Learner } from '../../../../src/tools/learning/learner.ts';
import { ownCatalogue } from '../../../../src/tools/step-catalogue.ts';
import { learningFolder } from '../../../fixtures/learning-folder.ts';

/** More than any of these takes. */
const LONG_MS = 60_000;
const { opened } = learningFolder(() => 0);

const session = (key: number, commands: readonly string[], workflow?: string): LearnedSession => ({
  key: `run:${key}:1`,
  source: `run:${key}`,
  at: key,
  project: '/p',
  ...(workflow !== undefined && { workflow, goal: 'ship the thing', ending: 'succeeded' }),
  steps: commands.map((command) => ({ command, exitCode: 0 })),
});

const pairs = (from: number, count: number): readonly LearnedSession[] =>
  Array.from({ length: count }, (_, at) => session(from + at, ['make', 'make test', 'ls']));

/** Runs of a workflow: they teach for which words it is, and no order of commands. */
const shipped = (from: number, count: number): readonly LearnedSession[] =>
  Array.from({ length: count }, (_, at) => session(from + at, ['make', 'ls', 'make'], 'ship'));

const learnerOf = (store: LearningStore): Learner =>
  new Learner(store, () => ({ entries: [], catalogue: ownCatalogue() }));

/** What the models say after `make`. */
async function next(learner: Learner): Promise<{ readonly label: string; readonly confidence: number }[]> {
  const { commands } = await learner.models(LONG_MS);
  const asked = commands.begin();
  commands.follow(asked, { command: 'make', exitCode: 0 });
  return commands
    .predict(asked, {}, 5)
    .suggestions.raw.map(({ label, confidence }) => ({ label, confidence }));
}

/** Every line that the models know. */
const known = ({ commands }: Awaited<ReturnType<Learner['models']>>): string =>
  Buffer.from(commands.snapshot().rankers[2]?.labels.texts.bytes ?? []).toString('latin1');

test('two learners of one folder come to the same, whoever writes', async () => {
  const [one, other] = [opened(), opened()];
  const [here, there] = [learnerOf(one), learnerOf(other)];
  one.add(pairs(0, 4));
  expect((await next(here))[0]?.label).toBe('make test');
  other.add(pairs(10, 3));
  one.add(pairs(20, 2));
  expect(await next(there)).toEqual(await next(here));
  expect((await here.models(LONG_MS)).behind).toBe(0);
});

test('a later learner goes on from the snapshot, and comes to the same', async () => {
  const before = opened();
  before.add([...pairs(0, 15), ...shipped(15, 15)]);
  const first = learnerOf(before);
  await first.models(LONG_MS);
  // what is being saved then is saved
  before.close();
  const store = opened();
  const read: number[] = [];
  store.add(shipped(100, 1));
  const watched = {
    ...store,
    after(position: number, limit: number) {
      read.push(position);
      return store.after(position, limit);
    },
  };
  const second = learnerOf(watched);
  expect(await next(second)).toEqual(await next(first));
  expect(read[0]).toBe(30);
  expect((await second.models(LONG_MS)).intents.near('ship the thing')).toHaveLength(16);
});

test('a snapshot that is damaged or strange is thrown away, and the log learned anew', async () => {
  const store = opened();
  store.add(pairs(0, 30));
  const first = learnerOf(store);
  const expected = await next(first);
  for (const snapshot of [
    undefined,
    { position: 30, state: 'strange' },
    { position: 30, state: { commands: {} } },
  ]) {
    const learner = learnerOf({ ...store, snapshot: async () => snapshot });
    expect(await next(learner)).toEqual(expected);
  }
});

test('runs of a workflow teach for which words it is, and not which command comes next', async () => {
  const store = opened();
  store.add(shipped(0, 30));
  const learner = learnerOf(store);
  expect(await next(learner)).toEqual([]);
  expect((await learner.models(LONG_MS)).intents.near('ship the thing')).toHaveLength(30);
});

test('what is forgotten leaves the models too', async () => {
  const [store, elsewhere] = [opened(), opened()];
  store.add([...pairs(0, 30), session(99, ['make', 'rm -rf odd-thing'])]);
  const learner = learnerOf(store);
  expect(known(await learner.models(LONG_MS))).toContain('odd-thing');
  elsewhere.forget({ pattern: 'odd-thing' });
  const models = await learner.models(LONG_MS);
  expect(known(models)).not.toContain('odd-thing');
  expect(models.behind).toBe(0);
});

test('what is forgotten while the models learn is in no answer after that', async () => {
  const store = opened();
  store.add([session(1, ['echo odd-thing']), ...pairs(10, 400)]);
  const learner = learnerOf(store);
  let models = await learner.models(1);
  while (!known(models).includes('odd-thing')) models = await learner.models(1);
  expect(models.behind).toBeGreaterThan(0);
  store.forget({ pattern: 'odd-thing' });
  expect(known(await learner.models(0))).not.toContain('odd-thing');
  const all = await learner.models(LONG_MS);
  expect(known(all)).not.toContain('odd-thing');
  expect(known(all)).toContain('make test');
  expect(all.behind).toBe(0);
});

test('who does not wait is told what is missing, and it is learned meanwhile', async () => {
  const store = opened();
  store.add(pairs(0, 60));
  const learner = learnerOf(store);
  const { behind } = await learner.models(0);
  expect(behind).toBeGreaterThan(0);
  expect((await learner.models(LONG_MS)).behind).toBe(0);
});

test('what is being saved does not change meanwhile, and questions are answered; then the rest is learned and kept', async () => {
  const store = opened();
  const kept: number[] = [];
  let release = (): void => {};
  const slow: LearningStore = {
    ...store,
    async keepSnapshot(_version, _generation, { position }) {
      kept.push(position);
      if (kept.length > 1) return;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    },
  };
  const learner = learnerOf(slow);
  store.add(shipped(0, 30));
  expect((await learner.models(LONG_MS)).behind).toBe(0);
  store.add(shipped(100, 30));
  const later = learner.models(LONG_MS);
  for (const budgetMs of [0, 100]) {
    const { behind, intents } = await learner.models(budgetMs);
    expect([behind > 0, intents.near('ship the thing').length]).toEqual([true, 30]);
  }
  expect(kept).toEqual([30]);
  release();
  expect((await later).behind).toBe(0);
  expect(kept).toEqual([30, 60]);
});
