/** Keys about taking back, where nothing is taken back or where they contradict each other. */
import { strategyOf } from '../../engine/core/model.ts';
import type { DiagnosticList } from '../diagnostic.ts';
import { allSteps, type Draft, isTakenBack, policyOf, type StepDraft } from '../draft.ts';

const KEYS = ['undo', 'checkpoint', 'irreversible', 'destructive'] as const;

export function checkRollback(draft: Draft, list: DiagnosticList): void {
  for (const step of [...allSteps(draft.steps), ...allSteps(draft.cleanup)]) {
    if (isTakenBack(step)) checkContradictions(step, list);
    else if (step.type === 'block') checkBlock(step, list);
    else checkOutside(step, list);
    if (step.section === 'cleanup' || step.aside) checkPolicy(step, list);
  }
}

function checkContradictions({ id, fields, stepType, path }: StepDraft, list: DiagnosticList): void {
  const refuse = (key: string, message: string, hint: string) =>
    list.add({ code: 'conflict', message, hint, path: [...path, key], key: true });
  if (fields.undo !== undefined && fields.irreversible !== undefined) {
    const message = `step \`${id}\` is \`irreversible\`, and has an \`undo\``;
    refuse('irreversible', message, 'keep one of them');
  }
  if (fields.checkpoint !== undefined && stepType?.checkpoint) {
    refuse('checkpoint', `step \`${id}\` is a checkpoint itself`, 'write these keys on the step');
  }
  if (fields.irreversible?.includes('{{')) {
    const message = '`irreversible` is taken literally, found `{{`';
    list.add({ code: 'wrong_value', message, path: [...path, 'irreversible'] });
  }
  if (fields.checkpoint === false && fields.destructive) {
    const message = `step \`${id}\` is \`destructive\`, which takes a checkpoint, and has \`checkpoint: false\``;
    refuse('checkpoint', message, 'keep one of them');
  }
}

function checkBlock({ id, fields, path }: StepDraft, list: DiagnosticList): void {
  for (const key of [...KEYS, 'effects'] as const) {
    if (fields[key] === undefined) continue;
    const message = `block \`${id}\` cannot have \`${key}\``;
    const hint = key === 'checkpoint' ? 'put it on its first step' : 'put it on the steps inside';
    list.add({ code: 'conflict', message, hint, path: [...path, key], key: true });
  }
}

function checkOutside(step: StepDraft, list: DiagnosticList): void {
  const { fields, stepType, path } = step;
  for (const key of KEYS) {
    if (fields[key] === undefined) continue;
    const message = `${nameOf(step)} cannot have \`${key}\``;
    list.add({ code: 'conflict', message, hint: hintFor(step), path: [...path, key], key: true });
  }
  if (stepType?.checkpoint) {
    const message = `${nameOf(step)} cannot be a checkpoint`;
    list.add({ code: 'conflict', message, hint: hintFor(step), path: [...path, 'type'] });
  }
}

function checkPolicy(step: StepDraft, list: DiagnosticList): void {
  const policy = policyOf(step.fields);
  if (!strategyOf(policy)) return;
  const message = `${nameOf(step)} cannot have \`on_failure: ${policy}\``;
  list.add({ code: 'conflict', message, hint: hintFor(step), path: [...step.path, 'on_failure'] });
}

const nameOf = ({ id, aside }: StepDraft): string =>
  aside ? `\`${id}\`, which takes back step \`${aside.of.id}\`,` : `cleanup step \`${id}\``;

const hintFor = ({ aside }: StepDraft): string =>
  aside
    ? 'what takes back is not taken back itself: remove it'
    : 'a rollback leaves the cleanup alone: remove it';
