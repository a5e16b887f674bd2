/** Inputs that contradict themselves or that nobody reads, outputs that look like files, names that hide others. */
import type { InputSpec, InputType } from '../../engine/core/model.ts';
import type { DiagnosticList, Path } from '../diagnostic.ts';
import { allSteps, type Draft, type StepDraft } from '../draft.ts';
import { checkPatterns, type ValueProblem, valueProblem } from '../input-value.ts';
import { patternProblem } from '../pattern.ts';
import { artifactSpec, isArtifactPath } from '../schema/artifact.ts';
import { RESULT_NAMES, type Text, UNDONE_NAMES } from '../texts.ts';
import { RESERVED_NAMES } from './check-references.ts';

const BOUNDED: readonly InputType[] = ['string', 'number', 'integer', 'array', 'file'];
const MATCHED: readonly InputType[] = ['string', 'file'];

export function checkInterface(draft: Draft, texts: readonly Text[], list: DiagnosticList): void {
  const written = Object.entries(draft.fields.inputs ?? {});
  for (const [name, spec] of written) checkDeclaration(name, spec, list);
  const values = written.flatMap(([name, spec]) => writtenValues(name, spec, list));
  for (const { spec, value, report } of values) {
    const problem = valueProblem(spec, value);
    if (problem) report(problem);
  }
  checkPatterns(values.filter(({ spec }) => spec.pattern !== undefined && !patternProblem(spec.pattern)));
  checkUnused(draft, texts, list);
  checkNames(draft, list);
  checkOutputs(draft, list);
}

function checkDeclaration(name: string, spec: InputSpec, list: DiagnosticList): void {
  const { type, minimum, maximum, pattern } = spec;
  const add = (key: string, message: string) =>
    list.add({ code: 'wrong_input', message: `input \`${name}\`: ${message}`, path: ['inputs', name, key] });
  for (const [key, bound] of Object.entries({ minimum, maximum })) {
    if (bound !== undefined && !BOUNDED.includes(type))
      add(key, `\`${key}\` means nothing for type \`${type}\``);
  }
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    add('minimum', `\`minimum\` ${minimum} is above \`maximum\` ${maximum}`);
  }
  const problem = pattern === undefined ? undefined : patternProblem(pattern);
  if (problem) add('pattern', `\`pattern\` is no regular expression: ${problem}`);
  if (pattern !== undefined && !MATCHED.includes(type)) {
    add('pattern', `\`pattern\` means nothing for type \`${type}\``);
  }
}

/** The default and the members of the enum; each must be a value that the input takes. */
function writtenValues(name: string, spec: InputSpec, list: DiagnosticList) {
  const { enum: members = [], default: preset, ...withoutEnum } = spec;
  const reporter = (what: string, path: Path) => (problem: ValueProblem) =>
    list.add({ ...problem, message: `${what} of input \`${name}\` ${problem.message}`, path });
  const values = members.map((value, index) => ({
    spec: withoutEnum as InputSpec,
    value,
    report: reporter('`enum`', ['inputs', name, 'enum', index]),
  }));
  if (preset === undefined) return values;
  return [...values, { spec, value: preset, report: reporter('default', ['inputs', name, 'default']) }];
}

function checkUnused(draft: Draft, texts: readonly Text[], list: DiagnosticList): void {
  const read = new Set<string>();
  for (const { analysis } of texts) {
    // A text that cannot be parsed may read any of them.
    if (analysis.problems.length > 0) return;
    for (const { root, path } of analysis.references) {
      if (root === 'inputs' && path[0] === undefined) return;
      if (root === 'inputs') read.add(path[0]!);
    }
  }
  for (const name of draft.inputNames) {
    if (read.has(name)) continue;
    const message = `input \`${name}\` is never used`;
    const hint = `use it as \`{{ inputs.${name} }}\`, or remove it`;
    list.add({ severity: 'warning', code: 'unused_input', message, hint, path: ['inputs', name], key: true });
  }
}

/** A folder or an extension, and nothing that a sentence, a number or an address would have. */
const PATH = /^(?!\S*:\/\/)(?=\S*\/|\S*[^\s.]\.[A-Za-z]\w{0,7}$)\S+$/;

/** Outputs that are plain text today, although they look as if a file was meant. */
function checkOutputs(draft: Draft, list: DiagnosticList): void {
  const check = (name: string, text: string | undefined, path: Path) => {
    if (text === undefined || text.includes('{{') || !PATH.test(text)) return;
    const message = `output \`${name}\` is the text \`${text}\`, not the file of that name`;
    const hint = `to hand out what the file holds write \`{{ read("${text}") }}\``;
    list.add({ severity: 'warning', code: 'looks_like_path', message, hint, path });
  };
  for (const [name, { value }] of Object.entries(draft.fields.outputs ?? {})) {
    if (value === undefined || !isArtifactPath(value)) check(name, value, ['outputs', name, 'value']);
  }
  for (const step of [...allSteps(draft.steps), ...allSteps(draft.cleanup)]) {
    for (const [name, value] of Object.entries(step.fields.outputs ?? {})) {
      const path = [...step.path, 'outputs', name];
      if (artifactSpec(value)) checkArtifact(step, name, path, list);
      else if (typeof value === 'string') check(name, value, path);
    }
  }
}

/** Only what runs leaves files behind, and what takes back or captures hands nothing out. */
function checkArtifact(step: StepDraft, name: string, path: Path, list: DiagnosticList): void {
  const { type, stepType, aside } = step;
  const leavesFiles = stepType ? (stepType.exited ?? stepType.perform ?? stepType.ran) : type !== 'block';
  if (leavesFiles && !aside) return;
  const what = aside
    ? `a step of \`${aside.kind}\``
    : type === 'block'
      ? 'a block'
      : `a step of type \`${type}\``;
  list.add({
    code: 'wrong_output',
    message: `output \`${name}\` is the path of a file, which ${what} does not hand out`,
    hint: 'make it an output of the step that writes the file',
    path,
  });
}

function checkNames(draft: Draft, list: DiagnosticList): void {
  const steps = [...allSteps(draft.steps), ...allSteps(draft.cleanup)];
  const ids = new Set(steps.map((step) => step.id));
  const hasUndo = steps.some(({ undo }) => undo !== undefined);
  const hiding = new Set([...RESERVED_NAMES, ...(hasUndo ? UNDONE_NAMES : RESULT_NAMES)]);
  for (const step of steps) {
    const hidden = hiding.has(step.id);
    if (hidden) {
      const message = `step id \`${step.id}\` hides the name that expressions use`;
      list.add({ code: 'reserved_name', message, hint: 'choose another id', path: [...step.path, 'id'] });
    }
    const { as } = step.fields;
    if (as !== undefined && as !== 'item' && (hiding.has(as) || ids.has(as))) {
      const message = `\`as: ${as}\` hides ${ids.has(as) ? 'the step of that id' : 'the name that expressions use'}`;
      list.add({ code: 'reserved_name', message, hint: 'choose another name', path: [...step.path, 'as'] });
    }
  }
}
