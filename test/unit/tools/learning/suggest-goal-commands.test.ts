/** What is made of earlier sessions with the same goal. */
import { expect, test } from 'vitest';
import { goalPattern, suggestGoalCommands } from '../../../../src/tools/learning/suggest-goal-commands.ts';

const GOAL = 'publish the handbook';

function suggested(source: string, commands: readonly string[]) {
  const steps = commands.map((command) => ({ command, exitCode: 0 }));
  const session = { id: 1, key: 'k', source, at: 0, project: '', goal: GOAL, steps };
  const log = { goals: () => [{ id: 1, goal: GOAL }], after: () => [session] };
  const { commands: next, workflow } = suggestGoalCommands(log, GOAL, []);
  return { next: next.map(({ command }) => command), steps: workflow?.definition.steps };
}

test.each([
  ['import:a', ['cd docs', 'make book']],
  ['import:a', ['export BOOK=1', 'make book']],
])(
  'commands of one shell (%s, %j) are no workflow: each step would have a shell of its own',
  (source, commands) => {
    expect(suggested(source, commands)).toEqual({ next: [commands[0]], steps: undefined });
  },
);

test.each([
  ['import:a', ['make clean', 'cd docs && make book']],
  ['run:r', ['cd docs', 'make book']],
])('%s of %j is one that does the same again', (source, commands) => {
  expect(suggested(source, commands).steps).toHaveLength(2);
});

test('what was a secret is a place to be filled in', () => {
  const commands = [
    'mysql -u root -p*** < book.sql',
    "curl -H 'Authorization: Bearer ***' https://***@example.com",
  ];
  const [first] = suggested('run:r', commands).next;
  expect(first).toBe('mysql -u root -p<password> < book.sql');
  expect(suggested('run:r', commands.toReversed()).next).toEqual([
    "curl -H 'Authorization: Bearer <token>' https://<secret>@example.com",
  ]);
});

test('what is saved by a pattern is what was shown with it, whatever other sessions have a goal like that', () => {
  const sessions = [
    ['publish handbook website', ['make book', 'make upload']],
    ['publish handbook website', ['make book', 'make upload']],
    ['publish handbook website draft preview', ['make draft a-1', 'make preview a-1']],
    ['publish handbook website draft preview', ['make draft a-2', 'make preview a-2']],
  ] as const;
  const all = sessions.map(([goal, commands], at) => {
    const steps = commands.map((command) => ({ command, exitCode: 0 }));
    return { id: at + 1, key: `${at}`, source: 'run:r', at, project: '', goal, steps };
  });
  const log = {
    goals: () => all.map(({ id, goal }) => ({ id, goal })).reverse(),
    after: (position: number) => all.filter(({ id }) => id > position).slice(0, 1),
  };
  const { workflow } = suggestGoalCommands(log, 'publish the draft preview', []);
  expect(workflow?.pattern).toBe('g-4-3');
  expect(workflow?.definition.steps).toMatchObject([
    { command: 'make draft {{ inputs.target }}' },
    { command: 'make preview {{ inputs.target }}' },
  ]);
  expect(goalPattern(log, 'g-4-3')).toEqual(workflow?.definition);
  expect(goalPattern(log, 'g-9')).toBeUndefined();
  expect(goalPattern(log, 'g-4-')).toBeUndefined();
});
