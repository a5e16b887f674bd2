/** What a log teaches all models at once: filled commands, warnings, values of inputs; and their states. */
import { expect, test } from 'vitest';
import type { InputSpec } from '../../../../src/engine/core/model.ts';
import type { LearnedSession, LearnedStep } from '../../../../src/learning/learned-session.ts';
import { fillInputs } from '../../../../src/tools/learning/fill-inputs.ts';
import {
  lessonsOf,
  type Models,
  newModels,
  restoredModels,
  savedModels,
} from '../../../../src/tools/learning/models.ts';
import { suggestCommands } from '../../../../src/tools/learning/suggest-commands.ts';
import { ownCatalogue } from '../../../../src/tools/step-catalogue.ts';

const LOG = {
  followers: () => ({ total: 0, byStub: new Map<string, number>() }),
  timesOf: () => 0,
  startingWith: () => [],
};
const TEXT: InputSpec = { type: 'string', required: true };

const session = (steps: readonly LearnedStep[], run: Partial<LearnedSession> = {}): LearnedSession => ({
  key: 'k',
  source: 's',
  at: 0,
  project: '/p',
  ...run,
  steps,
});

function taught(sessions: readonly LearnedSession[]): Models {
  const models = newModels();
  const known = (): { entries: []; catalogue: ReturnType<typeof ownCatalogue> } => ({
    entries: [],
    catalogue: ownCatalogue(),
  });
  for (const each of sessions) for (const learn of lessonsOf(models, each, known)) learn();
  return models;
}

const files = (count: number): readonly LearnedSession[] =>
  Array.from({ length: count }, (_, at) =>
    session([
      { command: `cat src/part${at}.ts`, exitCode: 0 },
      { command: `wc -l src/part${at}.ts`, exitCode: 0 },
    ]),
  );

const runs = (count: number, env: (at: number) => string, fails: (at: number) => boolean) =>
  Array.from({ length: count }, (_, at) =>
    session([{ command: 'kubectl apply -f app.yaml', exitCode: fails(at) ? 1 : 0 }], {
      workflow: 'deploy',
      ending: fails(at) ? 'failed' : 'succeeded',
      inputs: { env: env(at), replicas: 3, ticket: `T-${at}` },
    }),
  );

test('a likely template is filled with the value that is likely now, though nobody ran that line', () => {
  const models = taught(files(30));
  const found = suggestCommands(models, LOG, { recent: ['cat src/never-seen.ts'], limit: 5 });
  expect(found[0]?.command).toBe('wc -l src/never-seen.ts');
  expect(found[0]?.confidence).toBeGreaterThan(0.5);
  expect(found[0]?.reasons[0]).toMatch(/^`src\/never-seen\.ts` \(\d+ %\): argument 0 of the command before$/);
  expect(found.reduce((sum, { confidence }) => sum + confidence, 0)).toBeLessThanOrEqual(1.01);
});

test('a likely template whose value is another one each time is shown with its place open', () => {
  const commits = Array.from({ length: 30 }, (_, at) =>
    session([
      { command: 'git add -A', exitCode: 0 },
      { command: `git commit -m "change number ${at * 7919}"`, exitCode: 0 },
    ]),
  );
  const [first] = suggestCommands(taught(commits), LOG, { recent: ['git add -A'], limit: 5 });
  expect(first?.command).toBe('git commit -m <text>');
  expect(first?.confidence).toBeGreaterThan(0.5);
  expect(first?.reasons).toContain('`<text>` is left open: what stands there changes');
});

test('a value that a shell would read as more than a word is never put into a command', () => {
  const models = taught(files(30));
  for (const value of [`'a; rm -rf ~'`, '"$(id)"', "'two words'"]) {
    const found = suggestCommands(models, LOG, { recent: [`cat ${value}`], limit: 20 });
    expect(found.filter(({ command }) => /rm -rf|\(id\)|two words/.test(command))).toEqual([]);
  }
});

test('a command that mostly failed when things were so is suggested with a warning that counts truly', () => {
  const models = taught(
    Array.from({ length: 20 }, (_, at) =>
      session([
        { command: 'git stash pop', exitCode: at % 2 },
        { command: 'npm test', exitCode: at % 2 },
      ]),
    ),
  );
  const reasons = (lastExitCode: number): string =>
    suggestCommands(models, LOG, { recent: ['git stash pop'], lastExitCode, limit: 3 })
      .filter(({ command }) => command === 'npm test')
      .flatMap((each) => each.reasons)
      .join('; ');
  expect(reasons(1)).toMatch(
    /likely to fail \(\d+ %\): `npm test` failed 10 of 10 times after a command that failed/,
  );
  expect(reasons(0)).not.toContain('likely to fail');
});

test('a workflow that mostly failed with a value is foretold to, at the command where it did', () => {
  const { workflows } = taught(
    runs(
      20,
      (at) => (at % 2 ? 'prod' : 'staging'),
      (at) => at % 2 === 1,
    ),
  );
  const { chance, reason } = workflows.predict('deploy', { env: 'prod' });
  expect(chance).toBeGreaterThan(0.7);
  expect(reason).toBe('deploy failed 10 of 10 times with `env` "prod", most often at `kubectl apply`');
  expect(workflows.predict('deploy', { env: 'staging' }).chance).toBeLessThan(0.5);
  expect(workflows.predict('other', {})).toEqual({ chance: 0, reason: '' });
});

test('an input that was always the same is filled in, one that varied or was seen seldom is not', () => {
  const open = [
    ['env', TEXT],
    ['ticket', TEXT],
    ['replicas', { type: 'integer', required: true }],
  ] as const;
  const filled = (count: number): object =>
    Object.fromEntries(
      fillInputs(
        taught(
          runs(
            count,
            () => 'staging',
            () => false,
          ),
        ).slots,
        'deploy',
        open,
        {},
        () => true,
      ),
    );
  expect(filled(20)).toMatchObject({ env: { value: 'staging' }, replicas: { value: 3 } });
  expect(filled(20)).not.toHaveProperty('ticket');
  expect(filled(3)).toEqual({});
});

test('restored models go on as the first ones would; broken states are refused', () => {
  const models = taught([
    ...files(8),
    ...runs(
      8,
      () => 'prod',
      (at) => at > 5,
    ),
  ]);
  const state = structuredClone(savedModels(models));
  const again = restoredModels(structuredClone(state));
  expect(again && savedModels(again)).toEqual(state);
  for (const part of Object.keys(state)) {
    expect(restoredModels({ ...state, [part]: undefined })).toBeUndefined();
    expect(restoredModels({ ...state, [part]: { odd: 1 } })).toBeUndefined();
  }
  for (const strange of [undefined, null, 7, 'x', [], {}]) expect(restoredModels(strange)).toBeUndefined();
});
