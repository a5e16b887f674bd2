/**
 * Joins a workflow with all those that its `workflow` steps run, directly or in turn, so that a run carries everything
 * it will need from its first event on. Owns what can be wrong with such a step before a run: a name that is not
 * known, a workflow with errors, a circle, inputs that do not fit. How a name is found is the caller's.
 */
import { RUN_DEPTH_MAX } from '../engine/core/limits.ts';
import type { Effects, Json, JsonObject, Step, Workflow } from '../engine/core/model.ts';
import { checkInputs } from './check-inputs.ts';
import { type Diagnostic, DiagnosticList, type Path } from './diagnostic.ts';
import { didYouMean } from './did-you-mean.ts';

/** Distinct workflows that one run may carry: diagnostic `limit`. */
const WORKFLOWS_MAX = 50;

export interface FoundWorkflow {
  /** Absent where the definition has errors. */
  readonly workflow?: Workflow;
  readonly diagnostics: readonly Diagnostic[];
}

export interface WorkflowShelf {
  find(name: string): FoundWorkflow | undefined;
  /** For hints. */
  names(): readonly string[];
}

export interface LinkedWorkflow {
  /** Absent when there is any error. */
  readonly workflow?: Workflow;
  readonly diagnostics: readonly Diagnostic[];
}

export function linkWorkflows(workflow: Workflow, shelf: WorkflowShelf): LinkedWorkflow {
  if (![...callsOf(workflow)].length) return { workflow, diagnostics: [] };
  const linker = new Linker(workflow, shelf);
  linker.follow(workflow, []);
  linker.checkDepth();
  const { diagnostics, linked } = linker;
  if (diagnostics.length > 0) return { diagnostics };
  const effects = new LinkedEffects(linked);
  const workflows = Object.fromEntries([...linked].map(([name, each]) => [name, effects.marked(each)]));
  return { workflow: { ...effects.marked(workflow), workflows }, diagnostics: [] };
}

interface Call {
  readonly step: Step;
  readonly name: string;
  readonly path: Path;
}

const isCall = ({ type, config }: Step): boolean =>
  type === 'workflow' && typeof config.workflow === 'string';

function* callsOf({ steps, cleanup }: Workflow): Generator<Call> {
  yield* callsIn(steps, ['steps']);
  yield* callsIn(cleanup, ['cleanup']);
}

function* callsIn(steps: readonly Step[], path: Path): Generator<Call> {
  for (const [index, step] of steps.entries()) {
    const at = [...path, index];
    if (isCall(step)) yield { step, name: String(step.config.workflow), path: at };
    if (step.body) yield* callsIn(step.body, [...at, 'steps']);
    if (step.undo) yield* callsIn(step.undo, [...at, 'undo']);
  }
}

class Linker {
  readonly linked = new Map<string, Workflow>();
  readonly #outermost: Workflow;
  readonly #shelf: WorkflowShelf;
  readonly #found: Diagnostic[] = [];
  readonly #followed = new Set<Workflow>();

  constructor(outermost: Workflow, shelf: WorkflowShelf) {
    this.#outermost = outermost;
    this.#shelf = shelf;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#found;
  }

