/**
 * From the checked draft to the workflow model. Owns what is filled in: defaults, the retry policy's missing
 * parts, effects, the environment of what stands aside at a step, the streams that expressions read apart, and whether
 * a condition is asked for each item.
 * Defaults for `timeout` and `retry` reach the steps that change something; a wait or a question takes the time it takes.
 */
import {
  type CheckpointSpec,
  type Foreach,
  type Json,
  type JsonObject,
  type RetryPolicy,
  type Step,
  strategyOf,
  type Workflow,
} from '../engine/core/model.ts';
import type { Locator } from './diagnostic.ts';
import type { CheckpointDraft, Draft, StepDraft } from './draft.ts';
import { rangeExpression } from './foreach-range.ts';
import { LATER_WORKFLOW_KEYS, type WorkflowFields } from './schema/workflow.ts';
import { meantBy, type Text } from './texts.ts';

const REPEAT_ROUNDS_DEFAULT = 100;

type Stream = 'stdout' | 'stderr';
type Fields = StepDraft['fields'];

/** The draft must be free of errors. */
export function buildWorkflow(draft: Draft, texts: readonly Text[], locator: Locator): Workflow {
  const { fields } = draft;
  const builder = new StepBuilder(fields.defaults ?? {}, texts, locator);
  return withoutAbsent({
    name: fields.name!,
    version: fields.version === undefined ? '1' : String(fields.version),
    description: fields.description,
    category: fields.category,
    tags: fields.tags ?? [],
    inputs: fields.inputs ?? {},
    outputs: fields.outputs ?? {},
    env: fields.env ?? {},
    prerequisites: fields.prerequisites ?? [],
    steps: draft.steps.map((step) => builder.build(step)),
    cleanup: draft.cleanup.map((step) => builder.build(step)),
    maxParallel: fields.max_parallel,
    checkpoints: fields.checkpoints,
    onFailure: fields.on_failure,
    confirmRollback: fields.rollback?.confirm,
    later: laterOf(fields),
  });
}

function laterOf(fields: Partial<WorkflowFields>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter(([key]) => LATER_WORKFLOW_KEYS.includes(key)) as [string, Json][],
  );
}

class StepBuilder {
  readonly #defaults: NonNullable<WorkflowFields['defaults']>;
  readonly #locator: Locator;
  readonly #reads = new Map<string, Set<Stream>>();
  /** Roots of the references in each step's own condition. */
  readonly #asked = new Map<StepDraft, Set<string>>();
  #readsAll = false;

  constructor(defaults: NonNullable<WorkflowFields['defaults']>, texts: readonly Text[], locator: Locator) {
    this.#defaults = defaults;
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
      foreach: this.#foreach(draft),
      repeat: fields.repeat && repeatOf(fields.repeat),
      timeoutMs: fields.timeout ?? (inherits ? timeout : undefined),
      retry: retryOf(inherits && retry ? { ...retry, ...fields.retry } : fields.retry),
      onFailure: fields.on_failure ?? this.#usualPolicy(draft),
      idempotent: fields.idempotent ?? false,
      effects: stepType && (fields.effects ?? stepType.effectsOf?.(draft.config) ?? stepType.effects),
      checkpoint: checkpoint && this.#checkpoint(checkpoint),
      undo: draft.undo?.map((step) => this.build(step)),
      irreversible: fields.irreversible,
      destructive: fields.destructive,
      outputs: fields.outputs ?? {},
      env: { ...aside?.of.fields.env, ...fields.env },
      reads: this.#readsOf(draft),
      body: draft.body?.map((step) => this.build(step)),
      line: this.#locator.locate({ path: draft.path })?.line,
    });
  }

  /** Of the defaults. An undo that failed never counts as done, and what is not taken back asks for no rollback. */
  #usualPolicy({ aside, section }: StepDraft): Step['onFailure'] {
    const { on_failure: policy = 'stop' } = this.#defaults;
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
