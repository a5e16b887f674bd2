/**
 * A definition half way between text and model: each step's fields are checked and its place in the text is
 * known, but references are not. Owns the shapes and the walk over them.
 */
import type * as z from 'zod';
import type { CheckpointSpec, FailurePolicy, JsonObject } from '../engine/core/model.ts';
import type { StepType } from '../engine/core/step-type.ts';
import type { Path } from './diagnostic.ts';
import type { uncheckedStep } from './schema/catalogue-schemas.ts';
import type { WorkflowFields } from './schema/workflow.ts';

/** The steps that stand aside at a step: what takes it back, or what its checkpoint runs. */
export interface Aside {
  readonly kind: 'undo' | 'checkpoint';
  readonly of: StepDraft;
}

export interface CheckpointDraft {
  readonly spec: Omit<CheckpointSpec, 'capture' | 'restore'>;
  /** Where its keys stand. */
  readonly path: Path;
  readonly capture: readonly StepDraft[];
  readonly restore: readonly StepDraft[];
}

/** What may have steps inside is filled in once they have been read. */
export interface StepDraft {
  readonly id: string;
  readonly path: Path;
  /** Task type, `block`, or '' when it could not be told. */
  readonly type: string;
  /** Absent for blocks and for unknown types. */
  readonly stepType?: StepType<z.ZodObject>;
  readonly fields: Partial<z.output<typeof uncheckedStep>>;
  /** The type's own fields. */
  readonly config: JsonObject;
  /** Ids in the same list, the implicit chain written out; ids that are not there are left out. */
  needs: readonly string[];
  body?: readonly StepDraft[];
  undo?: readonly StepDraft[];
  checkpoint?: CheckpointDraft | false;
  /** The block around it, or the step that it stands aside at. */
  readonly parent?: StepDraft;
  /** Shared by all that stands in it, in its blocks too; absent in the run itself. */
  readonly aside?: Aside;
  readonly section: 'steps' | 'cleanup';
}

export interface Draft {
  readonly fields: Partial<WorkflowFields>;
  /** Input names as written, the wrong ones included. */
  readonly inputNames: readonly string[];
  readonly steps: readonly StepDraft[];
  readonly cleanup: readonly StepDraft[];
}

/** What the failure of a step means: with a handler it goes on there. */
export const policyOf = ({ on_failure: policy }: StepDraft['fields']): FailurePolicy | undefined =>
  typeof policy === 'object' ? 'continue' : policy;

/** Every step before what is in it or stands aside at it. */
export function* allSteps(list: readonly StepDraft[]): Generator<StepDraft> {
  for (const step of list) {
    yield step;
    for (const inside of [step.body, step.undo]) if (inside) yield* allSteps(inside);
    if (step.checkpoint) yield* allSteps([...step.checkpoint.capture, ...step.checkpoint.restore]);
  }
}

/** Whether a rollback takes it back by itself: a task, neither in the cleanup nor aside. */
export const isTakenBack = ({ type, section, aside }: Pick<StepDraft, 'type' | 'section' | 'aside'>) =>
  type !== 'block' && section === 'steps' && aside === undefined;

/** The loop, group or parallel block around a step, or the step that it stands aside at, and those around that. */
export function* ancestors(step: StepDraft): Generator<StepDraft> {
  for (let block = step.parent; block; block = block.parent) yield block;
}