  /** @param trail names of the workflows that lead here, the outermost first */
  follow(workflow: Workflow, trail: readonly string[]): void {
    if (this.#followed.has(workflow)) return;
    this.#followed.add(workflow);
    const names = [...trail, workflow.name];
    for (const call of callsOf(workflow)) {
      if (names.includes(call.name)) {
        const circle = [...names.slice(names.indexOf(call.name)), call.name].join(' -> ');
        this.#report(workflow, call, 'cycle', `workflows run each other in a circle: ${circle}`);
        continue;
      }
      const inner = this.linked.get(call.name) ?? this.#take(workflow, call);
      if (!inner) continue;
      this.#checkInputs(workflow, call, inner);
      this.follow(inner, names);
    }
  }

  /** Runs that start one another more deeply than a run may. Said of the outermost step that leads there. */
  checkDepth(): void {
    if (this.#found.length > 0) return;
    const known = new Map<Workflow, number>();
    const depthOf = (workflow: Workflow): number => {
      const before = known.get(workflow);
      if (before !== undefined) return before;
      const inner = [...callsOf(workflow)]
        .map(({ name }) => this.linked.get(name))
        .filter((each) => each !== undefined);
      const depth = Math.max(-1, ...inner.map(depthOf)) + 1;
      known.set(workflow, depth);
      return depth;
    };
    for (const call of callsOf(this.#outermost)) {
      const inner = this.linked.get(call.name);
      const depth = inner ? depthOf(inner) + 1 : 0;
      if (depth <= RUN_DEPTH_MAX) continue;
      const message = `workflow \`${call.name}\` leads to runs ${depth} deep, expected at most ${RUN_DEPTH_MAX}`;
      this.#report(this.#outermost, call, 'limit', message);
    }
  }

  #take(workflow: Workflow, call: Call): Workflow | undefined {
    const { name } = call;
    const found = this.#shelf.find(name);
    if (!found) {
      const hint = didYouMean(name, this.#shelf.names()) ?? '`belay list` shows those that are there';
      this.#report(workflow, call, 'unknown_workflow', `workflow \`${name}\` is not known here`, hint);
      return undefined;
    }
    if (!found.workflow) {
      const first = found.diagnostics.find(({ severity }) => severity === 'error');
      const message = `workflow \`${name}\` has errors: ${first?.message ?? 'it cannot be read'}`;
      this.#report(
        workflow,
        call,
        'invalid_workflow',
        message,
        `\`belay validate ${name}\` shows all of them`,
      );
      return undefined;
    }
    if (this.linked.size >= WORKFLOWS_MAX) {
      if (this.linked.size === WORKFLOWS_MAX)
        this.#report(workflow, call, 'limit', `more than ${WORKFLOWS_MAX} workflows are run by this one`);
      return undefined;
    }
    this.linked.set(name, found.workflow);
    return found.workflow;
  }

  /** What an expression gives is known only when the step begins. */
  #checkInputs(workflow: Workflow, call: Call, inner: Workflow): void {
    const given = (call.step.config.inputs ?? {}) as JsonObject;
    const rendered = Object.keys(given).filter((name) => isRendered(given[name]));
    const literal = Object.fromEntries(Object.entries(given).filter(([name]) => !rendered.includes(name)));
    const { diagnostics } = checkInputs(withoutRequired(inner, rendered), literal);
    for (const { code, message, hint } of diagnostics) this.#report(workflow, call, code, message, hint);
    for (const name of rendered) {
      if (Object.hasOwn(inner.inputs, name)) continue;
      const message = `workflow \`${inner.name}\` has no input \`${name}\``;
      const hint = didYouMean(name, Object.keys(inner.inputs));
      this.#report(workflow, call, 'unknown_input', message, hint);
    }
  }

  #report(workflow: Workflow, { step, path }: Call, code: string, message: string, hint?: string): void {
    const isOuter = workflow === this.#outermost;
    const where = isOuter ? message : `in workflow \`${workflow.name}\`, step \`${step.id}\`: ${message}`;
    const list = new DiagnosticList({
      locate: () => (isOuter && step.line !== undefined ? { line: step.line, column: 1 } : undefined),
    });
    list.add({ code, message: where, path: isOuter ? path : [], hint });
    this.#found.push(...list.sorted());
  }
}

const isRendered = (value: Json | undefined): boolean => JSON.stringify(value ?? null).includes('{{');

const withoutRequired = (workflow: Workflow, names: readonly string[]): Workflow => ({
  ...workflow,
  inputs: Object.fromEntries(
    Object.entries(workflow.inputs).map(([name, spec]) => [
      name,
      names.includes(name) ? { ...spec, required: false } : spec,
    ]),
  ),
});

const WORSE: readonly Effects[] = ['none', 'workspace', 'remote'];

/** A step that runs a workflow may change what its worst step may change. */
class LinkedEffects {
  readonly #linked: ReadonlyMap<string, Workflow>;
  readonly #known = new Map<Workflow, Effects>();

  constructor(linked: ReadonlyMap<string, Workflow>) {
    this.#linked = linked;
  }

  /** The workflow with the effects of its calls. */
  marked(workflow: Workflow): Workflow {
    const mark = (step: Step): Step => ({
      ...step,
      ...(isCall(step) && { effects: this.#of(step) }),
      ...(step.body && { body: step.body.map(mark) }),
    });
    return { ...workflow, steps: workflow.steps.map(mark) };
  }

  #of(step: Step): Effects {
    if (step.body) return this.#worst(step.body);
    const inner = isCall(step) ? this.#linked.get(String(step.config.workflow)) : undefined;
    if (!inner) return step.effects ?? 'none';
    const known = this.#known.get(inner) ?? this.#worst(inner.steps);
    this.#known.set(inner, known);
    return known;
  }

  #worst(steps: readonly Step[]): Effects {
    const found = Math.max(0, ...steps.map((step) => WORSE.indexOf(this.#of(step))));
    return WORSE[found] ?? 'none';
  }
}
