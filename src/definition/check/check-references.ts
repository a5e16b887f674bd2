/**
 * What expressions refer to: known names only, and only steps that have surely finished by then.
 * Owns the rule of sight: a step sees the steps it needs, the steps its blocks need, and so on up; in texts that
 * are read after it ran (`outputs`, `until`) also itself and its body; cleanup and the workflow's outputs see every step.
 * An undo sees what its step sees, and its step; what a checkpoint runs sees what its step sees. Nobody else sees these.
 */
import type { DiagnosticList, Finding } from '../diagnostic.ts';
import { didYouMean, type HintBudget } from '../did-you-mean.ts';
import { ancestors, type Draft, type StepDraft } from '../draft.ts';
import type { Reference } from '../expression/analyse.ts';
import { meantBy, RESULT_NAMES, type Text, UNDONE_NAMES } from '../texts.ts';
import type { Graph } from './check-graph.ts';
import { mayBeSkipped, mayHaveFailed } from './skipped.ts';

/** Names that expressions have anyway. */
export const RESERVED_NAMES = ['inputs', 'env', 'steps', 'run', 'item', 'index'] as const;
const ALWAYS = ['inputs', 'env', 'steps', 'run'];

export function checkReferences(
  draft: Draft,
  texts: readonly Text[],
  graph: Graph,
  list: DiagnosticList,
): void {
  for (const text of texts) {
    for (const problem of text.analysis.problems) {
      const { code, message, hint, offset } = problem;
      list.add({ code: code === 'syntax' ? 'expression' : code, message, hint, path: text.path, offset });
    }
    // Hints cost a look at every name: none are made for what is no longer listed.
    if (list.full) continue;
    for (const reference of uniqueReferences(text)) {
      const finding = checkReference(reference, text, { draft, graph, hints: list.hints });
      if (finding) list.add({ ...finding, path: text.path, ...offsetOf(reference, text.source) });
    }
  }
}

type Found = Omit<Finding, 'path'>;

interface Known {
  readonly draft: Draft;
  readonly graph: Graph;
  readonly hints: HintBudget;
}

function checkReference(reference: Reference, text: Text, known: Known): Found | undefined {
  const { root, path } = reference;
  const { draft, graph, hints } = known;
  const names = namesInSight(text);
  if (root === 'inputs') return checkInput(path[0], known);
  if (root === 'steps') {
    const [id] = path;
    if (id === undefined) return undefined;
    const target = graph.byId.get(id);
    if (target) return checkStep(target, reference, text, known);
    const hint = didYouMean(id, idsToWrite(text, known), hints);
    return { code: 'unknown_step', message: `step \`${id}\` is not there`, hint };
  }
  const meant = meantBy(text, root);
  if (meant && meant !== text.step)
    return checkOutput(meant, { root: meant.id, path: [root, ...path] }, text, hints);
  if (names.includes(root)) return undefined;
  const target = graph.byId.get(root);
  if (target) return checkStep(target, reference, text, known);
  if (root === 'item' || root === 'index') {
    const hint =
      text.role === 'items'
        ? 'the items are made before there is an item'
        : 'it exists inside `foreach` only';
    return { code: 'unknown_reference', message: `\`${root}\` is not known here`, hint };
  }
  const hint = didYouMean(root, namesToWrite(names, text, known), hints);
  const isInput = draft.inputNames.includes(root);
  return {
    code: 'unknown_reference',
    message: `\`${root}\` is not known`,
    hint: isInput ? `did you mean \`inputs.${root}\`` : hint,
  };
}

function* namesToWrite(names: readonly string[], text: Text, known: Known): Generator<string> {
  yield* names;
  for (const name of known.draft.inputNames) yield `inputs.${name}`;
  yield* idsToWrite(text, known);
}

/** Of what stands aside only what the same list has been told by name. */
function* idsToWrite({ step: reader }: Text, { graph }: Known): Generator<string> {
  for (const [id, { aside, fields }] of graph.byId) {
    if (!aside || (aside === reader?.aside && fields.id !== undefined)) yield id;
  }
}

function checkInput(name: string | undefined, { draft, hints }: Known): Found | undefined {
  if (name === undefined || draft.inputNames.includes(name)) return undefined;
  const hint =
    didYouMean(name, draft.inputNames, hints) ?? `declare it: \`inputs: { ${name}: { type: string } }\``;
  return { code: 'unknown_input', message: `input \`${name}\` is not declared`, hint };
}

/** What may stand at the start of a reference, besides step ids. */
function namesInSight({ step, role }: Text): string[] {
  const names = [...ALWAYS];
  if (!step) return names;
  if (step.aside?.kind === 'undo') names.push(...UNDONE_NAMES);
  else if (role === 'result') names.push(...RESULT_NAMES);
  const around = role === 'items' ? [...ancestors(step)] : [step, ...ancestors(step)];
  const loops = around.filter((one) => one.fields.foreach !== undefined);
  if (loops.length > 0) names.push('item', 'index');
  for (const loop of loops) if (loop.fields.as !== undefined) names.push(loop.fields.as);
  return names;
}

function checkStep(target: StepDraft, reference: Reference, text: Text, known: Known): Found | undefined {
  return (
    checkSight(target, text, known.graph) ??
    checkLoop(target, text) ??
    checkOutput(target, reference, text, known.hints)
  );
}

