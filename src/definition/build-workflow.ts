/**
 * From the checked draft to the workflow model. Owns what is filled in: defaults, the retry policy's missing
 * parts, effects, the environment of what stands aside at a step, the streams that expressions read apart, and whether
 * a condition is asked for each item.
 * Defaults for `timeout` and `retry` reach the steps that change something; a wait or a question takes the time it takes.
 */
import {
  type CheckpointSpec,
  type Foreach,
  type Prerequisite,
  type RetryPolicy,
  type Step,
  strategyOf,
  type Workflow,
} from '../engine/core/model.ts';
import { cacheSpec } from './cache-spec.ts';
import type { Locator } from './diagnostic.ts';
import { type CheckpointDraft, type Draft, isTakenBack, policyOf, type StepDraft } from './draft.ts';
import { rangeExpression } from './foreach-range.ts';
import { artifactSpec, isArtifactPath, outputText } from './schema/artifact.ts';
import type { WorkflowFields } from './schema/workflow.ts';
import { meantBy, type Text } from './texts.ts';

const REPEAT_ROUNDS_DEFAULT = 100;

/** A step of which nothing is said. */
const NO_FIELDS = {
  config: {},
  needs: [],
  onFailure: 'stop',
  idempotent: false,
  outputs: {},
  env: {},
  reads: [],
} as const satisfies Partial<Step>;

type Stream = 'stdout' | 'stderr';
type Fields = StepDraft['fields'];

/** The draft must be free of errors. */
export function buildWorkflow(draft: Draft, texts: readonly Text[], locator: Locator): Workflow {
  const { fields } = draft;
  const builder = new StepBuilder(fields, texts, locator);
  return withoutAbsent({
    name: fields.name!,
    version: fields.version === undefined ? '1' : String(fields.version),
    description: fields.description,
    category: fields.category,
    tags: fields.tags ?? [],
    inputs: fields.inputs ?? {},
    outputs: runOutputs(fields),
    env: fields.env ?? {},
    prerequisites: [...(fields.prerequisites ?? []), ...(fields.secrets ?? []).map(needed)],
    steps: draft.steps.map((step) => builder.build(step)),
    cleanup: draft.cleanup.map((step) => builder.build(step)),
    maxParallel: fields.max_parallel,
    limits: fields.limits,
    checkpoints: fields.checkpoints,
    onFailure: fields.on_failure,
    confirmRollback: fields.rollback?.confirm,
    concurrency: concurrencyOf(fields.concurrency),
    timeoutMs: fields.timeout,
  });
}

/** A secret is a variable that a run cannot do without. */
const needed = (env: string): Prerequisite => ({ kind: 'env', env });

function concurrencyOf(fields: WorkflowFields['concurrency']): Workflow['concurrency'] {
  return fields && { group: fields.group, onConflict: fields.on_conflict ?? 'queue' };
}

function runOutputs({ outputs = {} }: Partial<WorkflowFields>): Workflow['outputs'] {
  const entries = Object.entries(outputs).map(([name, spec]) => {
    const isPath = spec.value !== undefined && isArtifactPath(spec.value);
    return [name, isPath ? { ...spec, artifact: {} } : spec] as const;
  });
  return Object.fromEntries(entries);
}

/** Each as a template; those that are files are named besides. */
function outputsOf({ outputs = {} }: Fields): Pick<Step, 'outputs' | 'artifacts'> {
  const written = Object.entries(outputs);
  const files = written.flatMap(([name, each]) => {
    const spec = artifactSpec(each);
    return spec ? [[name, spec] as const] : [];
  });
  return {
    outputs: Object.fromEntries(written.map(([name, each]) => [name, outputText(each)])),
    ...(files.length > 0 && { artifacts: Object.fromEntries(files) }),
  };
}

class StepBuilder {
  readonly #defaults: NonNullable<WorkflowFields['defaults']>;
  readonly #workflow: Partial<WorkflowFields>;
  readonly #locator: Locator;
  readonly #reads = new Map<string, Set<Stream>>();
  /** Roots of the references in each step's own condition. */
  readonly #asked = new Map<StepDraft, Set<string>>();
  #readsAll = false;

  constructor(workflow: Partial<WorkflowFields>, texts: readonly Text[], locator: Locator) {
    this.#defaults = workflow.defaults ?? {};
    this.#workflow = workflow;
    this.#locator = locator;
    for (const text of texts) this.#collect(text);
  }

