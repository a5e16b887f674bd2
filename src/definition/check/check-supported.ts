/** What a definition may say but this release does not do: refused by name, never ignored. */
import type { DiagnosticList, Path } from '../diagnostic.ts';
import { allSteps, type Draft, type StepDraft } from '../draft.ts';
import { LATER_STEP_KEYS, LATER_TYPES } from '../schema/step.ts';
import { LATER_WORKFLOW_KEYS } from '../schema/workflow.ts';

/** What to do today instead, by the thing's name. */
const INSTEAD: { readonly [thing: string]: string } = {};

type Report = (thing: string, path: Path, about?: string) => void;

/** True when something was refused. */
export function checkSupported(draft: Draft, list: DiagnosticList): boolean {
  let found = false;
  const report: Report = (thing, path, about = thing) => {
    found = true;
    const hint = `it comes with a later release; until then ${INSTEAD[about] ?? 'remove it'}`;
    list.add({
      code: 'not_supported',
      message: `${thing} is not run by this release`,
      path,
      key: true,
      hint,
    });
  };
  for (const key of LATER_WORKFLOW_KEYS) {
    const value = (draft.fields as { readonly [key: string]: unknown })[key];
    if (value !== undefined) report(`\`${key}\` of a workflow`, [key], key);
  }
  for (const step of [...allSteps(draft.steps), ...allSteps(draft.cleanup)]) checkStep(step, report);
  return found;
}

function checkStep(step: StepDraft, report: Report): void {
  const { fields, path, type } = step;
  const isLaterType = !step.stepType && Object.hasOwn(LATER_TYPES, type);
  if (isLaterType) report(`step type \`${type}\``, [...path, 'type'], type);
  for (const key of LATER_STEP_KEYS) {
    const value = (fields as { readonly [key: string]: unknown })[key];
    // `use_cache: false` asks for nothing; of a later type its fields are covered by the type.
    if (value === undefined || value === false || (isLaterType && TYPE_FIELDS.has(key))) continue;
    report(`\`${key}\` on a step`, [...path, key], key);
  }
}

const TYPE_FIELDS: ReadonlySet<string> = new Set(['prompt', 'message', 'inputs']);
