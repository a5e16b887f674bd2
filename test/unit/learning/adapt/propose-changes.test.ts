import { describe, expect, test } from 'vitest';
import { errorShape } from '../../../../src/learning/adapt/error-shape.ts';
import { proposeChanges } from '../../../../src/learning/adapt/propose-changes.ts';
import type { StepHistory, StepOutcome } from '../../../../src/learning/adapt/step-history.ts';
import { stepWarning } from '../../../../src/learning/adapt/step-warning.ts';

const usual = { isCached: false, isTakenBack: false };
const good: StepOutcome = {
  run: 'r',
  at: 0,
  failed: false,
  attempts: 1,
  failedAttempts: 0,
  durationMs: 1_000,
  changesFiles: true,
  conditions: [],
  inputs: '{}',
};
const { durationMs: _none, ...ended } = good;
const bad: StepOutcome = { ...ended, failed: true, failedAttempts: 1, code: 'exit', mayHelpAgain: true };
const times = (count: number, outcome: StepOutcome): StepOutcome[] =>
  Array.from({ length: count }, () => outcome);
const history = (
  outcomes: StepOutcome[],
  definition: Partial<StepHistory['definition']> = {},
  type = 'shell',
) => ({
  workflow: 'w',
  step: 's',
  type,
  definition: { ...usual, ...definition },
  outcomes,
});
const kinds = (told: StepHistory) => proposeChanges(told).map(({ kind, value }) => [kind, value]);

test('one of ten thousand conditions is told where it says most, and found in one pass', () => {
  const outcomes = Array.from({ length: 200 }, (_, run) => ({
    ...(run % 4 === 0 ? bad : good),
    conditions: [
      run % 4 === 0 ? 'the day was odd' : 'the day was even',
      ...Array.from({ length: 1_000 }, (_, at) => `\`s${at}\` gave \`n\` ${(run * 7 + at) % 10}`),
    ],
  }));
  expect(stepWarning(history(outcomes))?.text).toBe(
    '`s` failed 50 of 50 times when the day was odd (0 of 150 otherwise)',
  );
});

describe('proposals', () => {
  test.each<[string, StepHistory, [string, unknown][]]>([
    ['nothing on a handful of runs', history(times(9, good)), []],
    [
      'a timeout of three times the slowest',
      history(times(30, { ...good, durationMs: 41_000 })),
      [['timeout', '2m10s']],
    ],
    ['no shorter one than ten seconds', history(times(10, good)), [['timeout', '10s']]],
    ['none where one fits', history(times(10, good), { timeoutMs: 60_000 }), []],
    [
      'a shorter one where it finds out late',
      history(times(10, good), { timeoutMs: 3_600_000 }),
      [['timeout', '10s']],
    ],
    [
      'a longer one where it is run into',
      history([...times(20, { ...good, durationMs: 9_000 }), ...times(3, { ...bad, code: 'timeout' })], {
        timeoutMs: 10_000,
        attempts: 2,
      }),
      [['timeout', '30s']],
    ],
    ['none for a person', history(times(30, good), {}, 'approval'), []],
    [
      'a retry where the same worked another time',
      history([...times(17, good), ...times(3, bad)], { timeoutMs: 20_000 }),
      [['retry', { attempts: 2 }]],
    ],
    [
      'no retry of what never worked with these inputs',
      history([...times(17, good), ...times(3, { ...bad, inputs: '{"a":1}' })], { timeoutMs: 20_000 }),
      [],
    ],
    [
      'no retry under a condition under which it failed each time',
      history([...times(17, good), ...times(5, { ...bad, conditions: ['`git status` was dirty'] })], {
        timeoutMs: 20_000,
      }),
      [],
    ],
    [
      'no retry that never helped',
      history([...times(6, good), ...times(5, { ...bad, attempts: 3, failedAttempts: 3 })], {
        timeoutMs: 20_000,
        attempts: 3,
      }),
      [['no_retry', undefined]],
    ],
    [
      'no retry of what never fails',
      history(times(20, good), { timeoutMs: 20_000, attempts: 3 }),
      [['no_retry', undefined]],
    ],
    [
      'a cache for what gives the same each time',
      history(times(10, { ...good, durationMs: 5_000, changesFiles: false, outputs: '{}' }), {
        timeoutMs: 20_000,
      }),
      [['cache', true]],
    ],
    [
      'none for what gives another thing',
      history(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({
          ...good,
          durationMs: 5_000,
          changesFiles: false,
          outputs: `${n}`,
        })),
        { timeoutMs: 20_000 },
      ),
      [],
    ],
    [
      'none for what changes files',
      history(times(10, { ...good, durationMs: 5_000 }), { timeoutMs: 20_000 }),
      [],
    ],
  ])('%s', (_what, told, expected) => expect(kinds(told)).toEqual(expected));
});

describe('warnings', () => {
  const dirty = { conditions: ['`check` had failed'] };
  test('the condition under which it fails', () => {
    const outcomes = [
      ...times(9, { ...bad, ...dirty }),
      ...times(1, { ...good, ...dirty }),
      ...times(12, good),
    ];
    expect(stepWarning(history(outcomes))).toEqual({
      text: '`s` failed 9 of 10 times when `check` had failed (0 of 12 otherwise)',
      failed: 9,
      of: 10,
    });
  });
  test('what chance would do is not told as a condition', () => {
    const outcomes = [
      ...times(3, { ...bad, ...dirty }),
      ...times(2, { ...good, ...dirty }),
      ...times(2, bad),
      ...times(3, good),
    ];
    expect(stepWarning(history(outcomes))?.text).toBe('`s` failed 5 of 10 times');
  });
  test('a step that hardly fails has none', () =>
    expect(stepWarning(history([...times(20, good), ...times(3, bad)]))).toBeUndefined());
});

test.each([
  ['2026-01-02T03:04:05Z ERROR: no such file /a/b.c:12\n  at x\n', '<time> ERROR: no such file <path>:<n>'],
  ['\u001b[31mfatal\u001b[0m: id 3f2a9c1e77 is 12.5 MB', 'fatal: id <hash> is <n> MB'],
  ["cannot find module 'left-pad'\nnpm notice 5", 'cannot find module <text>'],
  ['one\ntwo\n\n', 'two'],
  ['ERROR: refused with token=hunter2x', 'ERROR: refused with token=***'],
  ['', ''],
])('the shape of %j', (output, shape) => expect(errorShape(output)).toBe(shape));

test('a log of one line is no trouble', () =>
  expect(errorShape('a/'.repeat(2_000_000)).length).toBeLessThan(200));