function checkSight(target: StepDraft, text: Text, graph: Graph): Found | undefined {
  const reader = text.step;
  if (text.role === 'env') {
    const message = `\`env\` of the workflow refers to step \`${target.id}\`, before any step has run`;
    return { code: 'not_finished', message, hint: 'set `env` on the steps that need it' };
  }
  const { aside } = target;
  if (aside && (aside.kind === 'checkpoint' || aside !== reader?.aside)) {
    const message = `step \`${target.id}\` is no part of the run itself: ${WHEN[aside.kind]}`;
    return { code: 'not_finished', message };
  }
  if (!reader || (reader.section === 'cleanup' && target.section === 'steps')) return undefined;
  if (reader.aside?.kind === 'undo' && reader.aside.of === target) return undefined;
  const meeting = meetingOf(reader, target);
  if (!meeting) {
    const message = `step \`${reader.id}\` refers to \`${target.id}\`, which runs in the cleanup`;
    return { code: 'not_finished', message };
  }
  const [outer, other] = meeting;
  if (outer === other) {
    if (outer === reader && text.role === 'result') return undefined;
    const what = target === reader ? 'itself' : `\`${target.id}\``;
    const message = `step \`${reader.id}\` refers to ${what} before it has finished`;
    return { code: 'not_finished', message, hint: '`outputs` and `until` are read after the step ran' };
  }
  if (graph.isAfter(outer, other)) return undefined;
  const message = `step \`${reader.id}\` refers to \`${target.id}\`, which has not surely finished by then`;
  const hint = graph.isAfter(other, outer)
    ? `\`${other.id}\` runs after \`${outer.id}\`: move it before`
    : `add \`${other.id}\` to the \`needs\` of \`${outer.id}\``;
  return { code: 'not_finished', message, hint };
}

const WHEN = {
  undo: 'it runs in a rollback only',
  checkpoint: 'it belongs to a checkpoint',
};

/** The two steps of one list through which `reader` and `target` are ordered; the same one when it holds both. */
function meetingOf(reader: StepDraft, target: StepDraft): readonly [StepDraft, StepDraft] | undefined {
  const outers = new Map([reader, ...ancestors(reader)].map((step) => [listKey(step), step]));
  for (const other of [target, ...ancestors(target)]) {
    const outer = outers.get(listKey(other));
    if (outer) return [outer, other];
  }
  return undefined;
}

const listKey = (step: StepDraft): StepDraft | string => step.parent ?? step.section;

/** A step inside a loop has many results; only what runs in the same loop can mean one of them. */
function checkLoop(target: StepDraft, { step: reader }: Text): Found | undefined {
  const around = new Set(reader ? [reader, ...ancestors(reader)] : []);
  for (const loop of ancestors(target)) {
    if (loop.fields.foreach === undefined || around.has(loop)) continue;
    const message = `step \`${target.id}\` runs many times, in the loop \`${loop.id}\``;
    const hint = `read the results of the loop instead: \`steps['${loop.id}'].outputs\``;
    return { code: 'inside_loop', message, hint };
  }
  return undefined;
}

function checkOutput(
  target: StepDraft,
  reference: Reference,
  text: Text,
  hints: HintBudget,
): Found | undefined {
  const [member, name] = reference.root === 'steps' ? reference.path.slice(1) : reference.path;
  if (member !== 'outputs' && member !== 'stdout' && member !== 'stderr') return undefined;
  const declared = Object.keys(target.fields.outputs ?? {});
  if (member === 'outputs' && name !== undefined && !declared.includes(name) && target.type === 'shell') {
    const message = `step \`${target.id}\` has no output \`${name}\``;
    const hint =
      didYouMean(name, declared, hints) ?? `declare it: \`outputs: { ${name}: "{{ trim(stdout) }}" }\``;
    if (target.fields.foreach === undefined)
      return { severity: 'warning', code: 'unknown_output', message, hint };
  }
  if (member === 'outputs' && name !== undefined && declared.includes(name) && mayHaveFailed(target, text)) {
    return {
      severity: 'warning',
      code: 'may_have_failed',
      message: `step \`${target.id}\` is taken back when it failed, too, and then has no output \`${name}\``,
      hint: `give a value for that case: \`default(outputs.${name}, "")\``,
    };
  }
  if (!mayBeSkipped(target, text)) return undefined;
  return {
    severity: 'warning',
    code: 'may_be_skipped',
    message: `step \`${target.id}\` may be skipped, and then has no outputs`,
    hint: 'give a value for that case: `default(…, "")`, or use the same `when` here',
  };
}

function uniqueReferences({ analysis }: Text): readonly Reference[] {
  const seen = new Map(analysis.references.map((one) => [[one.root, ...one.path].join('\0'), one]));
  return [...seen.values()];
}

/** Where the reference stands in the text; the analysis tells only what it is. */
function offsetOf(reference: Reference, source: string): { readonly offset?: number } {
  const { root, path } = reference;
  const word = root === 'steps' || root === 'inputs' ? (path[0] ?? root) : root;
  const found = source.search(new RegExp(`(?<![\\w-])${word.replace(/[^\w]/g, '\\$&')}(?![\\w-])`));
  return found < 0 ? {} : { offset: found };
}
