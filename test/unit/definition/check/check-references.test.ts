import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../../src/definition/diagnostic.ts';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';

const read = (text: string): Diagnostic[] => readDefinition({ text }, stepTypes).diagnostics;

describe('references', () => {
  const INPUTS = 'name: w\ninputs: { target: { default: x } }\nsteps:\n';
  const refer = (...lines: string[]) =>
    read(INPUTS + lines.join('\n'))
      .filter(({ code }) => code !== 'unused_input')
      .map(({ code, path }) => `${code} ${path}`);

  test.each<[string, string[], string[]]>([
    ['an input', ['  - { command: "echo {{ inputs.target }}" }'], []],
    ['an unknown input', ['  - { command: "echo {{ inputs.taget }}" }'], ['unknown_input steps[0].command']],
    ['an unknown name', ['  - { command: "echo {{ target }}" }'], ['unknown_reference steps[0].command']],
    [
      'an unknown step',
      ['  - { command: "echo {{ steps.a.outputs.x }}" }'],
      ['unknown_step steps[0].command'],
    ],
    ['env and run', ['  - { command: "echo {{ env.HOME }} {{ run.id }}" }'], []],
    ['the step before', ['  - { id: a, command: x }', '  - { command: "echo {{ a.exit_code }}" }'], []],
    [
      'by brackets',
      ['  - { id: go-live, command: x }', `  - { command: "echo {{ steps['go-live'].exit_code }}" }`],
      [],
    ],
    [
      'far before',
      ['  - { id: a, command: x }', '  - { command: x }', '  - { command: "echo {{ steps.a.exit_code }}" }'],
      [],
    ],
    ['itself', ['  - { id: a, command: "echo {{ steps.a.exit_code }}" }'], ['not_finished steps[0].command']],
    [
      'itself in outputs',
      ['  - { id: a, command: x, outputs: { n: "{{ a.exit_code }} {{ exit_code }}" } }'],
      [],
    ],
    [
      'a later step',
      ['  - { id: a, command: "echo {{ steps.b.exit_code }}" }', '  - { id: b, command: x }'],
      ['not_finished steps[0].command'],
    ],
    [
      'a step beside',
      [
        '  - parallel:',
        '      - { id: a, command: x }',
        '      - { id: b, command: "echo {{ a.exit_code }}" }',
      ],
      ['not_finished steps[0].parallel[1].command'],
    ],
    [
      'a needed step beside',
      [
        '  - parallel:',
        '      - { id: a, command: x }',
        '      - { id: b, needs: [a], command: "echo {{ a.exit_code }}" }',
      ],
      [],
    ],
    [
      'from a block to a step before it',
      ['  - { id: a, command: x }', '  - { steps: [{ command: "echo {{ a.exit_code }}" }] }'],
      [],
    ],
    [
      'into a finished block',
      ['  - { steps: [{ id: a, command: x }] }', '  - { command: "echo {{ a.exit_code }}" }'],
      [],
    ],
    [
      'into a finished loop',
      [
        '  - { id: l, foreach: [1], steps: [{ id: a, command: x }] }',
        '  - { command: "echo {{ a.exit_code }}" }',
      ],
      ['inside_loop steps[1].command'],
    ],
    [
      'within a loop',
      [
        '  - { foreach: [1], steps: [{ id: a, command: x }, { command: "echo {{ a.exit_code }} {{ item }}" }] }',
      ],
      [],
    ],
    [
      'the block around',
      ['  - { id: g, steps: [{ command: "echo {{ g.outputs.x }}" }] }'],
      ['not_finished steps[0].steps[0].command'],
    ],
    [
      'the body, in until',
      ['  - { id: g, repeat: { until: "a.exit_code == 0" }, steps: [{ id: a, command: x }] }'],
      [],
    ],
    [
      'item outside a loop',
      ['  - { command: "echo {{ item }} {{ index }}" }'],
      ['unknown_reference steps[0].command', 'unknown_reference steps[0].command'],
    ],
    ['item in the items', ['  - { foreach: "[item]", command: x }'], ['unknown_reference steps[0].foreach']],
    [
      'item by its name',
      ['  - { foreach: [1], as: n, when: n > 0, command: "echo {{ n }} {{ item }}" }'],
      [],
    ],
    [
      'stdout before the end',
      ['  - { command: x, when: "stdout == 1" }'],
      ['unknown_reference steps[0].when'],
    ],
    [
      'from the cleanup',
      ['  - { id: a, command: x }', 'cleanup:', '  - { id: c, command: "echo {{ a.exit_code }}" }'],
      [],
    ],
    [
      'into the cleanup',
      ['  - { id: a, command: "echo {{ c.exit_code }}" }', 'cleanup:', '  - { id: c, command: x }'],
      ['not_finished steps[0].command'],
    ],
    [
      'from the outputs',
      ['  - { id: a, command: x }', 'outputs: { x: "{{ a.exit_code }} {{ nope.x }}" }'],
      ['unknown_reference outputs.x.value'],
    ],
    [
      'from the env',
      ['  - { id: a, command: x }', 'env: { X: "{{ a.exit_code }}" }'],
      ['not_finished env.X'],
    ],
    [
      'an assertion in a list',
      ['  - { type: assert, assertions: [{ that: "nope.x" }, "inputs.nope == 1"] }'],
      ['unknown_reference steps[0].assertions[0].that', 'unknown_input steps[0].assertions[1]'],
    ],
    [
      'a nested value',
      ['  - { type: set, values: { a: [{ b: "{{ nope }}" }] } }'],
      ['unknown_reference steps[0].values.a[0].b'],
    ],
    [
      'an output that is misspelt',
      [
        '  - { id: a, command: x, outputs: { size: "{{ stdout }}" } }',
        '  - { command: "echo {{ a.outputs.sise }}" }',
      ],
      ['unknown_output steps[1].command'],
    ],
  ])('%s', (_, lines, expected) => {
    expect(refer(...lines)).toEqual(expected);
  });

  test('tell where they stand inside the text', () => {
    const found = read(
      `${INPUTS}  - command: |\n      echo one\n      echo {{ steps.nope.x }}\n  - when: "inputs.nop == 1"\n    command: x\n`,
    );
    expect(
      found
        .filter(({ severity }) => severity === 'error')
        .map(({ code, path, line, column }) => [code, path, line, column]),
    ).toEqual([
      ['unknown_step', 'steps[0].command', 6, 21],
      ['unknown_input', 'steps[1].when', 7, 19],
    ]);
  });

  const undo = (text: string, keys = '') =>
    `  - { id: a, command: x, outputs: { n: "{{ stdout }}" }${keys}, undo: { id: u, command: "y {{ ${text} }}" } }`;
  test.each<[string, string[], string[]]>([
    ['its step', [undo('steps.a.exit_code')], []],
    ['its step by the bare id', [undo('a.error')], []],
    ['its step without a name', [undo('[exit_code, stdout, stderr, status, error]')], []],
    ['the step before', ['  - { id: z, command: x }', undo('z.stdout')], []],
    ['the item of the loop', [undo('item', ', foreach: [1]')], []],
    ['a later step', [undo('z.stdout'), '  - { id: z, command: x }'], ['not_finished steps[0].undo.command']],
    ['an unknown name', [undo('nope')], ['unknown_reference steps[0].undo.command']],
    ['itself', [undo('u.exit_code')], ['not_finished steps[0].undo.command']],
    [
      'one before it in its list',
      ['  - { id: a, command: x, undo: [{ id: u, command: y }, "z {{ u.exit_code }}"] }'],
      [],
    ],
    [
      'one after it in its list',
      ['  - { id: a, command: x, undo: ["z {{ u.exit_code }}", { id: u, command: y }] }'],
      ['not_finished steps[0].undo[0].command'],
    ],
    ['an output that may not be there', [undo('outputs.n')], ['may_have_failed steps[0].undo.command']],
    ['the same by the id', [undo('steps.a.outputs.n')], ['may_have_failed steps[0].undo.command']],
    ['with default', [undo('default(outputs.n, 1)')], []],
    ['an output that is misspelt', [undo('outputs.m')], ['unknown_output steps[0].undo.command']],
    [
      'an output, of success only',
      [
        '  - { id: a, command: x, outputs: { n: "{{ stdout }}" }, undo: { when: status == \'succeeded\', command: "y {{ outputs.n }}" } }',
      ],
      [],
    ],
  ])('of an undo to %s', (_, lines, expected) => {
    expect(refer(...lines)).toEqual(expected);
  });

  test.each<[string, string]>([
    ['a step', '  - { command: "echo {{ u.exit_code }}" }'],
    ['another undo', '  - { command: x, undo: "y {{ u.exit_code }}" }'],
    ['the cleanup', 'cleanup:\n  - { command: "echo {{ u.exit_code }}" }'],
    ['an output', 'outputs: { x: "{{ steps.u.exit_code }}" }'],
    ['a capture', '  - { type: checkpoint, capture: "echo {{ steps[\'capture:step_2\'].exit_code }}" }'],
  ])('into an undo or a checkpoint, from %s, are refused', (_, lines) => {
    const found = refer(undo('exit_code'), lines);
    expect(found).toEqual([expect.stringMatching(/^not_finished /)]);
  });

  test('of a capture are those of its step before it runs', () => {
    const checkpoint = (text: string) =>
      refer(
        '  - { id: z, command: x }',
        `  - { id: a, foreach: [1], command: x, checkpoint: { capture: "dump {{ ${text} }}" } }`,
      );
    expect(checkpoint('z.exit_code + item')).toEqual([]);
    expect(checkpoint('a.exit_code')).toEqual(['not_finished steps[1].checkpoint.capture.command']);
    expect(checkpoint('exit_code')).toEqual(['unknown_reference steps[1].checkpoint.capture.command']);
  });

  const maybe = '  - { id: a, when: "inputs.target == \'x\'", command: x, outputs: { n: "{{ stdout }}" } }';
  test.each<[string, string, boolean]>([
    ['plainly', '{ command: "echo {{ a.outputs.n }}" }', true],
    ['with default', '{ command: "echo {{ default(a.outputs.n, 1) }}" }', false],
    ['with a choice', '{ command: "echo {{ a.status == \'skipped\' ? 1 : a.outputs.n }}" }', false],
    [
      'under the same condition',
      '{ command: "echo {{ a.outputs.n }}", when: "inputs.target == \'x\'" }',
      false,
    ],
    [
      'under a condition about it',
      '{ command: "echo {{ a.outputs.n }}", when: "a.status == \'succeeded\'" }',
      false,
    ],
    ['its exit code', '{ command: "echo {{ a.exit_code }}" }', false],
  ])('to a step that may be skipped: %s', (_, step, warned) => {
    expect(refer(maybe, `  - ${step}`)).toEqual(warned ? ['may_be_skipped steps[1].command'] : []);
  });
});
