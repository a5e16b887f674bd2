/**
 * What a step brings with it in its own list: the steps of its `else`, and those of a handler in `on_failure`. Both
 * become groups behind the step with a condition on its end, so that the engine knows nothing but steps.
 */
import type { FailurePolicy, Json } from '../engine/core/model.ts';
import type { DiagnosticList, Path } from './diagnostic.ts';
import type { StepDraft } from './draft.ts';

/** Reads steps inside `parent`. */
type ReadInside = (raw: Json, path: Path, parent: StepDraft) => readonly StepDraft[];

/** Groups that follow the step, in order; empty for most. */
export function readBranches(step: StepDraft, read: ReadInside, list: DiagnosticList): readonly StepDraft[] {
  return [elseOf(step, read, list), handlerOf(step, read, list)].filter((each) => each !== undefined);
}

function elseOf(step: StepDraft, read: ReadInside, list: DiagnosticList): StepDraft | undefined {
  const { fields, path } = step;
  if (fields.else === undefined) return undefined;
  const refuse = (message: string, hint: string) =>
    list.add({ code: 'conflict', message, hint, path: [...path, 'else'], key: true });
  if (fields.when === undefined && fields.condition === undefined)
    refuse('`else` means nothing without `when`', 'add `when`, or write the steps behind this one');
  if (fields.foreach !== undefined)
    refuse('a loop cannot have `else`', 'put a group inside the loop, with `when` and `else` on it');
  return group(step, {
    name: 'else',
    when: 'skipped',
    raw: fields.else as Json,
    at: [...path, 'else'],
    read,
  });
}

function handlerOf(step: StepDraft, read: ReadInside, list: DiagnosticList): StepDraft | undefined {
  const { id, fields, path, section, aside } = step;
  const { on_failure: policy } = fields;
  if (typeof policy !== 'object') return undefined;
  const at = [...path, 'on_failure'];
  if (section === 'cleanup' || aside) {
    const message = `step \`${id}\` cannot have a handler: nothing waits for it`;
    list.add({
      code: 'conflict',
      message,
      hint: 'handlers belong to the steps of a run',
      path: at,
      key: true,
    });
  }
  const { policy: after = 'continue' } = policy;
  const steps = policy.steps as readonly Json[];
  const raw = after === 'continue' ? steps : [...steps, verdict(id, after)];
  return group(step, { name: 'failed', when: 'soft_failed', raw, at: [...at, 'steps'], read });
}

/** When a handler has done its work, the failure counts as the step's own would have. */
const verdict = (id: string, policy: FailurePolicy): Json => ({
  type: 'assert',
  condition: 'false',
  message: `step \`${id}\` failed: {{ steps['${id}'].error.message }}`,
  on_failure: policy,
});

interface Branch {
  /** No id that an author writes has a colon. */
  readonly name: string;
  /** Status of the step. */
  readonly when: string;
  readonly raw: Json;
  readonly at: Path;
  readonly read: ReadInside;
}

function group(step: StepDraft, { name, when, raw, at, read }: Branch): StepDraft {
  const { id, section, parent, aside } = step;
  const draft: StepDraft = {
    id: `${id}:${name}`,
    path: at,
    type: 'block',
    fields: { needs: [id], when: `steps['${id}'].status == '${when}'` },
    config: {},
    needs: [id],
    section,
    ...(parent && { parent }),
    ...(aside && { aside }),
  };
  draft.body = read(raw, at, draft);
  return draft;
}
