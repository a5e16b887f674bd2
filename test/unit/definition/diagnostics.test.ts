import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/definition/diagnostic.ts';
import { readDefinition } from '../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

const read = (text: string): Diagnostic[] => readDefinition({ text, file: 'w.yaml' }, stepTypes).diagnostics;

const brief = (found: readonly Diagnostic[]) =>
  found.map(({ code, path, line, column }) => [code, path, line, column]);

/** Steps start in line 3. */
const withSteps = (...lines: string[]): Diagnostic[] => read(['name: w', 'steps:', ...lines].join('\n'));

describe('errors in fields', () => {
  test.each<[string, string, [string, string, string?]]>([
    [
      'unknown key',
      '- { command: x, timout: 3s }',
      ['unknown_key', 'steps[0].timout', 'did you mean `timeout`'],
    ],
    ['key of another type', '- { type: wait, for: 1s, command: x }', ['unknown_key', 'steps[0].command']],
    [
      'unknown type',
      '- { type: shel, command: x }',
      ['unknown_type', 'steps[0].type', 'did you mean `shell`'],
    ],
    ['no type', '- { id: a }', ['missing_type', 'steps[0]']],
    ['not a map', '- ls', ['wrong_type', 'steps[0]']],
    ['wrong type', '- { command: x, idempotent: maybe }', ['wrong_type', 'steps[0].idempotent']],
    ['wrong duration', '- { command: x, timeout: soon }', ['wrong_value', 'steps[0].timeout']],
    ['timeout of zero', '- { command: x, timeout: 0 }', ['wrong_value', 'steps[0].timeout']],
    [
      'wrong choice',
      '- { command: x, on_failure: continu }',
      ['wrong_value', 'steps[0].on_failure', 'did you mean `continue`'],
    ],
    [
      'misspelt strategy',
      '- { command: x, on_failure: roll-back }',
      ['wrong_value', 'steps[0].on_failure', 'did you mean `rollback`'],
    ],
    [
      'misspelt checkpoint',
      '- { command: x, chekpoint: true }',
      ['unknown_key', 'steps[0].chekpoint', 'did you mean `checkpoint`'],
    ],
    [
      'misspelt key of a checkpoint',
      '- { command: x, checkpoint: { path: [a] } }',
      ['unknown_key', 'steps[0].checkpoint.path', 'did you mean `paths`'],
    ],
    ['undo that is no step', '- { command: x, undo: 3 }', ['wrong_type', 'steps[0].undo']],
    ['empty undo', '- { command: x, undo: [] }', ['out_of_range', 'steps[0].undo']],
    [
      'misspelt key of an undo',
      '- { command: x, undo: { comand: y } }',
      ['unknown_key', 'steps[0].undo.comand', 'did you mean `command`'],
    ],
    ['effects', '- { command: x, effects: local }', ['wrong_value', 'steps[0].effects']],
    ['no reason', '- { command: x, irreversible: " " }', ['out_of_range', 'steps[0].irreversible']],
    [
      'too many attempts',
      '- { command: x, retry: { attempts: 101 } }',
      ['out_of_range', 'steps[0].retry.attempts'],
    ],
    [
      'unknown key inside',
      '- { command: x, retry: { atempts: 2 } }',
      ['unknown_key', 'steps[0].retry.atempts', 'did you mean `attempts`'],
    ],
    [
      'unknown failure code',
      '- { command: x, retry: { on: [timeout, tiemout] } }',
      ['wrong_value', 'steps[0].retry.on[1]', 'did you mean `timeout`'],
    ],
    [
      'exit code that does not exist',
      '- { command: x, retry: { on: ["exit:256"] } }',
      ['wrong_value', 'steps[0].retry.on[0]'],
    ],
    [
      'retry of what is never retried',
      '- { command: x, retry: { on: [cancelled] } }',
      ['wrong_value', 'steps[0].retry.on[0]'],
    ],
    ['variable of the shell', '- { command: x, env: { UID: "0" } }', ['wrong_value', 'steps[0].env.UID']],
    [
      'variable of an attempt',
      '- { command: x, env: { BELAY_ATTEMPT: a } }',
      ['wrong_value', 'steps[0].env.BELAY_ATTEMPT'],
    ],
    ['wrong id', '- { id: 1a, command: x }', ['wrong_value', 'steps[0].id']],
    ['reserved id', '- { id: inputs, command: x }', ['reserved_name', 'steps[0].id']],
    ['wrong variable name', '- { command: x, env: { a-b: c } }', ['wrong_value', 'steps[0].env.a-b']],
    ['empty group', '- { steps: [] }', ['empty_steps', 'steps[0].steps']],
    ['two groups', '- { steps: [{ command: x }], parallel: [{ command: x }] }', ['conflict', 'steps[0]']],
    ['group and command', '- { steps: [{ command: x }], command: x }', ['unknown_key', 'steps[0].command']],
    ['group of a type', '- { type: wait, for: 1s, steps: [{ command: x }] }', ['conflict', 'steps[0].steps']],
    [
      'retry of a block',
      '- { steps: [{ command: x }], retry: { attempts: 2 } }',
      ['conflict', 'steps[0].retry'],
    ],
    ['both conditions', '- { command: x, when: a.b, condition: a.b }', ['conflict', 'steps[0].condition']],
    ['as without a loop', '- { command: x, as: n }', ['conflict', 'steps[0].as']],
    ['as that hides', '- { command: x, foreach: [1], as: inputs }', ['reserved_name', 'steps[0].as']],
    ['empty range', '- { command: x, foreach: 3..1 }', ['wrong_value', 'steps[0].foreach']],
    ['long range', '- { command: x, foreach: 1..10001 }', ['limit', 'steps[0].foreach']],
    ['endless repeat', '- { command: x, repeat: { delay: 1s } }', ['wrong_value', 'steps[0].repeat']],
    ['missing field of a type', '- { type: approval }', ['missing', 'steps[0]']],
    ['syntax of an expression', '- { command: x, when: "1 +" }', ['expression', 'steps[0].when']],
    [
      'unsafe spot',
      "- command: |\n      cat <<'X'\n      {{ env.A }}\n      X",
      ['unsafe_interpolation', 'steps[0].command'],
    ],
  ])('%s', (_, step, [code, path, hint]) => {
    const found = withSteps(`  ${step}`);
    const match = found.find((one) => one.code === code && one.path === path);
    expect(match, JSON.stringify(found)).toMatchObject({ severity: 'error', file: 'w.yaml' });
    if (hint) expect(match!.hint).toBe(hint);
  });

  test.each<[string, string, string, string]>([
    [
      'failure code in the defaults',
      'name: w\ndefaults: { retry: { on: [kiled] } }\nsteps: [{ command: x }]',
      'wrong_value',
      'defaults.retry.on[0]',
    ],
    ['env', 'name: w\nenv: { _: x }\nsteps: [{ command: x }]', 'wrong_value', 'env._'],
    ['no more to do', 'name: w\non_failure: continue\nsteps: [{ command: x }]', 'wrong_value', 'on_failure'],
    ['scope', 'name: w\ncheckpoints: true\nsteps: [{ command: x }]', 'wrong_value', 'checkpoints'],
    [
      'key of the scope',
      'name: w\ncheckpoints: { path: [a] }\nsteps: [{ command: x }]',
      'unknown_key',
      'checkpoints.path',
    ],
    [
      'confirmation',
      'name: w\nrollback: { confirm: sometimes }\nsteps: [{ command: x }]',
      'wrong_value',
      'rollback.confirm',
    ],
    ['no steps', 'name: w', 'missing', ''],
    ['empty steps', 'name: w\nsteps: []', 'empty_steps', 'steps'],
    ['name', 'name: My Flow\nsteps: [{ command: x }]', 'wrong_value', 'name'],
    ['no name', 'steps: [{ command: x }]', 'missing', ''],
    ['unknown key', 'name: w\nstep: []\nsteps: [{ command: x }]', 'unknown_key', 'step'],
    [
      'prerequisite',
      'name: w\nprerequisites: [{ tol: x }]\nsteps: [{ command: x }]',
      'unknown_key',
      'prerequisites[0].tol',
    ],
    [
      'input type',
      'name: w\ninputs: { a: { type: text } }\nsteps: [{ command: x }]',
      'wrong_value',
      'inputs.a.type',
    ],
    ['a list', '- a', 'wrong_type', ''],
    ['nothing', '', 'wrong_type', ''],
  ])('of the workflow: %s', (_, text, code, path) => {
    expect(read(text).map((one) => [one.code, one.path])).toContainEqual([code, path]);
  });

  test('are all told at once, in the order of the text', () => {
    const found = read(
      'name: Bad Name\ncategry: x\nsteps:\n  - { id: a, command: 3 }\n  - { id: a, command: x, needs: [b] }\n',
    );
    expect(brief(found)).toEqual([
      ['wrong_value', 'name', 1, 7],
      ['unknown_key', 'categry', 2, 1],
      ['wrong_type', 'steps[0].command', 4, 23],
      ['duplicate_id', 'steps[1].id', 5, 11],
      ['unknown_step', 'steps[1].needs[0]', 5, 34],
    ]);
  });

  test('a field that is misspelt is not missing as well', () => {
    expect(withSteps('  - comand: ls')).toMatchObject([
      { code: 'unknown_key', path: 'steps[0].comand', hint: 'did you mean `command`' },
    ]);
    expect(withSteps('  - { type: approval, mesage: go? }').map(({ code }) => code)).toEqual(['unknown_key']);
    expect(withSteps('  - { type: approval, zzz: go? }').map(({ code }) => code)).toEqual([
      'missing',
      'unknown_key',
    ]);
  });

  test('all words of `retry.on` that a failure may have are right', () => {
    expect(withSteps('  - { command: x, retry: { on: [any, exit, "exit:0", "exit:255", killed] } }')).toEqual(
      [],
    );
  });

  test('hints are not looked for without end', () => {
    const name = (index: number) => `${'abcdefgh'.repeat(7)}${index}`;
    const inputs = Array.from({ length: 100 }, (_, index) => `  ${name(index)}: {}`);
    const steps = Array.from(
      { length: 150 },
      (_, index) => `  - command: "echo {{ inputs.z${name(index)} }}"`,
    );
    const errors = read(['name: w', 'inputs:', ...inputs, 'steps:', ...steps].join('\n')).filter(
      ({ code }) => code === 'unknown_input',
    );
    expect(errors).toHaveLength(150);
    expect(errors[0]!.hint).toContain('did you mean');
    expect(errors.at(-1)!.hint).toContain('declare it');
  });

  test('in what `defaults` hands to the steps are found at the steps', () => {
    const found = read('name: w\ndefaults: { shell: 5 }\nsteps: [{ command: x }]');
    expect(found).toMatchObject([{ code: 'wrong_type', path: 'steps[0].shell', line: 3 }]);
    const fish = read(
      'name: w\ndefaults: { shell: fish }\nenv: { A: b }\nsteps: [{ command: "echo {{ env.A }}" }]',
    );
    expect(fish.length).toBeGreaterThan(0);
  });

  test('are counted where there are too many', () => {
    const text = `name: w\n${Array.from({ length: 300 }, (_, index) => `zzz${index}: 1\n`).join('')}steps: [{ command: x }]`;
    const found = read(text);
    expect(found).toHaveLength(201);
    expect(found.at(-1)).toMatchObject({
      code: 'too_many_errors',
      message: '100 more errors are not listed',
    });
  });
});

