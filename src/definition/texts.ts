/**
 * Every text of a definition that holds expressions, with its place and what it may see. Owns which key holds
 * what: the common keys here, a type's own fields by its `fields` table, where `a.b` names a key inside `a`,
 * lists are looked through, and a key that is not named is what the nearest named one around it is.
 */
import type { Json } from '../engine/core/model.ts';
import type { FieldKind } from '../engine/core/step-type.ts';
import type { Path } from './diagnostic.ts';
import { allSteps, type Draft, type StepDraft } from './draft.ts';
import { type Analysis, analyseExpression, analyseShell, analyseTemplate } from './expression/analyse.ts';
import { rangeExpression } from './foreach-range.ts';
import { outputText } from './schema/artifact.ts';

/** `items` and `when` are asked before a step runs, `result` after; `output` belongs to the workflow. */
export type Role = 'items' | 'when' | 'field' | 'result' | 'env' | 'output';

export interface Text {
  readonly source: string;
  readonly path: Path;
  readonly role: Role;
  /** Absent for the texts of the workflow itself. */
  readonly step?: StepDraft;
  readonly analysis: Analysis;
}

/** Names of a step itself, once it ran. */
export const RESULT_NAMES: readonly string[] = ['stdout', 'stderr', 'exit_code', 'outputs'];
/** Names of the step that is taken back. */
export const UNDONE_NAMES: readonly string[] = [...RESULT_NAMES, 'status', 'error'];

/** The step whose result a bare name of the text means: its own once it ran, or that of the step it takes back. */
export function meantBy({ step, role }: Pick<Text, 'step' | 'role'>, name: string): StepDraft | undefined {
  if (role === 'result' && RESULT_NAMES.includes(name)) return step;
  return step?.aside?.kind === 'undo' && UNDONE_NAMES.includes(name) ? step.aside.of : undefined;
}

/** All of them, analysed once. */
export function analyseTexts(draft: Draft): readonly Text[] {
  const texts: Text[] = [];
  const { env = {}, outputs = {} } = draft.fields;
  addMap(texts, env, ['env'], 'env');
  const { group } = draft.fields.concurrency ?? {};
  if (group !== undefined)
    texts.push({
      source: group,
      path: ['concurrency', 'group'],
      role: 'env',
      analysis: analyseTemplate(group),
    });
  for (const [index, source] of (draft.fields.cache?.tags ?? []).entries())
    texts.push({ source, path: ['cache', 'tags', index], role: 'env', analysis: analyseTemplate(source) });
  for (const [name, spec] of Object.entries(outputs)) {
    if (spec.value === undefined) continue;
    // `{value: …}` and the short form look alike by now; the locator stops at the text in both.
    texts.push({
      source: spec.value,
      path: ['outputs', name, 'value'],
      role: 'output',
      analysis: analyseTemplate(spec.value),
    });
  }
  for (const list of [draft.steps, draft.cleanup]) {
    for (const step of allSteps(list)) addStep(texts, step);
  }
  return texts;
}

function addStep(texts: Text[], step: StepDraft): void {
  const { when, condition, foreach, repeat, env = {}, outputs = {} } = step.fields;
  const add = (role: Role, source: string, analysis: Analysis, ...inside: Path) =>
    texts.push({ source, path: [...step.path, ...inside], role, step, analysis });
  if (when !== undefined) add('when', when, analyseExpression(when), 'when');
  if (condition !== undefined) add('when', condition, analyseExpression(condition), 'condition');
  if (typeof foreach === 'string') {
    if (!rangeExpression(foreach)) add('items', foreach, analyseExpression(foreach), 'foreach');
  } else if (foreach) {
    addJson(texts, step, foreach as readonly Json[], 'template', ['foreach'], 'items');
  }
  if (repeat?.until !== undefined)
    add('result', repeat.until, analyseExpression(repeat.until), 'repeat', 'until');
  addMap(texts, env, [...step.path, 'env'], 'field', step);
  for (const [name, written] of Object.entries(outputs)) {
    const source = outputText(written);
    const inside = typeof written === 'string' ? [name] : [name, 'path'];
    add('result', source, analyseTemplate(source), 'outputs', ...inside);
  }
  addCache(texts, step);
  for (const [field, value] of Object.entries(step.config)) addField(texts, step, value, field, [field]);
}

function addCache(texts: Text[], step: StepDraft): void {
  const { cache_key, cache } = step.fields;
  if (cache_key !== undefined) addMap(texts, { cache_key }, step.path, 'field', step);
  for (const key of ['files', 'tags'] as const)
    addJson(texts, step, cache?.[key] ?? [], 'template', ['cache', key], 'field');
}

function addMap(
  texts: Text[],
  map: { readonly [name: string]: string },
  path: Path,
  role: Role,
  step?: StepDraft,
): void {
  for (const [name, source] of Object.entries(map)) {
    texts.push({
      source,
      path: [...path, name],
      role,
      ...(step && { step }),
      analysis: analyseTemplate(source),
    });
  }
}

function addField(texts: Text[], step: StepDraft, value: Json, field: string, inside: Path): void {
  const kinds = step.stepType?.fields ?? {};
  addJson(texts, step, value, kinds[field] ?? 'literal', inside, 'field', (key, kind) => {
    const names = [...inside, ...key].filter((part) => typeof part === 'string');
    return kinds[names.join('.')] ?? kind;
  });
}

function addJson(
  texts: Text[],
  step: StepDraft,
  value: Json,
  kind: FieldKind,
  inside: Path,
  role: Role,
  kindOf: (key: Path, kind: FieldKind) => FieldKind = (_, same) => same,
  key: Path = [],
): void {
  if (typeof value === 'string') {
    if (kind === 'literal') return;
    const analysis = analyseAs(kind, value, step);
    texts.push({ source: value, path: [...step.path, ...inside, ...key], role, step, analysis });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const members: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  for (const [part, member] of members) {
    const next = [...key, part];
    addJson(texts, step, member, kindOf(next, kind), inside, role, kindOf, next);
  }
}

function analyseAs(kind: Exclude<FieldKind, 'literal'>, source: string, step: StepDraft): Analysis {
  if (kind === 'expression') return analyseExpression(source);
  if (kind === 'template') return analyseTemplate(source);
  return analyseShell(source, shellProgram(step.config.shell));
}

/** `bash` unless the step names another one; only the program's own name counts. */
export function shellProgram(shell: Json | undefined): string {
  const first = Array.isArray(shell) ? shell[0] : shell;
  return typeof first === 'string' ? (first.split('/').at(-1) ?? first) : 'bash';
}
