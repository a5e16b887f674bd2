import { expect, test } from 'vitest';
import { CommandModel, type CommandModelState } from '../../../src/learning/command-model.ts';

const ROUND = ['git pull', 'npm install', 'npm test', 'git push'] as const;

function taught(sessions: number): CommandModel {
  const model = new CommandModel();
  for (let i = 0; i < sessions; i += 1) {
    const session = model.begin('release the package');
    for (const command of ROUND) model.learn(session, { command, exitCode: 0 });
  }
  return model;
}

function restored(state: CommandModelState): CommandModel {
  const again = CommandModel.restore(state);
  if (!again.ok) throw new Error(again.error);
  return again.value;
}

test('a model that knows nothing suggests nothing', () => {
  const model = new CommandModel();
  const { suggestions, advised } = model.predict(model.begin(), {}, 5);
  expect(suggestions).toEqual({ stub: [], template: [], raw: [] });
  expect(advised).toEqual({ stub: false, template: false, raw: false });
});

test('a habit is foretold at every level, with a reason', () => {
  const model = taught(12);
  const session = model.begin();
  model.learn(session, { command: 'git pull', exitCode: 0 });
  model.learn(session, { command: 'npm install', exitCode: 0 });
  const { suggestions, advised } = model.predict(session, {}, 3);
  expect(suggestions.stub[0]).toMatchObject({ label: 'npm test', example: 'npm test' });
  expect(suggestions.template[0]?.label).toBe('npm test');
  expect(suggestions.raw[0]?.label).toBe('npm test');
  expect(suggestions.stub[0]?.reasons.join('; ')).toMatch(/came 12 of 12 times after/);
  expect(suggestions.stub[0]?.confidence).toBeGreaterThan(0.7);
  expect(advised.stub).toBe(true);
  expect(suggestions.stub.length).toBeLessThanOrEqual(3);
});

test('of the first command of a session no reason speaks of a command before', () => {
  const model = taught(12);
  const { suggestions } = model.predict(model.begin(), {}, 1);
  expect(suggestions.stub[0]?.reasons).toContain('came 12 of 12 times at the beginning of a session');
});

test('the words of a step tell what comes', () => {
  const model = new CommandModel();
  const told = [
    ['Run the linter', 'golangci-lint run'],
    ['Run all tests', 'go test ./...'],
    ['Show what changed', 'git diff'],
  ] as const;
  // The order varies, so that only the words can tell.
  for (let i = 0; i < 30; i += 1) {
    const session = model.begin();
    for (let j = 0; j < told.length; j += 1) {
      const [intent, command] = told[(i * 2 + j * (1 + (i % 2))) % told.length] as (typeof told)[number];
      model.learn(session, { command, intent });
    }
  }
  for (const [intent, command] of told) {
    const { suggestions } = model.predict(model.begin(), { intent }, 1);
    expect(suggestions.raw[0]?.label).toBe(command);
  }
});

test('what was learned with words is known without them, too', () => {
  const [withWords, without] = ['Check the change', undefined].map((intent) => {
    const model = new CommandModel();
    for (let i = 0; i < 30; i += 1) {
      const session = model.begin();
      for (const command of ROUND) model.learn(session, { command, exitCode: 0, intent });
    }
    const session = model.begin();
    model.follow(session, { command: 'npm install', exitCode: 0 });
    return model.predict(session, {}, 1).suggestions.stub[0];
  });
  expect(withWords?.label).toBe('npm test');
  expect(withWords?.confidence).toBeCloseTo(without?.confidence ?? 0, 1);
});

test('how the last command ended counts', () => {
  const model = new CommandModel();
  for (let i = 0; i < 40; i += 1) {
    const session = model.begin();
    model.learn(session, { command: 'make', exitCode: i % 2 });
    model.learn(session, { command: i % 2 ? 'vi main.c' : './main', exitCode: 0 });
  }
  const next = (exitCode: number): string | undefined => {
    const session = model.begin();
    model.learn(session, { command: 'make', exitCode });
    return model.predict(session, {}, 1).suggestions.raw[0]?.label;
  };
  expect(next(1)).toBe('vi main.c');
  expect(next(0)).toBe('./main');
});

test('how a command ended when it came last in the session counts, also when others came since', () => {
  const model = new CommandModel();
  const between = ['vi main.c', 'ls', 'make', 'git diff', 'git add .'];
  const begun = (exitCode: number): ReturnType<CommandModel['begin']> => {
    const session = model.begin();
    model.learn(session, { command: 'npm test', exitCode });
    for (const command of between) model.learn(session, { command, exitCode: 0 });
    return session;
  };
  for (let i = 0; i < 40; i += 1)
    model.learn(begun(i % 2), { command: i % 2 ? 'npm test' : 'git commit', exitCode: 0 });
  for (const level of ['stub', 'template'] as const) {
    const next = (exitCode: number): string | undefined =>
      model.predict(begun(exitCode), {}, 1).suggestions[level][0]?.label;
    expect(next(1)).toBe('npm test');
    expect(next(0)).toBe('git commit');
  }
});

