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
