/**
 * What the result of a step depends on, as far as Belay knows: the step as it is written, what its templates are worth
 * now, and what its author names besides. Two steps of which all that is the same have the same result.
 * 1. What is only read by the step itself (a file that it opens, a variable that it inherits) is in it only by name.
 */
import { relative } from 'node:path';
import { canonicalJson } from '../../definition/definition-digest.ts';
import { analyseExpression, analyseTemplate, type Reference } from '../../definition/expression/analyse.ts';
import { err, type Failure, ok, type Result } from '../core/failure.ts';
import type { CacheSpec, Json, JsonObject } from '../core/model.ts';
import type { StepState } from '../core/state.ts';
import type { FieldKind, StepContext, StepType } from '../core/step-type.ts';
import { projectRoot, realPath } from './project-root.ts';
import type { RunSource } from './run-source.ts';
import { stepContext } from './step-context.ts';
import { runEnvironment } from './step-scope.ts';

export interface CacheSubject {
  /** Everything that the key is made of, but for the files. */
  readonly text: string;
  readonly files: readonly string[];
  /** The directory of the project, or the run; '' for the user. */
  readonly place: string;
  /** The rendered `cache_key`. */
  readonly label?: string;
  readonly tags: readonly string[];
}

/** Keys of another kind of text never meet those of this one. */
const KIND = 'belay 1';

/** Fails where a template cannot be rendered: then the step fails by itself, or it has no key. */
export function cacheSubject(
  source: RunSource,
  step: StepState,
  spec: CacheSpec,
): Result<CacheSubject, Failure> {
  const context = stepContext(source, step, step.attempt + 1);
  const { run } = source;
  const texts = (templates: readonly string[] = []) => all(templates, (each) => context.renderText(each));
  const tags = texts(spec.tags);
  if (!tags.ok) return tags;
  const files = texts(spec.files);
  if (!files.ok) return files;
  const key = spec.key === undefined ? ok(undefined) : context.renderText(spec.key);
  if (!key.ok) return key;
  const place = placeOf(source, spec);
  const { outputs, reads, id } = step.step;
  const hasOwnName = key.value !== undefined && !spec.isShared;
  const common = {
    kind: KIND,
    scope: spec.scope,
    place,
    version: spec.version,
    // what it hands out has to be there, whatever the key says
    gives: [Object.keys(outputs).sort(), reads, [...(spec.paths ?? [])].sort()],
    ...(hasOwnName && { workflow: run.workflow.name, step: id }),
  };
  const more = key.value === undefined ? content(source, step, context, spec) : ok({ key: key.value });
  if (!more.ok) return more;
  return ok({
    text: canonicalJson({ ...common, ...more.value }),
    files: files.value,
    place,
    tags: tags.value,
    ...(key.value !== undefined && { label: key.value }),
  });
}

/** The step, and what its templates are worth. */
function content(
  source: RunSource,
  step: StepState,
  context: StepContext,
  spec: CacheSpec,
): Result<object, Failure> {
  const { type, config, outputs, env, artifacts } = step.step;
  const { run } = source;
  const known = source.stepType(type);
  const rendered = renderFields(context, known, config);
  if (!rendered.ok) return rendered;
  const own = all(Object.values(env), (each) => context.renderText(each));
  if (!own.ok) return own;
  const environment = context.environment();
  if (!environment.ok) return environment;
  const named = (names: readonly string[]) => names.map((name) => [name, environment.value[name] ?? null]);
  const inherited = runEnvironment(source, step);
  return ok({
    machine: `${process.platform}-${process.arch}`,
    ...(spec.scope === 'project' && { cwd: relative(projectRoot(run.cwd), realPath(run.cwd)) }),
    type,
    config,
    outputs,
    artifacts,
    rendered: rendered.value,
    env: [Object.keys(env), own.value],
    workflowEnv: Object.keys(run.workflow.env).map((name) => [name, inherited[name] ?? null]),
    named: named([...(spec.env ?? [])].sort()),
    // beside its own result, what its outputs are made of
    given: Object.values(outputs).map((text) => valuesOf(context, analyseTemplate(text).references)),
  });
}

/** The type's own fields, each as its kind of text. */
function renderFields(context: StepContext, { fields }: StepType, config: JsonObject): Result<Json, Failure> {
  const walk = (value: Json, names: readonly string[], around: FieldKind): Result<Json, Failure> => {
    const kind = fields[names.join('.')] ?? around;
    if (typeof value === 'string') return rendered(context, value, kind);
    if (typeof value !== 'object' || value === null) return ok(value);
    if (Array.isArray(value)) return all(value as readonly Json[], (each) => walk(each, names, kind));
    return all(Object.entries(value), ([name, each]) => walk(each, [...names, name], kind));
  };
  return walk(config, [], 'literal');
}

function rendered(context: StepContext, text: string, kind: FieldKind): Result<Json, Failure> {
  switch (kind) {
    case 'literal':
      return ok(text);
    case 'shell': {
      const script = context.shell(text);
      return script.ok ? ok([script.value.script, script.value.env]) : script;
    }
    case 'template':
      return context.render(text);
    case 'expression': {
      const value = context.evaluate(text);
      // it may be about the result, which is not there yet
      return value.ok ? value : ok(valuesOf(context, analyseExpression(text).references));
    }
  }
}

/** What can be known of them now. */
function valuesOf(context: StepContext, references: readonly Reference[]): readonly Json[] {
  return references.map(({ root, path }) => {
    const value = context.evaluate(root + path.map((part) => `[${JSON.stringify(part)}]`).join(''));
    return value.ok ? value.value : null;
  });
}

function all<Item, Value>(
  items: readonly Item[],
  act: (item: Item) => Result<Value, Failure>,
): Result<Value[], Failure> {
  const values: Value[] = [];
  for (const item of items) {
    const value = act(item);
    if (!value.ok) return err(value.error);
    values.push(value.value);
  }
  return ok(values);
}

function placeOf({ run }: RunSource, { scope }: CacheSpec): string {
  if (scope === 'run') return run.runId;
  return scope === 'project' ? projectRoot(run.cwd) : '';
}