test('what is first of what somebody remembers is not the first of a session', () => {
  const model = new CommandModel();
  for (let i = 0; i < 30; i += 1) {
    const session = model.begin();
    for (const command of [
      'make',
      './configure',
      'vi a.c',
      'make',
      'make test',
      'vi b.c',
      'make',
      'make test',
    ])
      model.learn(session, { command, exitCode: 0 });
  }
  const chanceOfTest = (isCut: boolean, exitCode?: number): number => {
    const session = model.begin(undefined, isCut);
    model.follow(session, { command: 'make', exitCode });
    const { stub } = model.predict(session, {}, 5).suggestions;
    return stub.find(({ label }) => label === 'make test')?.confidence ?? 0;
  };
  expect(chanceOfTest(false, 0)).toBeLessThan(0.05);
  expect(chanceOfTest(true, 0)).toBeGreaterThan(0.5);
  expect(chanceOfTest(true)).toBeGreaterThan(0.5);
});

test('predicting changes nothing', () => {
  const model = taught(5);
  const before = structuredClone(model.snapshot());
  model.predict(model.begin('release'), { intent: 'run tests', place: 'a' }, 5);
  expect(structuredClone(model.snapshot())).toEqual(before);
});

test('a session that is only followed foretells like one that is learned, and teaches nothing', () => {
  const model = taught(12);
  const before = structuredClone(model.snapshot());
  const followed = model.begin();
  for (const command of ['git pull', 'npm install', 'never seen', 'git pull'])
    model.follow(followed, { command, exitCode: 0 });
  const { suggestions } = model.predict(followed, {}, 3);
  expect(structuredClone(model.snapshot())).toEqual(before);
  const learned = model.begin();
  for (const command of ['git pull', 'npm install', 'never seen', 'git pull'])
    model.learn(learned, { command, exitCode: 0 });
  expect(suggestions.raw[0]?.label).toBe('npm install');
  expect(suggestions.raw[0]?.reasons).toContain('1 time in this session');
  expect(model.predict(learned, {}, 3).suggestions.raw[0]?.label).toBe('npm install');
});

test('a restored model goes on as the first one would', () => {
  const model = taught(8);
  const again = restored(structuredClone(model.snapshot()));
  const outcome = (of: CommandModel): unknown => {
    const session = of.begin('release the package');
    of.learn(session, { command: 'git pull', exitCode: 0, intent: 'get what is new' });
    return of.predict(session, { intent: 'install packages' }, 5);
  };
  expect(outcome(again)).toEqual(outcome(model));
});

test('a state that is broken anywhere is refused with a reason, and nothing hangs', () => {
  const model = taught(6);
  const told = model.begin('release');
  model.learn(told, { command: 'npm test', intent: 'Run all tests' });
  const state = model.snapshot();
  let refused = 0;
  for (const path of leavesOf(state)) {
    for (const wrong of [undefined, -1, 'x', {}, new Float64Array(3).fill(Number.NaN)]) {
      const again = CommandModel.restore(withLeaf(structuredClone(state), path, wrong) as CommandModelState);
      if (again.ok) again.value.predict(again.value.begin('release'), { intent: 'Run tests' }, 5);
      else refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(4 * leavesOf(state).length);
});

test('numbers of a state that are out of their bounds are refused', () => {
  const cases: readonly ((state: CommandModelState) => void)[] = [
    ({ rankers: [first] }) => first?.rows.keys.fill(7),
    ({ rankers: [first] }) => first?.rows.sizes.fill(60_000),
    ({ rankers: [first] }) => first?.mixer.slots.fill(2 ** 30),
    ({ rankers: [first] }) => first?.mixer.weights.fill(Number.NaN),
    ({ rankers: [first] }) => first?.labels.ids.fill(2 ** 40),
    ({ goals }) => goals.sizes.fill(7),
    ({ goals }) => goals.goals.hits.fill(-1),
  ];
  for (const spoil of cases) {
    const state = structuredClone(taught(6).snapshot());
    spoil(state);
    expect(CommandModel.restore(state)).toMatchObject({ ok: false });
  }
});

/** Paths to all that is no plain object or list of objects. */
function leavesOf(state: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const isBranch =
    typeof state === 'object' && state !== null && !ArrayBuffer.isView(state) && path.at(-1) !== 'keys';
  if (!isBranch || (Array.isArray(state) && typeof state[0] !== 'object')) return [path];
  return Object.entries(state).flatMap(([key, value]) => leavesOf(value, [...path, key]));
}

function withLeaf(state: unknown, path: readonly string[], value: unknown): unknown {
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], state);
  (parent as Record<string, unknown>)[path.at(-1) as string] = value;
  return state;
}

test('the same history gives the same model', () => {
  expect(taught(4).snapshot()).toEqual(taught(4).snapshot());
});

test('confidences are chances', () => {
  const model = taught(10);
  const session = model.begin();
  for (const command of ['', '$(((', 'git pull', 'x'.repeat(100_000), '\0\u{1f600}"']) {
    model.learn(session, { command, intent: command, exitCode: null });
    const { suggestions } = model.predict(session, { intent: command }, 50);
    for (const { confidence } of Object.values(suggestions).flat()) {
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }
  }
});
