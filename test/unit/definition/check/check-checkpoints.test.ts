import { describe, expect, test } from 'vitest';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';

const read = (text: string) => readDefinition({ text: `name: w\n${text}` }, stepTypes).diagnostics;
const codes = (text: string) => read(text).map(({ code, path }) => `${code} ${path}`);

/** The three places where a scope may be written. */
const places: readonly (readonly [string, (keys: string) => string, string])[] = [
  ['of the workflow', (keys) => `checkpoints: { ${keys} }\nsteps: [{ command: x }]`, 'checkpoints'],
  ['of a step', (keys) => `steps: [{ command: x, checkpoint: { ${keys} } }]`, 'steps[0].checkpoint'],
  ['of a type', (keys) => `steps: [{ type: checkpoint, ${keys} }]`, 'steps[0]'],
];

describe.each(places)('a scope %s', (_, write, at) => {
  test.each([
    ['paths: [a, "/"]', 'checkpoint_refused', 'paths[1]'],
    ['paths: ["//"]', 'checkpoint_refused', 'paths[0]'],
    ['paths: ["/srv/.."]', 'checkpoint_refused', 'paths[0]'],
    ['paths: ["~"]', 'checkpoint_refused', 'paths[0]'],
    ['paths: ["~/app"]', 'checkpoint_refused', 'paths[0]'],
    ['paths: ["$HOME"]', 'checkpoint_refused', 'paths[0]'],
    ['paths: ["app/{{ env.A }}"]', 'wrong_value', 'paths[0]'],
    ['exclude: ["{{ env.A }}"]', 'wrong_value', 'exclude[0]'],
    ['exclude: ["*"]', 'checkpoint_refused', 'exclude[0]'],
    ['exclude: [a, "**"]', 'checkpoint_refused', 'exclude[1]'],
    ['exclude: ["/"]', 'checkpoint_refused', 'exclude[0]'],
    ['exclude: ["/*"]', 'checkpoint_refused', 'exclude[0]'],
    ['exclude: ["**/*"]', 'checkpoint_refused', 'exclude[0]'],
    ['exclude: ["!src", "*"]', 'checkpoint_refused', 'exclude[1]'],
    ['exclude: [""]', 'out_of_range', 'exclude[0]'],
    ['paths: [""]', 'out_of_range', 'paths[0]'],
    ['paths: []', 'wrong_value', 'paths'],
    ['max_bytes: 0', 'wrong_value', 'max_bytes'],
    ['max_files: 0', 'out_of_range', 'max_files'],
    ['timeout: 0s', 'wrong_value', 'timeout'],
  ])('%s', (keys, code, path) => {
    expect(codes(write(keys))).toEqual([`${code} ${at}.${path}`]);
  });

  test.each([
    'paths: [".", "../shared", "/srv/app", "a~b"]',
    'exclude: ["*.log", node_modules, "dist/**", "*/", "**/tmp"]',
    'exclude: ["*", "!src/"]',
    'exclude: []',
    'max_bytes: 1GB, max_files: 1, timeout: 1s',
  ])('%s is right', (keys) => {
    expect(codes(write(keys))).toEqual([]);
  });
});

describe.each(places.slice(1))('commands %s', (_, write, at) => {
  test.each([
    ['restore: load', [`conflict ${at}.restore`]],
    ['capture: [a, b], restore: load', [`conflict ${at}.restore`]],
    ['capture: []', [`out_of_range ${at}.capture`]],
    ['capture: ""', [`out_of_range ${at}.capture`]],
    ['capture: "dump {{ inputs.no }}"', [`unknown_input ${at}.capture.command`]],
    ['capture: ["dump `{{ env.A }}`"]', [`unsafe_interpolation ${at}.capture[0].command`]],
    ['capture: dump, paths: []', []],
    ['capture: "dump {{ env.A }}", restore: "load {{ run.id }}"', []],
    ['capture: [a, b], restore: [c, d]', []],
  ])('%s', (keys, expected) => {
    expect(codes(write(keys))).toEqual(expected);
  });
});

describe('names', () => {
  test.each([
    [
      'the same one twice',
      'steps: [{ id: a, command: x, checkpoint: { name: n } }, { id: b, type: checkpoint, name: n }]',
      ['duplicate_checkpoint steps[1].name'],
    ],
    [
      'one that is the id of another',
      'steps: [{ id: a, command: x, checkpoint: { name: b } }, { id: b, command: x, checkpoint: true }]',
      ['duplicate_checkpoint steps[1]'],
    ],
    [
      'one that a destructive step gives',
      'steps: [{ id: a, command: x, destructive: true }, { id: b, command: x, checkpoint: { name: a } }]',
      ['duplicate_checkpoint steps[1].checkpoint.name'],
    ],
    [
      'one of Belay',
      'steps: [{ command: x, checkpoint: { name: rescue-me } }]',
      ['reserved_name steps[0].checkpoint.name'],
    ],
    ['an id of Belay', 'steps: [{ id: automatic, type: checkpoint }]', ['reserved_name steps[0]']],
    [
      'no name',
      'steps: [{ command: x, checkpoint: { name: a b } }]',
      ['wrong_value steps[0].checkpoint.name'],
    ],
    ['no name of a type', 'steps: [{ type: checkpoint, name: 1st }]', ['wrong_value steps[0].name']],
    [
      'ids without checkpoints',
      'steps: [{ id: automatic, command: x }, { id: b, command: x, checkpoint: { name: a } }, { id: a, command: x }]',
      [],
    ],
  ])('%s', (_, text, expected) => {
    expect(codes(text)).toEqual(expected);
  });

  test('that are there twice are told with both places', () => {
    const [found] = read(
      'steps: [{ id: a, command: x, checkpoint: { name: n } }, { id: b, type: checkpoint, name: n }]',
    );
    expect(found!.message).toBe('checkpoint `n` is there twice: at step `a` and at step `b`');
  });
});
