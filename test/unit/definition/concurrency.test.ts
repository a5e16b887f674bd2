/** What a definition says of a run as a whole: its concurrency group and its timeout. */
import { expect, test } from 'vitest';
import { readDefinition } from '../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

const read = (lines: string) =>
  readDefinition(
    {
      text: `name: w\ninputs: { env: { type: string } }\n${lines}\nsteps: [{ id: a, command: "x {{ inputs.env }}" }]`,
    },
    stepTypes,
  );

test.each([
  ['', {}],
  ['concurrency: { group: a }', { concurrency: { group: 'a', onConflict: 'queue' } }],
  [
    'concurrency: { group: "{{ inputs.env }}", on_conflict: replace }',
    { concurrency: { group: '{{ inputs.env }}', onConflict: 'replace' } },
  ],
  ['timeout: 1h', { timeoutMs: 3_600_000 }],
])('%j', (lines, expected) => {
  const { workflow, diagnostics } = read(lines);
  expect(diagnostics).toEqual([]);
  const { concurrency, timeoutMs } = workflow!;
  expect({ ...(concurrency && { concurrency }), ...(timeoutMs !== undefined && { timeoutMs }) }).toEqual(
    expected,
  );
});

test.each([
  ['concurrency: deploy', 'concurrency', 'wrong_type'],
  ['concurrency: { on_conflict: queue }', 'concurrency', 'missing'],
  ['concurrency: { group: " " }', 'concurrency.group', 'out_of_range'],
  ['concurrency: { group: a, on_conflict: cancel }', 'concurrency.on_conflict', 'wrong_value'],
  ['concurrency: { group: "{{ inputs.none }}" }', 'concurrency.group', 'unknown_input'],
  ['concurrency: { group: "{{ steps.a.outputs.x }}" }', 'concurrency.group', 'not_finished'],
  ['concurrency: { group: "{{ (" }', 'concurrency.group', 'expression'],
  ['timeout: 0s', 'timeout', 'wrong_value'],
  ['timeout: soon', 'timeout', 'wrong_value'],
])('%s is wrong at %s', (lines, path, code) => {
  const { workflow, diagnostics } = read(lines);
  expect(workflow).toBeUndefined();
  expect(diagnostics.map((each) => [each.path, each.code])).toEqual([[path, code]]);
});

test('limits by tag: a step has its own tags and those of the blocks around it', () => {
  const { workflow, diagnostics } = readDefinition(
    {
      text: `
name: w
limits: { db: 2, gpu: 1 }
steps:
  - { id: g, tags: [db], steps: [{ id: a, command: x, tags: [gpu, db] }, { id: b, command: x }] }
  - { id: c, command: x }`,
    },
    stepTypes,
  );
  expect(diagnostics).toEqual([]);
  expect(workflow?.limits).toEqual({ db: 2, gpu: 1 });
  const [group, plain] = workflow!.steps;
  expect(group?.body?.map(({ tags }) => tags?.toSorted())).toEqual([['db', 'gpu'], ['db']]);
  expect(plain).not.toHaveProperty('tags');
});

test('a limit that counts no step is named', () => {
  const text = 'name: w\nlimits: { dbs: 1 }\nsteps: [{ command: x, tags: [db] }]';
  expect(readDefinition({ text }, stepTypes).diagnostics).toMatchObject([
    { severity: 'warning', code: 'unused_limit', path: 'limits.dbs', hint: expect.stringContaining('`db`') },
  ]);
});

test.each([
  ['limits: { db: 0 }\nsteps: [{ command: x, tags: [db] }]', 'limits.db'],
  ['limits: { "1 2": 1 }\nsteps: [{ command: x, tags: [db] }]', 'limits["1 2"]'],
  ['steps: [{ command: x, tags: [] }]', 'steps[0].tags'],
  ['steps: [{ command: x, tags: ["a b"] }]', 'steps[0].tags[0]'],
])('%s is wrong', (text, path) => {
  const { workflow, diagnostics } = readDefinition({ text: `name: w\n${text}` }, stepTypes);
  expect(workflow).toBeUndefined();
  expect(diagnostics.map((each) => each.path)).toContain(path);
});
