/**
 * Which files a step or a run hands out, from what its outputs say once its result is known: where each is looked for,
 * and what it is called. Touches no file.
 */
import { resolve } from 'node:path';
import { render } from '../../definition/expression/evaluate.ts';
import { type ArtifactNote, artifactName } from '../core/artifact.ts';
import { err, type Failure, ok, type Result } from '../core/failure.ts';
import { RUN_ARTIFACTS_MAX } from '../core/limits.ts';
import type { ArtifactSpec, Json } from '../core/model.ts';
import type { ArtifactWish } from '../core/ports.ts';
import type { RunState, StepState } from '../core/state.ts';
import type { Outcome } from '../core/step-type.ts';
import { stepContext } from './step-context.ts';
import { resultNames, type ScopeSource, scopeAt } from './step-scope.ts';

/** One file to store. */
export interface NamedWish extends Omit<ArtifactWish, 'signal'> {
  readonly output: string;
  readonly name: string;
  /** As the output says it. */
  readonly path: string;
  readonly spec: ArtifactSpec;
}

/** What became of all files of one result; by output. */
export type StoredArtifacts = Result<
  {
    readonly notes: ReadonlyMap<string, ArtifactNote>;
    readonly warnings: readonly string[];
  },
  Failure
>;

type Wishes = Result<readonly NamedWish[], Failure>;

/** Undefined where the step hands out no file, or has not succeeded. */
export function stepWishes(source: ScopeSource, step: StepState, outcome: Outcome): Wishes | undefined {
  const declared = Object.entries(step.step.artifacts ?? {});
  if (declared.length === 0 || !outcome.ok) return undefined;
  const { run } = source;
  if (isFull(run, declared.length)) return err(tooMany());
  const scope = scopeAt(source, step, resultNames(outcome));
  const places = directories(source, step);
  const wishes: NamedWish[] = [];
  for (const [output, spec] of declared) {
    const about = `output \`${output}\` of step \`${step.key}\``;
    const path = pathOf(render(step.step.outputs[output] ?? '', scope), about);
    if (!path.ok) return path;
    const name = artifactName(run.workflow, step.key, output);
    wishes.push({ output, name, spec, about, path: path.value, ...placesOf(places, path.value) });
  }
  return ok(wishes);
}

/** Of the run as a whole; those that cannot be told are left to whoever computes its outputs. */
export function runWishes(source: ScopeSource): readonly NamedWish[] {
  const { run } = source;
  const scope = scopeAt(source, undefined);
  return Object.entries(run.workflow.outputs).flatMap(([output, { value, artifact: spec }]) => {
    if (!spec || value === undefined) return [];
    const about = `output \`${output}\``;
    const path = pathOf(render(value, scope), about);
    if (!path.ok) return [];
    return [{ output, name: output, spec, about, path: path.value, ...placesOf([run.cwd], path.value) }];
  });
}

const isFull = (run: RunState, more: number): boolean => run.artifacts.size + more > RUN_ARTIFACTS_MAX;

function pathOf(rendered: Result<Json, Failure>, about: string): Result<string, Failure> {
  if (!rendered.ok) return err({ ...rendered.error, message: `${about}: ${rendered.error.message}` });
  const { value } = rendered;
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return ok(value);
  return err({
    code: 'artifact_refused',
    retry: 'final',
    message: `${about} must be the path of a file, found ${JSON.stringify(value).slice(0, 80)}`,
    hint: 'mend the expression in the path',
  });
}

const placesOf = (directories: readonly string[], path: string) => ({
  places: [...new Set(directories.map((directory) => resolve(directory, path)))],
  workspace: directories,
});

/**
 * The step's own directory, then that of the run. What a call has as `cwd` may be a directory of another machine: it
 * counts where it lies below that of the run.
 */
function directories(source: ScopeSource, step: StepState): readonly string[] {
  const { cwd } = source.run;
  const written = step.step.config.cwd;
  if (typeof written !== 'string') return [cwd];
  const rendered = stepContext(source, step, step.attempt).renderText(written);
  if (!rendered.ok) return [cwd];
  const own = resolve(cwd, rendered.value);
  const isHere = step.process !== undefined || own.startsWith(cwd.endsWith('/') ? cwd : `${cwd}/`);
  return isHere && own !== cwd ? [own, cwd] : [cwd];
}

const tooMany = (): Failure => ({
  code: 'artifact_limit',
  retry: 'final',
  message: `the run would have more than ${RUN_ARTIFACTS_MAX} artifacts`,
  hint: 'hand out a folder instead of each file in it, or split the work into several runs',
});
