/** Commands whose values change each time: they are shown as a form, as sure as the form is, not as old lines. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommandModel } from '../../../../src/learning/command-model.ts';
import { FailureModel } from '../../../../src/learning/failure/failure-model.ts';
import { SlotModel } from '../../../../src/learning/slots/slot-model.ts';
import { suggestCommands } from '../../../../src/tools/learning/suggest-commands.ts';
import { suggestGoalCommands } from '../../../../src/tools/learning/suggest-goal-commands.ts';
import { type Scratch, scratchBelay } from '../../../fixtures/scratch-belay.ts';

let scratch: Scratch;

beforeAll(() => {
  scratch = scratchBelay();
  const session = (at: number, commands: readonly string[]) => ({
    key: `session-${at}`,
    source: 'import:test',
    at: at * 1_000,
    project: '',
    steps: commands.map((command) => ({ command, exitCode: 0 })),
  });
  scratch.belay.learning.store.add(
    Array.from({ length: 80 }, (_, at) =>
      session(
        at,
        at % 4 > 0
          ? ['make', 'make check', 'make dist']
          : ['npm run lint', 'git add -A', `git commit -m "part ${at / 4}"`, 'git push'],
      ),
    ),
  );
});
afterAll(() => scratch.close());

interface Found {
  readonly command: string;
  readonly confidence: number;
}

async function ask(tool: string, args: object): Promise<readonly Found[]> {
  const answer = await scratch.call(tool, { limit: 20, ...args });
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  const { suggestions, completions } = answer.structured as unknown as Record<
    string,
    (Found & { kind?: string })[]
  >;
  return (suggestions ?? completions ?? []).filter(({ kind }) => kind !== 'new_workflow');
}

test('what always came, and never with the same value, is sure as a form', async () => {
  const found = await ask('workflow_suggest', { recent_commands: ['npm run lint', 'git add -A'] });
  expect(found[0]).toMatchObject({ command: 'git commit -m <text>' });
  expect(found[0]?.confidence).toBeGreaterThan(0.6);
  expect(found.filter(({ command }) => command.startsWith('git commit'))).toHaveLength(1);
  expect(found.reduce((sum, { confidence }) => sum + confidence, 0)).toBeLessThanOrEqual(1.01);
});

test('who has begun to type is shown earlier lines too', async () => {
  const recent = ['npm run lint', 'git add -A'];
  const found = await ask('workflow_autocomplete', { recent_commands: recent, prefix: 'git commit -m "pa' });
  expect(found.map(({ command }) => command)).toContain('git commit -m "part 19"');
});

test('a command that always was the same has no arguments left open', () => {
  const likely = { label: 'npm run lint', confidence: 0.6, example: 'npm run lint', reasons: [], times: 9 };
  const commands = {
    begin: () => ({}),
    predict: () => ({ suggestions: { stub: [likely], template: [], raw: [] } }),
  } as unknown as CommandModel;
  const suggested = (...lines: readonly string[]) => {
    const log = {
      followers: () => ({ total: 0, byStub: new Map() }),
      timesOf: () => 9,
      startingWith: () => lines.map((command) => ({ command, times: 3 })),
    };
    const models = { commands, slots: new SlotModel(), failures: new FailureModel() };
    return suggestCommands(models, log, { recent: [], limit: 5 }).map(({ command }) => command);
  };
  expect(suggested('npm run lint')).toEqual(['npm run lint']);
  expect(suggested('npm run lint', 'npm run lint -- --fix')).toEqual(['npm run lint <arguments>']);
});

test('what was run for a goal with a value of its own each time comes back as a form, and goes on behind it', () => {
  const sessions = [1, 2, 3].map((id) => ({
    id,
    key: `k${id}`,
    source: 'run:r',
    at: id,
    project: '',
    goal: 'mend the handbook',
    steps: [`git checkout -b part-${id}`, 'make book'].map((command) => ({ command, exitCode: 0 })),
  }));
  const log = {
    goals: () => sessions.map(({ id, goal }) => ({ id, goal })),
    after: (id: number) => sessions.slice(id, id + 1),
  };
  expect(suggestGoalCommands(log, 'mend the handbook', []).commands).toEqual([
    {
      command: 'git checkout -b <word>',
      confidence: 0.75,
      reasons: ['three earlier runs with this goal began with it'],
    },
  ]);
  const { commands } = suggestGoalCommands(log, 'mend the handbook', ['git checkout -b other']);
  expect(commands).toMatchObject([{ command: 'make book', confidence: 0.75 }]);
});
