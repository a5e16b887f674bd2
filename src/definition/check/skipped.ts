/**
 * Whether a text reads a step that may have been skipped, without saying what happens then.
 * Counted as saying it: `default(…)`, `has(…)`, a choice with `?`, a look at the step's status, a condition
 * around the reader that asks about the same step, or the very same condition. Likewise for an undo that reads
 * outputs of a step that may have failed.
 */
import { ancestors, type StepDraft } from '../draft.ts';
import type { Text } from '../texts.ts';

const GUARDS: ReadonlySet<string> = new Set(['default', 'has', 'exists']);

export function mayBeSkipped(target: StepDraft, text: Text): boolean {
  const around = new Set(text.step ? [text.step, ...ancestors(text.step)] : []);
  const conditional = [target, ...ancestors(target)].filter((step) => !around.has(step));
  const open = conditional.some((step) =>
    conditionsOf(step).some(
      (when) => ![...around].flatMap(conditionsOf).some((asked) => covers(asked, when, step)),
    ),
  );
  return open && !isGuarded(text, target);
}

/** Whether a text takes `target` back and counts on an output that only success has. */
export function mayHaveFailed(target: StepDraft, text: Text): boolean {
  const { step } = text;
  if (step?.aside?.kind !== 'undo' || step.aside.of !== target) return false;
  const around = [step, ...ancestors(step)].filter(({ aside }) => aside !== undefined);
  const isAsked = around.flatMap(conditionsOf).some((when) => /\bstatus\b/.test(when));
  return (
    !isAsked && !isGuarded(text, target) && !text.analysis.references.some(({ root }) => root === 'status')
  );
}

const covers = (asked: string, when: string, step: StepDraft): boolean =>
  asked.trim() === when.trim() || mentions(asked, step.id);

function conditionsOf(step: StepDraft): string[] {
  const { when, condition } = step.fields;
  return [when, condition].filter((one) => one !== undefined && one.trim() !== 'true') as string[];
}

function isGuarded(text: Text, target: StepDraft): boolean {
  const { functions, references } = text.analysis;
  if (functions.some((name) => GUARDS.has(name)) || /\?|\.status\b/.test(text.source)) return true;
  return references.some(
    ({ root, path }) =>
      (root === target.id && path[0] === 'status') || (path[0] === target.id && path[1] === 'status'),
  );
}

const mentions = (source: string, id: string): boolean => source.split(/[^\w-]+/).includes(id);
