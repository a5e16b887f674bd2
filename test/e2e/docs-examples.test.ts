/**
 * The examples in README and docs/*.md are true: each YAML block that starts with `name:` is a whole definition and
 * validates without errors and warnings; those whose first line ends in `# runs` are run as well, and succeed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionNames } from '../../src/definition/expression/functions.ts';
import { readDefinition } from '../../src/definition/read-definition.ts';
import { uncheckedStep, uncheckedWorkflow } from '../../src/definition/schema/catalogue-schemas.ts';
import { FAILURE_CODES } from '../../src/definition/schema/failure-codes.ts';
import { stepTypes } from '../../src/steps/catalogue.ts';
import { type Scratch, scratchBelay } from '../fixtures/scratch-belay.ts';
import { callForRun } from './fixtures/run-template.ts';

const root = join(import.meta.dirname, '../..');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

const examples = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(name:[\s\S]*?)^```$/gm)].map((match) => {
    const [first = ''] = (match[1] ?? '').split('\n');
    const line = text.slice(0, match.index).split('\n').length + 1;
    return { where: `${page}:${line}`, definition: match[1] ?? '', runs: first.endsWith('# runs') };
  });
});

it('finds examples in every page about definitions', () => {
  for (const page of ['README.md', 'docs/definition.md', 'docs/expressions.md'])
    expect(examples.some(({ where }) => where.startsWith(page))).toBe(true);
});

describe('says everything that there is', () => {
  const page = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8');
  const missing = (names: readonly string[], text: string): string[] =>
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));

  it('keys and step types in definition.md', () => {
    const keys = [uncheckedWorkflow, uncheckedStep, ...stepTypes.map(({ schema }) => schema)].flatMap(
      ({ shape }) => Object.keys(shape),
    );
    const types = stepTypes.map(({ type }) => type);
    expect(missing([...keys, ...types], page('definition.md'))).toEqual([]);
  });

  it('failure codes in definition.md', () => {
    expect(missing(FAILURE_CODES, page('definition.md'))).toEqual([]);
  });

  it('functions in expressions.md', () => {
    expect(missing(functionNames, page('expressions.md'))).toEqual([]);
  });

  it('templates and their inputs in templates.md', () => {
    for (const file of readdirSync(join(root, 'templates')).filter((name) => name.endsWith('.yaml'))) {
      const { workflow } = readDefinition(
        { text: readFileSync(join(root, 'templates', file), 'utf8') },
        stepTypes,
      );
      const names = [workflow?.name ?? file, ...Object.keys(workflow?.inputs ?? {})];
      expect(missing([...names, ...Object.keys(workflow?.outputs ?? {})], page('templates.md'))).toEqual([]);
    }
  });
});

describe('validates', () => {
  it.each(examples)('$where', ({ definition }) => {
    expect(readDefinition({ text: definition }, stepTypes).diagnostics).toEqual([]);
  });
});

describe('runs', () => {
  let scratch: Scratch;
  beforeAll(() => {
    scratch = scratchBelay();
  });
  afterAll(() => scratch.close());

  it.each(examples.filter(({ runs }) => runs))('$where', async ({ definition }) => {
    const view = await callForRun(scratch, 'workflow_execute', { definition });
    expect(view.status, view.reason).toBe('succeeded');
  });
});
