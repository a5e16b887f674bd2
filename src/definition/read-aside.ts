/**
 * What stands aside at a step, from JSON to drafts: the steps that take it back, and its checkpoint with the
 * commands that capture and restore state. Owns their ids and the short forms, a command for a step and one for
 * a list. How a step is read is `read-steps.ts`, which hands itself in.
 */
import type { Json } from '../engine/core/model.ts';
import type { Path } from './diagnostic.ts';
import type { Aside, CheckpointDraft, StepDraft } from './draft.ts';

/** One step of a list. */
export interface Item {
  readonly raw: Json;
  readonly path: Path;
  /** For a step that has none. */
  makeId(): string;
}

type Written = { readonly capture?: Json | undefined; readonly restore?: Json | undefined };
type ReadItems = (items: readonly Item[], aside: Aside) => readonly StepDraft[];

/** Fills in `undo` and `checkpoint` of a step that a rollback takes back. */
export function readAside(step: StepDraft, read: ReadItems): void {
  const { undo } = step.fields;
  if (undo !== undefined) {
    step.undo = read(itemsOf(undo as Json, 'undo', step, step.path), { kind: 'undo', of: step });
  }
  const checkpoint = readCheckpoint(step, read);
  if (checkpoint !== undefined) step.checkpoint = checkpoint;
}

function readCheckpoint(step: StepDraft, read: ReadItems): CheckpointDraft | false | undefined {
  const { stepType, config, path } = step;
  const aside: Aside = { kind: 'checkpoint', of: step };
  const scripts = (written: Written, at: Path) => ({
    path: at,
    capture: read(itemsOf(written.capture, 'capture', step, at), aside),
    restore: read(itemsOf(written.restore, 'restore', step, at), aside),
  });
  if (stepType?.checkpoint) {
    // fields that are wrong have been reported
    if (!stepType.schema.safeParse(config).success) return undefined;
    return { spec: stepType.checkpoint(config), ...scripts(config, path) };
  }
  const { checkpoint } = step.fields;
  if (checkpoint === undefined || checkpoint === false) return checkpoint;
  const { spec, ...written } = checkpoint === true ? { spec: {} } : checkpoint;
  return { spec, ...scripts(written, [...path, 'checkpoint']) };
}

function itemsOf(written: Json | undefined, key: string, step: StepDraft, path: Path): readonly Item[] {
  if (written === undefined) return [];
  const isList = Array.isArray(written);
  return (isList ? (written as readonly Json[]) : [written]).map((one, index) => ({
    raw: typeof one === 'string' ? { command: one } : one,
    path: isList ? [...path, key, index] : [...path, key],
    // no id that an author writes has a colon
    makeId: () => `${key}:${step.id}${isList ? `:${index + 1}` : ''}`,
  }));
}
