import { expect, test } from 'vitest';
import { definitionDigest } from '../../../src/definition/definition-digest.ts';
import { type LinkedWorkflow, linkWorkflows } from '../../../src/definition/link-workflows.ts';
import { readDefinition } from '../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

type Shelf = { readonly [name: string]: string };

/** Steps as YAML lists, by name of the workflow. */
function link(steps: string, shelf: Shelf = {}): LinkedWorkflow {
  const text = (name: string, yaml: string) => `name: ${name}\nsteps:\n${yaml}`;
  const read = readDefinition({ text: text('outer', steps) }, stepTypes);
  if (!read.workflow) throw new Error(JSON.stringify(read.diagnostics));
  return linkWorkflows(read.workflow, {
    find: (name) => {
      const found = shelf[name];
      return found === undefined ? undefined : readDefinition({ text: text(name, found) }, stepTypes);
    },
    names: () => Object.keys(shelf),
  });
}

const codes = ({ diagnostics }: LinkedWorkflow) =>
  diagnostics.map(({ code, path, line }) => ({ code, path, ...(line !== undefined && { line }) }));
const LEAF = '  - { id: a, command: x }';

test('a workflow that runs no other stays as it is', () => {
  const { workflow } = link(LEAF);
  expect(workflow).not.toHaveProperty('workflows');
});

test('everything that is run, in turn too, comes along; the digest holds all of it', () => {
  const shelf = { inner: '  - { workflow: leaf }', leaf: LEAF };
  const { workflow } = link('  - { workflow: inner }\n  - { workflow: leaf }', shelf);
  expect(Object.keys(workflow?.workflows ?? {})).toEqual(['inner', 'leaf']);
  const other = link('  - { workflow: inner }\n  - { workflow: leaf }', {
    ...shelf,
    leaf: `${LEAF}\n${LEAF.replace('a', 'b')}`,
  });
  expect(definitionDigest(other.workflow!)).not.toBe(definitionDigest(workflow!));
  const moved = link('  - { workflow: inner }\n  - { workflow: leaf }', { ...shelf, leaf: `\n${LEAF}` });
  expect(definitionDigest(moved.workflow!)).toBe(definitionDigest(workflow!));
});

test('a step may change what the worst step of its workflow may change', () => {
  const { workflow } = link('  - { id: s, workflow: inner }\n  - { id: n, workflow: quiet }', {
    inner: '  - { workflow: leaf }',
    leaf: `${LEAF}\n  - { type: http, url: "http://127.0.0.1/", method: POST }`,
    quiet: '  - { type: set, values: { a: 1 } }',
  });
  expect(workflow?.steps.map(({ effects }) => effects)).toEqual(['remote', 'none']);
});

test('a name that is not there, near one that is', () => {
  const linked = link('  - { id: s, workflow: innre }', { inner: LEAF });
  expect(codes(linked)).toEqual([{ code: 'unknown_workflow', path: 'steps[0]', line: 3 }]);
  expect(linked.diagnostics[0]?.hint).toContain('`inner`');
});

test('a workflow with errors is named with its first', () => {
  const linked = link('  - { workflow: inner }', { inner: '  - { id: a, comand: x }' });
  expect(linked.diagnostics[0]).toMatchObject({
    code: 'invalid_workflow',
    message: expect.stringContaining('`inner`'),
  });
});

test.each([
  ['itself', '  - { workflow: outer }', {}, 'outer -> outer'],
  [
    'over others',
    '  - { workflow: a }',
    { a: '  - { workflow: b }', b: '  - { workflow: a }' },
    'a -> b -> a',
  ],
])('a circle, %s', (_, steps, shelf, circle) => {
  const linked = link(steps, { ...shelf, outer: LEAF });
  expect(codes(linked).map(({ code }) => code)).toEqual(['cycle']);
  expect(linked.diagnostics[0]?.message).toContain(circle);
});

test('inputs: unknown ones, missing ones and literals of the wrong type; what is rendered is not known yet', () => {
  const inner = `  - { id: a, command: "echo {{ inputs.n }}" }\ninputs: { n: { type: integer, required: true } }`;
  const found = (inputs: string) =>
    codes(link(`  - { workflow: inner, inputs: ${inputs} }`, { inner })).map(({ code }) => code);
  expect(found('{ n: 1 }')).toEqual([]);
  expect(found('{ n: "{{ 1 + 1 }}" }')).toEqual([]);
  expect(found('{ n: x }')).toEqual(['wrong_type']);
  expect(found('{}')).toEqual(['missing_input']);
  expect(found('{ n: 1, m: 2 }')).toEqual(['unknown_input']);
  expect(found('{ n: 1, m: "{{ run.id }}" }')).toEqual(['unknown_input']);
});

test('a wide web of workflows is read once each', () => {
  const names = Array.from({ length: 16 }, (_, index) => `w${index}`);
  const shelf = Object.fromEntries(
    names.map((name, index) => [
      name,
      names
        .slice(index + 1)
        .map((next) => `  - { workflow: ${next} }`)
        .join('\n') || LEAF,
    ]),
  );
  expect(Object.keys(link('  - { workflow: w0 }', shelf).workflow?.workflows ?? {})).toHaveLength(16);
});

test('more workflows than a run may carry', () => {
  const names = Array.from({ length: 60 }, (_, index) => `w${index}`);
  const linked = link(
    names.map((name) => `  - { workflow: ${name} }`).join('\n'),
    Object.fromEntries(names.map((name) => [name, LEAF])),
  );
  expect(new Set(codes(linked).map(({ code }) => code))).toEqual(new Set(['limit']));
});

test('runs that would start one another too deeply', () => {
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, index) => [
        `d${index}`,
        index + 1 < length ? `  - { workflow: d${index + 1} }` : LEAF,
      ]),
    );
  expect(codes(link('  - { workflow: d0 }', chain(16)))).toEqual([]);
  const deep = link('  - { workflow: d0 }', chain(17));
  expect(codes(deep)).toMatchObject([{ code: 'limit' }]);
  expect(deep.diagnostics[0]?.message).toContain('17 deep, expected at most 16');
});
