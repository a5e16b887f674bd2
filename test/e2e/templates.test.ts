/** Every shipped template: nothing to complain about, a plan that says what it would do, and nothing done by it. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunView } from '../../src/tools/run-view-schema.ts';
import { type Scratch, scratchBelay } from '../fixtures/scratch-belay.ts';

const names = readdirSync(join(import.meta.dirname, '../../templates'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));

/** What a caller would give, by template; a new template is added here. */
const INPUTS: { readonly [template: string]: { readonly [input: string]: string } } = {
  'dependency-update': { project: 'here', package: 'left-pad' },
  'fix-validation': { repository: 'here', before: 'v1', test: 'make test' },
  'release-notes': { repository: 'here', tag: 'v1.1.0' },
};

let scratch: Scratch;
beforeAll(() => {
  scratch = scratchBelay();
  mkdirSync(join(scratch.folder, 'here'));
});
afterAll(() => scratch.close());

async function call(tool: string, args: object): Promise<{ readonly [key: string]: unknown }> {
  const answer = await scratch.call(tool, args);
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.structured;
}

it('has inputs to try each with', () => expect(Object.keys(INPUTS).sort()).toEqual(names.sort()));

describe.each(names)('%s', (workflow) => {
  it('validates without errors and warnings', async () => {
    const inputs = INPUTS[workflow];
    expect(await call('workflow_validate', { workflow, inputs })).toMatchObject({
      valid: true,
      diagnostics: [],
      checks: [
        { name: 'definition', status: 'passed' },
        { name: 'inputs', status: 'passed' },
        { name: 'prerequisites', status: 'passed' },
      ],
    });
  });

  it('says what it is for, and so does each input', async () => {
    const { workflows } = await call('workflow_list', { query: workflow });
    const [listed] = workflows as {
      description: string;
      category: string;
      inputs: { [name: string]: { description?: string } };
    }[];
    expect(listed?.description.length).toBeGreaterThan(30);
    expect(listed?.category).not.toBe('');
    for (const input of Object.values(listed?.inputs ?? {})) expect(input.description).toBeTruthy();
  });

  it('shows its plan without doing anything', async () => {
    const inputs = INPUTS[workflow];
    const view = (await call('workflow_execute', { workflow, inputs, dry_run: true })) as unknown as RunView;
    expect(view.dry_run).toBe(true);
    const [first] = view.plan ?? [];
    expect(first).toMatchObject({ type: 'shell', touches: 'workspace', cwd: 'here' });
    for (const step of view.plan ?? []) {
      if (step.type === 'shell') expect(step.command, step.step).toBeTruthy();
      // all that is not known yet is what an earlier step will say
      if (step.unknown !== undefined) expect(step.unknown).toMatch(/has no result|is not known/);
    }
    expect(readdirSync(join(scratch.folder, 'here'))).toEqual([]);
  });
});
