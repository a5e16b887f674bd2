/**
 * Lists of steps from JSON to drafts: finds each step's kind, checks its common and its own fields, gives ids to
 * steps without one and writes the implicit chain of `needs` out. Does not look at references.
 */
import type * as z from 'zod';
import { DEFINITION_STEPS_MAX } from '../engine/core/limits.ts';
import type { Json, JsonObject } from '../engine/core/model.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { type DiagnosticList, describe, type Path } from './diagnostic.ts';
import { didYouMean, nearest } from './did-you-mean.ts';
import { type Aside, isTakenBack, type StepDraft } from './draft.ts';
import { keysOf, parseFields, reportIssues } from './parse-fields.ts';
import { type Item, readAside } from './read-aside.ts';
import { readBranches } from './read-branches.ts';
import { type Catalogue, uncheckedStep } from './schema/catalogue-schemas.ts';

const COMMON_KEYS = Object.keys(uncheckedStep.shape);
const TASK_KEYS = COMMON_KEYS.filter((key) => key !== 'steps' && key !== 'parallel');

/** Of a list of steps. */
interface Place {
  readonly section: StepDraft['section'];
  readonly parent?: StepDraft;
  readonly aside?: Aside | undefined;
  /** False inside `parallel`. */
  readonly chained: boolean;
}

export class StepReader {
  readonly #types: ReadonlyMap<string, StepType<z.ZodObject>>;
  readonly #inherited: JsonObject;
  readonly #list: DiagnosticList;
  /** Ids given by the author, so that made ones stay clear of them. */
  readonly #written = new Set<string>();
  #count = 0;

  /**
   * @param inherited fields of `defaults` that go to every type that has them, before its schema checks them
   */
  constructor(catalogue: Catalogue, inherited: JsonObject, list: DiagnosticList) {
    this.#inherited = inherited;
    this.#types = new Map(catalogue.map((type) => [type.type, type]));
    this.#list = list;
  }

  /** Must see the whole definition before the first `read`. */
  collectIds(value: Json | undefined): void {
    if (Array.isArray(value)) for (const item of value) this.collectIds(item);
    else if (isMap(value)) {
      if (typeof value.id === 'string') this.#written.add(value.id);
      this.collectIds(value.steps);
      this.collectIds(value.parallel);
      this.collectIds(value.undo);
      this.collectIds(value.else);
      if (isMap(value.on_failure)) this.collectIds(value.on_failure.steps);
    }
  }

  read(raw: Json | undefined, path: Path, place: Place): readonly StepDraft[] {
    if (!Array.isArray(raw)) return [];
    if (raw.length === 0 && place.section === 'steps') {
      const message = `\`${String(path.at(-1))}\` has no steps`;
      this.#list.add({ code: 'empty_steps', message, path, hint: 'add at least one step' });
    }
    const prefix = place.parent?.id ?? (place.section === 'cleanup' ? 'cleanup' : 'step');
    const items = raw.map((item, index) => ({
      raw: item,
      path: [...path, index],
      makeId: () => this.#freeId(`${prefix}_${index + 1}`),
    }));
    return this.#readItems(items, place);
  }

