import { describe, expect, test } from 'vitest';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';

/** Steps start in line 3. */
const withSteps = (...lines: string[]) =>
  readDefinition({ text: ['name: w', 'steps:', ...lines].join('\n') }, stepTypes).diagnostics;

describe('the graph', () => {
  test('names a circle in its order', () => {
    const [found] = withSteps(
      '  - { id: z, command: x, needs: [a] }',
      '  - { id: a, command: x, needs: [b] }',
      '  - { id: b, command: x, needs: [c] }',
      '  - { id: c, command: x, needs: [a] }',
    );
    expect(found).toMatchObject({ code: 'cycle', path: 'steps[1].needs', line: 4 });
    expect(found!.message).toBe('steps need each other in a circle: a -> b -> c -> a');
  });

  test.each<[string, string[], (readonly [string, string, (string | undefined)?])[]]>([
    ['itself', ['  - { id: a, command: x, needs: [a] }'], [['cycle', 'steps[0].needs']]],
    [
      'a name that is nearly right',
      ['  - { id: build, command: x }', '  - { id: b, command: x, needs: [biuld] }'],
      [['unknown_step', 'steps[1].needs[0]', 'did you mean `build`']],
    ],
    [
      'a step of another list',
      ['  - { id: g, steps: [{ id: a, command: x }] }', '  - { id: b, command: x, needs: [a] }'],
      [['wrong_need', 'steps[1].needs[0]', undefined]],
    ],
    [
      'the same id twice, far apart',
      ['  - { id: g, steps: [{ id: a, command: x }] }', 'cleanup:', '  - { id: a, command: x }'],
      [['duplicate_id', 'cleanup[0].id', undefined]],
    ],
    [
      'the same id twice, one after the other',
      ['  - { id: a, command: x }', '  - { id: b, command: x, needs: [a] }', '  - { id: b, command: x }'],
      [['duplicate_id', 'steps[2].id']],
    ],
    [
      'the same id inside and outside of an undo',
      ['  - { id: a, command: x, undo: { id: b, command: y } }', '  - { id: b, command: x }'],
      [['duplicate_id', 'steps[1].id', undefined]],
    ],
    [
      'the same id twice, with undos',
      ['  - { id: a, command: x, undo: y }', '  - { id: a, command: x, undo: y }'],
      [['duplicate_id', 'steps[1].id', undefined]],
    ],
    [
      'a step of an undo',
      ['  - { id: a, command: x, undo: { id: u, command: y } }', '  - { command: x, needs: [u] }'],
      [
        [
          'wrong_need',
          'steps[1].needs[0]',
          'an undo runs in a rollback only, and needs the steps of its own list',
        ],
      ],
    ],
    [
      'out of an undo',
      ['  - { id: z, command: x }', '  - { id: a, command: x, undo: { command: y, needs: [z] } }'],
      [
        [
          'wrong_need',
          'steps[1].undo.needs[0]',
          'an undo runs in a rollback only, and needs the steps of its own list',
        ],
      ],
    ],
    [
      'a circle in an undo',
      ['  - { command: x, undo: [{ id: b, command: y, needs: [c] }, { id: c, command: y, needs: [b] }] }'],
      [['cycle', 'steps[0].undo[0].needs']],
    ],
    [
      'what never runs',
      [
        '  - { id: a, command: x, when: "{{ false }}" }',
        '  - { id: b, command: x, needs: [a] }',
        '  - { id: c, command: x }',
        '  - { id: d, command: x, needs: [b] }',
      ],
      [
        ['unreachable', 'steps[0].when'],
        ['unreachable', 'steps[1].needs'],
        ['unreachable', 'steps[3].needs'],
      ],
    ],
  ])('%s', (_, lines, expected) => {
    const found = withSteps(...lines);
    expect(found.map(({ code, path }) => [code, path])).toEqual(expected.map(([code, path]) => [code, path]));
    for (const [index, [, , hint]] of expected.entries()) if (hint) expect(found[index]!.hint).toBe(hint);
  });
});