describe('inputs', () => {
  const declare = (spec: string) =>
    read(`name: w\ninputs:\n  a: ${spec}\nsteps: [{ command: "echo {{ inputs.a }}" }]`);

  test.each([
    ['{ type: integer, default: two }', 'wrong_type', 'inputs.a.default'],
    ['{ type: integer, default: 1.5 }', 'wrong_type', 'inputs.a.default'],
    ['{ enum: [x, y], default: z }', 'wrong_value', 'inputs.a.default'],
    ['{ type: number, enum: [1, x] }', 'wrong_type', 'inputs.a.enum[1]'],
    ['{ type: integer, default: 0, minimum: 1 }', 'out_of_range', 'inputs.a.default'],
    ['{ default: abcd, maximum: 3 }', 'out_of_range', 'inputs.a.default'],
    ['{ type: integer, minimum: 3, maximum: 1 }', 'wrong_input', 'inputs.a.minimum'],
    ['{ type: boolean, minimum: 3 }', 'wrong_input', 'inputs.a.minimum'],
    ['{ type: integer, pattern: x }', 'wrong_input', 'inputs.a.pattern'],
    ['{ pattern: "(", default: x }', 'wrong_input', 'inputs.a.pattern'],
    ['{ pattern: "a)|(b" }', 'wrong_input', 'inputs.a.pattern'],
    ['{ pattern: "[a-z]+", default: a1 }', 'wrong_value', 'inputs.a.default'],
    [`{ pattern: "(a+)+b", default: ${'a'.repeat(60)} }`, 'wrong_value', 'inputs.a.default'],
  ])('%s', (spec, code, path) => {
    expect(declare(spec).map((one) => [one.code, one.path])).toEqual([[code, path]]);
  });

  test.each([
    '{ type: array, default: [1, 2], maximum: 2 }',
    '{ type: object, default: { a: 1 }, enum: [{ a: 1 }] }',
    '{ type: file, default: ./x }',
    '{ type: boolean, default: false }',
    '{ pattern: "a|b", default: b }',
  ])('%s is right', (spec) => {
    expect(declare(spec)).toEqual([]);
  });

  test('that nobody reads are told, unless all are read at once', () => {
    const unused = (command: string) =>
      read(`name: w\ninputs: { a: {}, b: {} }\nsteps: [{ command: "${command}" }]`);
    expect(unused('echo {{ inputs.a }}')).toMatchObject([
      { severity: 'warning', code: 'unused_input', path: 'inputs.b', line: 2, column: 18 },
    ]);
    expect(unused("echo {{ inputs['b'] + inputs.a }}")).toEqual([]);
    expect(unused('echo {{ hash(inputs) }}')).toEqual([]);
  });
});

