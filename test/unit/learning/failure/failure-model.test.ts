import { describe, expect, test } from 'vitest';
import { FailureModel } from '../../../../src/learning/failure/failure-model.ts';
import { FailureSession } from '../../../../src/learning/failure/failure-session.ts';
import { wholeState } from '../../../../src/learning/state-check.ts';

type Step = readonly [command: string, failed: boolean];

function taught(sessions: number, steps: (i: number) => readonly Step[]): FailureModel {
  const model = new FailureModel();
  for (let i = 0; i < sessions; i += 1) {
    const session = new FailureSession();
    for (const [command, failed] of steps(i)) model.learn(session, command, failed);
  }
  return model;
}

const usual = () =>
  taught(30, (i) => [
    ['npm test', i % 3 !== 0],
    ['ls src', false],
  ]);

function followed(...steps: readonly Step[]): FailureSession {
  const session = new FailureSession();
  for (const [command, failed] of steps) session.follow(command, failed);
  return session;
}

test('what failed often is foretold to fail, with the count as the reason', () => {
  const model = usual();
  const failing = model.predict(new FailureSession(), 'npm test');
  const fine = model.predict(new FailureSession(), 'ls src');
  expect(failing.chance).toBeGreaterThan(0.5);
  expect(fine.chance).toBeLessThan(0.1);
  expect(failing.reason).toMatch(/^`npm test` failed \d+ of \d+ times$/);
});

describe('before anything was seen', () => {
  const chance = (command: string, intent?: string): number =>
    new FailureModel().predict(new FailureSession(), command, intent).chance;

  test('nothing is claimed', () => {
    const { chance, reason } = new FailureModel().predict(new FailureSession(), 'anything');
    expect(chance).toBeLessThan(0.5);
    expect(reason).toBe('');
  });

  test.each([
    ['tests fail more often than listings', 'pytest tests/test_api.py', 'ls -la'],
    ['a search that finds nothing has failed too', 'grep -rn main src', 'cat main.py'],
    ['a pipe ends as its last part does', 'go test ./...', 'go test ./... | tail -5'],
  ])('%s', (_what, more, less) => expect(chance(more)).toBeGreaterThan(chance(less)));

  test('who says that it should fail is believed', () =>
    expect(chance('go test ./...', 'Run the tests to verify they fail')).toBeGreaterThan(
      chance('go test ./...', 'Run the tests'),
    ));
});

describe('what the session says', () => {
  test('the same again without any change fails again, and the count says so', () => {
    const model = taught(40, (i) => [
      ['pytest a.py', true],
      ...(i % 2 === 0 ? ([['sed -i s/a/b/ a.py', false]] as const) : []),
      ['pytest a.py', i % 2 !== 0],
    ]);
    const again = model.predict(followed(['pytest a.py', true]), 'pytest a.py');
    const edited = followed(['pytest a.py', true], ['sed -i s/a/b/ a.py', false]);
    expect(again.chance).toBeGreaterThan(2 * model.predict(edited, 'pytest a.py').chance);
    expect(again.reason).toBe(
      '`pytest` failed 20 of 20 times after it had failed and nothing had been written since',
    );
  });

  test('a file that was taken away is missed', () => {
    const model = taught(40, (i) => [
      [`echo x > f${i}`, false],
      [`cat f${i}`, false],
      [i % 2 === 0 ? `rm f${i}` : `ls f${i}`, false],
      [`cat f${i}`, i % 2 === 0],
    ]);
    const before = [
      ['echo x > g', false],
      ['cat g', false],
    ] as const;
    const gone = followed(...before, ['rm g', false]);
    const there = followed(...before, ['ls g', false]);
    const { chance, reason } = model.predict(gone, 'cat g');
    expect(chance).toBeGreaterThan(1.5 * model.predict(there, 'cat g').chance);
    expect(reason).toBe('`cat` failed 20 of 20 times with a file that had been removed');
  });

  test('what a script holds says whether it fails', () => {
    const script = (i: number, body: string) => `cat <<'EOF' > t${i}.py\n${body}\nEOF`;
    const model = taught(60, (i) => [
      [script(i, i % 2 === 0 ? 'assert broken()' : 'print(1)'), false],
      [`python t${i}.py`, i % 2 === 0],
    ]);
    const foretold = (body: string): number =>
      model.predict(followed([script(99, body), false]), 'python t99.py').chance;
    expect(foretold('assert broken()')).toBeGreaterThan(2 * foretold('print(1)'));
  });

  test('`|| true` lets nothing fail', () => {
    const model = taught(40, () => [
      ['grep x y', true],
      ['grep x y || true', false],
    ]);
    const [plain, guarded] = ['grep z w', 'grep z w || true'].map(
      (command) => model.predict(new FailureSession(), command).chance,
    );
    expect(guarded).toBeLessThan((plain as number) / 2);
  });
});

test('what is counted of the part that the exit code comes from is told of that part', () => {
  const model = new FailureModel();
  for (let i = 0; i < 5; i += 1) {
    const session = new FailureSession();
    model.learn(session, 'npm test', false);
    model.learn(session, 'npm test', true);
  }
  // the second line is one of `ls`, and its exit code is that of `npm test`
  const session = followed(['npm test', true], ['ls && npm test', false]);
  expect(model.predict(session, 'npm test').reason).toBe(
    '`npm test` failed 5 of 5 times after it had succeeded and nothing had been written since',
  );
});

test('a restored model foretells the same and predicting changes nothing', () => {
  const model = usual();
  const again = FailureModel.restore(structuredClone(model.snapshot()));
  const session = followed(['npm test', true]);
  expect(again.predict(session, 'npm test', 'Run tests')).toEqual(
    model.predict(session, 'npm test', 'Run tests'),
  );
  expect(again.snapshot()).toEqual(model.snapshot());
});

test.each([
  ['a weight that is no number', (state: State) => state.weights.slots.fill(Number.NaN)],
  ['a variance below nothing', (state: State) => state.weights.variances.fill(-1)],
  ['more failures than times', (state: State) => state.counts.set([2, 1, 2, 1])],
  ['half a failure', (state: State) => state.counts.set([1, 2, 0.5, 2])],
  ['more than can be counted', (state: State) => state.counts.set([2 ** 52, 2 ** 52, 1, 1])],
])('a state with %s is refused', (_what, damage) => {
  const state = structuredClone(usual().snapshot());
  damage(state);
  expect(wholeState(() => FailureModel.restore(state)).ok).toBe(false);
});

type State = ReturnType<FailureModel['snapshot']>;

test.each([
  ['', ''],
  ['a long line', 'x '.repeat(500_000)],
  ['many documents', 'cat <<A\n'.repeat(5_000)],
  ['an open quote', `${'"'.repeat(9_999)}`],
  ['many redirections', '> a '.repeat(20_000)],
])('%s is read like any other command', (_what, command) => {
  const model = new FailureModel();
  const session = new FailureSession();
  model.learn(session, command, true, command);
  const { chance } = model.predict(session, command, command);
  expect(chance).toBeGreaterThan(0);
  expect(chance).toBeLessThan(1);
});