  #readItems(items: readonly Item[], place: Place): readonly StepDraft[] {
    const drafts: StepDraft[] = [];
    const behind = new Map<StepDraft, readonly StepDraft[]>();
    let before: StepDraft | undefined;
    for (const item of items) {
      const { path } = item;
      this.#count += 1;
      if (this.#count > DEFINITION_STEPS_MAX) {
        const message = `the definition has more than ${DEFINITION_STEPS_MAX} steps`;
        const hint = 'use `foreach` for steps that are alike';
        if (this.#count === DEFINITION_STEPS_MAX + 1) this.#list.add({ code: 'limit', message, path, hint });
        break;
      }
      if (isMap(item.raw)) {
        const step = this.#step(item.raw, item, place, before);
        const branches = this.#branches(step, place);
        drafts.push(step, ...branches);
        behind.set(step, branches);
        before = step;
      } else
        this.#list.add({
          code: 'wrong_type',
          message: `a step must be a map, found ${describe(item.raw)}`,
          path,
        });
    }
    waitForBranches(behind);
    return drafts;
  }

  #branches(step: StepDraft, { section, aside }: Place): readonly StepDraft[] {
    const read = (raw: Json, path: Path, parent: StepDraft) =>
      this.read(raw, path, { section, aside, parent, chained: true });
    return readBranches(step, read, this.#list);
  }

  #step(raw: JsonObject, item: Item, place: Place, before: StepDraft | undefined): StepDraft {
    const { path } = item;
    const { section, parent, aside } = place;
    const type = this.#typeOf(raw, path);
    const stepType = this.#types.get(type);
    const inherited = aside?.of.type === type ? { ...this.#inherited, ...placeOf(aside) } : this.#inherited;
    const { fields, config } = this.#fields(raw, type, stepType, path, inherited);
    const draft: StepDraft = {
      id: fields.id ?? item.makeId(),
      path,
      type,
      fields,
      config,
      needs: fields.needs ?? (place.chained && before ? [before.id] : []),
      section,
      ...(stepType && { stepType }),
      ...(parent && { parent }),
      ...(aside && { aside }),
    };
    if (type === 'block') draft.body = this.#body(draft, raw);
    if (isTakenBack(draft)) {
      readAside(draft, (items, of) =>
        this.#readItems(items, { section, parent: draft, aside: of, chained: of.kind === 'undo' }),
      );
    }
    return draft;
  }

  #body(draft: StepDraft, raw: JsonObject): readonly StepDraft[] {
    const key = raw.parallel === undefined ? 'steps' : 'parallel';
    if (raw.parallel !== undefined && raw.steps !== undefined) {
      const message = 'a step has either `steps` or `parallel`, found both';
      this.#list.add({ code: 'conflict', message, path: draft.path, hint: 'put one group inside the other' });
    }
    if (raw.parallel === undefined && raw.steps === undefined) {
      this.#list.add({ code: 'missing', message: 'a block needs `steps` or `parallel`', path: draft.path });
    }
    const { section, aside } = draft;
    const place = { section, aside, parent: draft, chained: key === 'steps' };
    return this.read(raw[key], [...draft.path, key], place);
  }

  #typeOf(raw: JsonObject, path: Path): string {
    const written = raw.type;
    if (typeof written === 'string') {
      const known = [...this.#types.keys(), 'block'];
      if (known.includes(written)) return written;
      const message = `unknown step type \`${written}\``;
      const hint = orOfModule(didYouMean(written, known, this.#list.hints));
      this.#list.add({ code: 'unknown_type', message, path: [...path, 'type'], hint });
      return '';
    }
    if (raw.parallel !== undefined || raw.steps !== undefined) return 'block';
    if (raw.command !== undefined) return 'shell';
    if (raw.workflow !== undefined) return 'workflow';
    if (written !== undefined) return '';
    // a misspelt `command` says what was meant, and is named among the unknown keys of a shell step
    if (Object.keys(raw).some((key) => nearest(key, ['command']).length > 0)) return 'shell';
    const hint = `write \`command\` for a shell step, or \`type\`: ${[...this.#types.keys()].join(', ')}`;
    this.#list.add({ code: 'missing_type', message: 'the step does not say what to do', path, hint });
    return '';
  }

  #fields(
    raw: JsonObject,
    type: string,
    stepType: StepType<z.ZodObject> | undefined,
    path: Path,
    inherited: JsonObject,
  ): Pick<StepDraft, 'fields' | 'config'> {
    const ownKeys = new Set(stepType ? Object.keys(stepType.schema.shape) : []);
    // Of a type that is unknown every key may be its own.
    const isOpen = !stepType && type !== 'block';
    const isOwn = (key: string) => ownKeys.has(key) || (isOpen && !COMMON_KEYS.includes(key));
    const own = Object.fromEntries(Object.entries(inherited).filter(([key]) => ownKeys.has(key)));
    const shared: { [key: string]: Json } = {};
    for (const [key, value] of Object.entries(raw)) (isOwn(key) ? own : shared)[key] = value;
    if (type !== 'block') this.#refuseBody(shared, type, path);
    const known = [...(type === 'block' ? COMMON_KEYS : TASK_KEYS), ...ownKeys];
    const fields = parseFields(uncheckedStep, shared, path, this.#list, known);
    if (!stepType) return { fields, config: own };
    const checked = stepType.schema.safeParse(own);
    if (checked.success) return { fields, config: checked.data as JsonObject };
    const strangers = Object.keys(shared).filter((key) => !known.includes(key));
    // What is only misspelt is named among the unknown keys, and not missing.
    const issues = checked.error.issues.filter(({ path: [key, ...inside] }) => {
      const isAbsent = inside.length === 0 && typeof key === 'string' && own[key] === undefined;
      return !isAbsent || !strangers.some((stranger) => nearest(stranger, [key]).length > 0);
    });
    reportIssues(issues, own, path, this.#list, keysOf(stepType.schema, known));
    return { fields, config: own };
  }

  #refuseBody(shared: { [key: string]: Json }, type: string, path: Path): void {
    for (const key of ['steps', 'parallel']) {
      if (shared[key] === undefined) continue;
      delete shared[key];
      // What an unknown type may have is not known either.
      if (type === '') continue;
      const message = `a step of type \`${type}\` cannot have \`${key}\``;
      this.#list.add({
        code: 'conflict',
        message,
        path: [...path, key],
        key: true,
        hint: 'remove `type`, or the steps',
      });
    }
  }

  #freeId(made: string): string {
    let id = made;
    while (this.#written.has(id)) id += '_';
    this.#written.add(id);
    return id;
  }
}

/** Whoever needs a step needs what follows from its end, too. */
function waitForBranches(behind: ReadonlyMap<StepDraft, readonly StepDraft[]>): void {
  const more = new Map<string, readonly string[]>();
  for (const [{ id }, branches] of behind)
    if (branches.length > 0) more.set(id, [id, ...branches.map((each) => each.id)]);
  if (more.size === 0) return;
  for (const draft of behind.keys()) {
    draft.needs = draft.needs.flatMap((id) => more.get(id) ?? id);
    if (draft.fields.needs) draft.fields.needs = [...draft.needs];
  }
}

/** What stands aside works where its step does; an undo by its shell, too. */
const placeOf = ({ kind, of }: Aside): JsonObject =>
  Object.fromEntries(
    Object.entries(of.config).filter(([key]) => key === 'cwd' || (key === 'shell' && kind === 'undo')),
  );

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A type that is like no other may be that of a module which is not loaded. */
function orOfModule(hint: string | undefined): string {
  if (hint?.startsWith('did you mean')) return hint;
  const elsewhere = '`belay step-types` shows those of modules, and which module is not loaded and why';
  return hint === undefined ? elsewhere : `${hint}; ${elsewhere}`;
}