  build(draft: StepDraft): Step {
    const { fields, type, stepType, aside, checkpoint } = draft;
    const { timeout, retry } = this.#defaults;
    const inherits = stepType !== undefined && stepType.effects !== 'none' && aside?.kind !== 'checkpoint';
    return withoutAbsent({
      id: draft.id,
      type,
      description: fields.description,
      config: draft.config,
      needs: draft.needs,
      when: fields.when ?? fields.condition,
      tags: tagsOf(draft),
      foreach: this.#foreach(draft),
      repeat: fields.repeat && repeatOf(fields.repeat),
      timeoutMs: fields.timeout ?? (inherits ? timeout : undefined),
      retry: retryOf(inherits && retry ? { ...retry, ...fields.retry } : fields.retry),
      onFailure: policyOf(fields) ?? this.#usualPolicy(draft),
      idempotent: fields.idempotent ?? false,
      effects: stepType && (fields.effects ?? stepType.effectsOf?.(draft.config) ?? stepType.effects),
      checkpoint: checkpoint && this.#checkpoint(checkpoint),
      cache: cacheSpec(draft, this.#workflow),
      undo: draft.undo?.map((step) => this.build(step)) ?? this.#ownUndo(draft),
      irreversible: fields.irreversible,
      destructive: fields.destructive,
      ...outputsOf(fields),
      env: { ...aside?.of.fields.env, ...fields.env },
      reads: this.#readsOf(draft),
      body: draft.body?.map((step) => this.build(step)),
      line: this.#locator.locate({ path: draft.path })?.line,
    });
  }

  /** What a step does to take itself back, where it says nothing about that. */
  #ownUndo(draft: StepDraft): readonly Step[] | undefined {
    const { id, type, stepType, fields } = draft;
    if (!stepType?.undoesItself || fields.irreversible !== undefined || !isTakenBack(draft)) return undefined;
    return [{ ...NO_FIELDS, id: `undo:${id}`, type, effects: 'workspace' }];
  }

  /** Of its type, or the defaults. An undo that failed never counts as done, and what is not taken back asks for no rollback. */
  #usualPolicy({ aside, section, stepType }: StepDraft): Step['onFailure'] {
    const policy = stepType?.onFailure ?? this.#defaults.on_failure ?? 'stop';
    return aside || (section === 'cleanup' && strategyOf(policy)) ? 'stop' : policy;
  }

  #checkpoint({ spec, capture, restore }: CheckpointDraft): CheckpointSpec {
    const build = (scripts: readonly StepDraft[]) => scripts.map((step) => this.build(step));
    return {
      ...spec,
      ...(capture.length > 0 && { capture: build(capture) }),
      ...(restore.length > 0 && { restore: build(restore) }),
    };
  }

  #foreach(draft: StepDraft): Foreach | undefined {
    const { foreach, as = 'item', max_parallel: maxParallel = 1 } = draft.fields;
    if (foreach === undefined) return undefined;
    const items = typeof foreach === 'string' ? (rangeExpression(foreach)?.expression ?? foreach) : foreach;
    const asked = this.#asked.get(draft);
    const whenPerItem = ['item', 'index', as].some((name) => asked?.has(name));
    return { items: items as Foreach['items'], as, maxParallel, whenPerItem };
  }

  #readsOf({ id, type }: StepDraft): Stream[] {
    if (type === 'block') return [];
    const read = this.#reads.get(id);
    return (['stdout', 'stderr'] as const).filter((stream) => this.#readsAll || read?.has(stream));
  }

  #collect(text: Text): void {
    const { analysis, role, step } = text;
    for (const { root, path } of analysis.references) {
      if (role === 'when' && step) (this.#asked.get(step) ?? this.#put(this.#asked, step)).add(root);
      if (isStream(root)) {
        const meant = meantBy(text, root);
        if (meant) this.#read(meant.id, root);
        continue;
      }
      const id = root === 'steps' ? path[0] : root;
      // Read as a whole, or by an expression in brackets: any of its members may be meant.
      if (id === undefined) this.#readsAll = true;
      else {
        const member = root === 'steps' ? path[1] : path[0];
        if (isStream(member)) this.#read(id, member);
        else if (member === undefined)
          for (const stream of ['stdout', 'stderr'] as const) this.#read(id, stream);
      }
    }
  }

  #read(id: string, stream: Stream): void {
    (this.#reads.get(id) ?? this.#put(this.#reads, id)).add(stream);
  }

  #put<Key, Value>(map: Map<Key, Set<Value>>, key: Key): Set<Value> {
    const set = new Set<Value>();
    map.set(key, set);
    return set;
  }
}

/** Its own, and those of the blocks around it; undefined where there are none. */
function tagsOf(draft: StepDraft): readonly string[] | undefined {
  const tags = new Set<string>();
  for (let step: StepDraft | undefined = draft; step; step = step.parent)
    for (const tag of step.fields.tags ?? []) tags.add(tag);
  return tags.size > 0 ? [...tags] : undefined;
}

const isStream = (name: string | undefined): name is Stream => name === 'stdout' || name === 'stderr';

function repeatOf({ until, max, delay }: NonNullable<Fields['repeat']>): NonNullable<Step['repeat']> {
  return withoutAbsent({ until, max: max ?? REPEAT_ROUNDS_DEFAULT, delayMs: delay ?? 0 });
}

function retryOf(retry: Fields['retry']): RetryPolicy | undefined {
  if (!retry) return undefined;
  const delayMs = retry.delay ?? 1_000;
  return withoutAbsent({
    attempts: retry.attempts ?? 3,
    delayMs,
    backoff: retry.backoff ?? 2,
    maxDelayMs: retry.max_delay ?? Math.max(60_000, delayMs),
    jitter: retry.jitter ?? 0,
    on: retry.on,
  });
}

type Present<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** Leaves absent what is undefined, as the model has it. */
function withoutAbsent<T extends object>(object: T): Present<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Present<T>;
}
