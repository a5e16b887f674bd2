/**
 * The examples in README and docs/*.md are true: each YAML block that starts with `name:` is a whole definition and
 * validates without errors and warnings; those whose first line ends in `# runs` are run as well, and succeed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefinition } from '../../src/definition/read-definition.ts';
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
