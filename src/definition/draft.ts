/**
 * A definition half way between text and model: each step's fields are checked and its place in the text is
 * known, but references are not. Owns the shapes and the walk over them.
 */
import type * as z from 'zod';
import type { JsonObject } from '../engine/core/model.ts';
import type { StepType } from '../engine/core/step-type.ts';
import type { Path } from './diagnostic.ts';
import type { uncheckedStep } from './schema/catalogue-schemas.ts';
import type { WorkflowFields } from './schema/workflow.ts';

export interface StepDraft {
  readonly id: string;
  readonly path: Path;
  /** Task type, `block`, or '' when it could not be told. */
  readonly type: string;
  /** Absent for blocks, for unknown types and for types of later releases. */
  readonly stepType?: StepType<z.ZodObject>;
  readonly fields: Partial<z.output<typeof uncheckedStep>>;
  /** The type's own fields. */
  readonly config: JsonObject;
  /** Ids in the same list, the implicit chain written out; ids that are not there are left out. */
  needs: readonly string[];
  readonly body?: readonly StepDraft[];
  readonly parent?: StepDraft;
  readonly section: 'steps' | 'cleanup';
}

export interface Draft {
  readonly fields: Partial<WorkflowFields>;
  /** Input names as written, the wrong ones included. */
  readonly inputNames: readonly string[];
  readonly steps: readonly StepDraft[];
  readonly cleanup: readonly StepDraft[];
  /** True when something is used that does not run yet, so that not every reference is known. */
  readonly usesLater: boolean;
}

/** Every step with a body before what is in it, in the order of the text. */
export function* allSteps(list: readonly StepDraft[]): Generator<StepDraft> {
  for (const step of list) {
    yield step;
    if (step.body) yield* allSteps(step.body);
  }
}

/** The loop, group or parallel block around a step, and those around that. */
export function* ancestors(step: StepDraft): Generator<StepDraft> {
  for (let block = step.parent; block; block = block.parent) yield block;
}
