/**
 * The identity of a definition: sha256 over its canonical JSON (keys sorted, no white space, UTF-8), without the
 * lines its steps stand on.
 */
import { createHash } from 'node:crypto';
import type { CheckpointSpec, Step, Workflow } from '../engine/core/model.ts';

/** Hex. Two definitions with one digest run alike. */
export function definitionDigest(workflow: Workflow): string {
  return createHash('sha256')
    .update(canonicalJson(placeless(workflow)))
    .digest('hex');
}

const placeless = (workflow: Workflow): Workflow => ({
  ...workflow,
  steps: unplaced(workflow.steps),
  cleanup: unplaced(workflow.cleanup),
  ...(workflow.workflows && {
    workflows: Object.fromEntries(
      Object.entries(workflow.workflows).map(([name, each]) => [name, placeless(each)]),
    ),
  }),
});

function unplaced(steps: readonly Step[]): readonly Step[] {
  return steps.map(({ line: _line, ...step }) => ({
    ...step,
    ...(step.body && { body: unplaced(step.body) }),
    ...(step.undo && { undo: unplaced(step.undo) }),
    ...(step.checkpoint && { checkpoint: unplacedScripts(step.checkpoint) }),
  }));
}

const unplacedScripts = ({ capture, restore, ...spec }: CheckpointSpec): CheckpointSpec => ({
  ...spec,
  ...(capture && { capture: unplaced(capture) }),
  ...(restore && { restore: unplaced(restore) }),
});

/** The same for values that are the same: keys sorted, what is undefined left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const record = value as { readonly [key: string]: unknown };
  const members = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
  return `{${members.join(',')}}`;
}
