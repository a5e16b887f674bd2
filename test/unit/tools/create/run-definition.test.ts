/** A model that is written as a definition again means the same: over every template and every example of the manual. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import { definitionText } from '../../../../src/definition/write/definition-text.ts';
import type { Step, Workflow } from '../../../../src/engine/core/model.ts';
import type { RunState } from '../../../../src/engine/core/state.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';
import { runDefinition } from '../../../../src/tools/create/run-definition.ts';

const root = join(import.meta.dirname, '../../../..');
const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));
const examples = filesIn('docs', '.md').flatMap((text) =>
  [...text.matchAll(/^```yaml\n(name:[\s\S]*?)^```$/gm)].map(([, yaml = '']) => yaml),
);
const definitions = [...filesIn('templates', '.yaml'), ...examples].map(
  (text) => [/^name: (\S+)/.exec(text)?.[1] ?? '', text] as const,
);

const runOf = (workflow: Workflow): RunState =>
  ({
    workflow,
    steps: { children: new Map(workflow.steps.map(({ id }) => [id, { status: 'succeeded' }])) },
  }) as unknown as RunState;

/** Without the lines, and what ids made up for steps without one are called. */
const meaning = (steps: readonly Step[]): unknown =>
  steps.map(({ line: _line, body, undo, checkpoint, ...step }) => ({
    ...step,
    ...(checkpoint !== undefined && {
      checkpoint: checkpoint && { ...checkpoint, capture: undefined, restore: undefined },
    }),
    ...(body && { body: meaning(body) }),
    ...(undo && { undo: undo.map(({ config, type }) => ({ type, config })) }),
  }));

test.each(definitions)('%s', (_name, text) => {
  const { workflow } = readDefinition({ text }, stepTypes);
  if (!workflow) throw new Error(text);
  const { definition, left } = runDefinition(runOf(workflow), undefined);
  const written = definitionText(definition);
  const again = readDefinition({ text: written }, stepTypes);
  expect(
    again.diagnostics.filter(({ severity }) => severity === 'error'),
    written,
  ).toEqual([]);
  expect(left).toEqual([]);
  expect(meaning(again.workflow?.steps ?? []), written).toEqual(meaning(workflow.steps));
  const whole = ({ steps: _steps, cleanup: _cleanup, outputs: _outputs, ...rest }: Workflow): unknown => rest;
  expect(again.workflow && whole(again.workflow)).toEqual(whole(workflow));
});
