import fc from 'fast-check';
import { expect, test } from 'vitest';
import { definitionDigest } from '../../../src/definition/definition-digest.ts';
import { readDefinition } from '../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../src/steps/catalogue.ts';

/** Nodes of an answer, bounded whatever comes in: at most 201 errors and 200 warnings of a handful of fields. */
const NODES_MAX = 402 * 10;

function nodes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, member) => sum + nodes(member), 1);
}

function check(source: Parameters<typeof readDefinition>[0]): void {
  const { workflow, diagnostics } = readDefinition(source, stepTypes);
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  expect(workflow === undefined).toBe(hasErrors);
  expect(nodes(diagnostics)).toBeLessThan(NODES_MAX);
  if (workflow) expect(definitionDigest(workflow)).toMatch(/^[0-9a-f]{64}$/);
}

const word = fc.constantFrom(
  'name',
  'steps',
  'inputs',
  'id',
  'command',
  'type',
  'needs',
  'when',
  'foreach',
  'parallel',
  'repeat',
  'retry',
  'outputs',
  'env',
  'defaults',
  'cleanup',
  'prerequisites',
  'tool',
  'set',
  'assert',
  'wait',
  'values',
  'until',
  'max',
  'as',
  'enum',
  'default',
  'pattern',
  'a',
  'b',
  'else',
  'undo',
  'checkpoint',
  'capture',
  'restore',
  'paths',
  'exclude',
  'on_failure',
  'irreversible',
  'http',
  'workflow',
  'version',
);
const leaf = fc.oneof(
  word,
  fc.constantFrom(
    '{{ inputs.a }}',
    '{{ steps.a.outputs.b }}',
    '{{',
    '}}',
    'item',
    '1..3',
    'a.stdout == b',
    '30s',
    '',
    '(',
  ),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
);
const likely = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 6 }),
  ),
})).value;

test('no text makes it throw', () => {
  const token = fc.oneof(
    word,
    leaf.map(String),
    fc.constantFrom(
      '\n',
      '\n  ',
      '\n    - ',
      ': ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '!!',
      '|\n',
      '"',
      "'",
      '#',
      '---',
      '\t',
      '\r\n',
      '? ',
    ),
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 80 }), (tokens) => check({ text: tokens.join('') })),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => check({ text })),
    { numRuns: 100 },
  );
});

test('no value makes it throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => check({ value })),
    { numRuns: 100 },
  );
  fc.assert(
    fc.property(likely, (value) => check({ value })),
    { numRuns: 100 },
  );
});

test('no workflow of likely keys makes it throw, as a value and as text', () => {
  const step = fc
    .dictionary(word, likely, { maxKeys: 5, noNullPrototype: true })
    .map((fields) => ({ command: 'x', ...fields }));
  const fields = fc.dictionary(word, likely, { maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), fields, (steps, more) => {
      const value = { name: 'w', ...more, steps };
      check({ value });
      check({ text: JSON.stringify(value) });
    }),
    { numRuns: 150 },
  );
});
