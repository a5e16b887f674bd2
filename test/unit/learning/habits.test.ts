import { expect, test } from 'vitest';
import { habitsOf } from '../../../bench/habits.ts';
import { CommandModel } from '../../../src/learning/command-model.ts';
import { type Habits, type HabitsDocument, readHabits } from '../../../src/learning/habits/habits.ts';

const ROUND = ['git pull', 'npm install', 'npm test', 'git push'];
const OTHERS = Array.from({ length: 12 }, (_, i) => ({
  session: `s${i}`,
  commands: [
    ...ROUND,
    ...(i < 2 ? ['rare-tool --once'] : []),
    `curl -H "token: ghp_${'aZ3x'.repeat(9)}" x.example`,
  ],
  desc: ['Get the newest', 'Install the packages', 'Run the tests', 'Send it off', '', ''],
}));
const DOCUMENT = habitsOf([OTHERS], { programs: new Set(['git', 'npm', 'curl', 'rare-tool']) });

function read(document: HabitsDocument): Habits {
  const habits = readHabits(document);
  if (!habits.ok) throw new Error(habits.error);
  return habits.value;
}

const beginner = (): CommandModel => new CommandModel({ habits: read(DOCUMENT) });

function afterInstall(model: CommandModel): ReturnType<CommandModel['predict']> {
  const session = model.begin();
  for (const command of ['git pull', 'npm install']) model.follow(session, { command, exitCode: 0 });
  return model.predict(session, {}, 5);
}

test('what is usual is suggested before anything was learned, and not as something that was seen here', () => {
  const { suggestions } = afterInstall(beginner());
  const [best] = suggestions.template;
  expect(best).toMatchObject({ label: 'npm test', example: 'npm test' });
  expect(best?.confidence).toBeGreaterThan(0.3);
  expect(best?.reasons).toEqual([expect.stringMatching(/^usual after the command before/)]);
  expect(suggestions.raw).toEqual([]);
});

test('the words of a step bring what is usual for them', () => {
  const model = beginner();
  const best = model.predict(model.begin(), { intent: 'Run the tests' }, 1).suggestions.stub[0];
  expect(best?.label).toBe('npm test');
});

test('own history outweighs what is usual, and its counts are its own', () => {
  const model = beginner();
  for (let i = 0; i < 8; i += 1) {
    const session = model.begin();
    for (const command of ['git pull', 'npm install', 'npm run build'])
      model.learn(session, { command, exitCode: 0 });
  }
  const best = afterInstall(model).suggestions.stub[0];
  expect(best?.label).toBe('npm run build');
  expect(best?.reasons.join('; ')).toContain('came 8 of 8 times');
});

test('a model is saved without its habits and goes on with them', () => {
  const model = beginner();
  const session = model.begin();
  for (const command of ROUND) model.learn(session, { command, exitCode: 0 });
  const state = model.snapshot();
  const again = CommandModel.restore(state, { habits: read(DOCUMENT) });
  if (!again.ok) throw new Error(again.error);
  expect(afterInstall(again.value)).toEqual(afterInstall(model));
  expect(again.value.snapshot()).toEqual(state);
  expect(state.rankers[0]?.rows.keys.length).toBeLessThan(DOCUMENT.levels[0]?.keys.length ?? 0);
});

test('a state that began with other habits is not taken', () => {
  const state = beginner().snapshot();
  const other = read({ ...DOCUMENT, edition: 'another' });
  for (const habits of [other, undefined])
    expect(CommandModel.restore(state, { habits })).toEqual({
      ok: false,
      error: 'expected the habits that it began with',
    });
});

test('only what came in several sessions goes in, and nothing that looks like a secret', () => {
  const labels = DOCUMENT.levels.flatMap((level) => level.labels);
  expect(labels).toContain('npm test');
  expect(labels.join('\n')).not.toMatch(/rare-tool|ghp_/);
});

const [stubs, templates] = DOCUMENT.levels as [HabitsDocument['levels'][0], HabitsDocument['levels'][0]];

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['no edition', { ...DOCUMENT, edition: '' }],
  ['no levels', { edition: 'x' }],
  ['a label that is no text', { edition: 'x', levels: [{ ...stubs, labels: stubs.labels.map(() => 1) }] }],
  [
    'a row of labels that are not there',
    { edition: 'x', levels: [{ ...stubs, ids: stubs.ids.map(() => 99_999) }] },
  ],
  ['a row too few', { edition: 'x', levels: [stubs, { ...templates, keys: templates.keys.slice(1) }] }],
  ['the same context twice', { edition: 'x', levels: [{ ...stubs, keys: stubs.keys.map(() => 7) }] }],
  ['a weight too few', { edition: 'x', levels: [{ ...stubs, weights: stubs.weights.slice(1) }] }],
  [
    'a place outside the table',
    { edition: 'x', levels: [{ ...stubs, slots: stubs.slots.map(() => 2 ** 21) }] },
  ],
])('a document with %s is refused', (_, document) => {
  expect(readHabits(document)).toMatchObject({ ok: false });
});