describe('else and handlers', () => {
  const found = (step: string) =>
    withSteps(`  - { id: a, command: x, ${step} }`).map(({ code, path }) => [code, path]);

  test('steps inside are checked where they stand', () => {
    expect(found('when: inputs.b == 1, else: [{ comand: y }]')).toContainEqual([
      'unknown_key',
      'steps[0].else[0].comand',
    ]);
    expect(found('on_failure: { steps: [{ command: "echo {{ nope }}" }] }')).toEqual([
      ['unknown_reference', 'steps[0].on_failure.steps[0].command'],
    ]);
  });

  test('where they mean nothing', () => {
    expect(found('else: [{ command: y }]')).toEqual([['conflict', 'steps[0].else']]);
    expect(found('when: "true", foreach: [1], else: [{ command: y }]')).toEqual([
      ['conflict', 'steps[0].else'],
    ]);
    const cleanup =
      'name: w\nsteps: [{ command: x }]\ncleanup: [{ command: y, on_failure: { steps: [{ command: z }] } }]';
    expect(read(cleanup)).toMatchObject([{ code: 'conflict', path: 'cleanup[0].on_failure' }]);
  });

  test('an id is unique inside of them too', () => {
    expect(found('on_failure: { steps: [{ id: a, command: y }] }')).toContainEqual([
      'duplicate_id',
      expect.any(String),
    ]);
  });
});

test.each([
  ['of a workflow', 'name: w\nsecurity_profile: restricted\nsteps: [{ command: x }]', 'security_profile'],
  [
    'of a step',
    'name: w\nsteps:\n  - { command: x, security_profile: standard }',
    'steps[0].security_profile',
  ],
])('a sandbox comes later: %s', (_, text, path) => {
  expect(read(text)).toMatchObject([
    { code: 'not_supported', path, hint: expect.stringContaining('later release') },
  ]);
});

test('fields of one type are unknown on another', () => {
  expect(withSteps('  - { command: x, prompt: p }').map(({ code, path }) => [code, path])).toEqual([
    ['unknown_key', 'steps[0].prompt'],
  ]);
});
