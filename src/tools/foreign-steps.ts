/**
 * Step types that do not come with Belay: modules that the settings name with the digest of their file. They run in
 * this process with all its rights, so nothing is loaded that a person has not allowed in exactly this form.
 * What cannot be loaded is a problem to tell, never one to stop at: the other types are there.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { stepTypes } from '../steps/catalogue.ts';
import { type DefinedStep, STEP_CONTRACT, stepKit } from '../steps/define-step.ts';
import { noteForeignCode } from './foreign-code.ts';
import { readSettings } from './settings.ts';

export interface ForeignModule {
  readonly from: string;
  /** Names of the step types that it brought. */
  readonly types: readonly string[];
  readonly problem?: string;
}

export interface ForeignSteps {
  readonly types: readonly StepType<z.ZodObject>[];
  readonly modules: readonly ForeignModule[];
  /** The settings themselves cannot be read. */
  readonly problem?: string;
}

const TYPE_NAME = /^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/;

export async function loadForeignSteps(home: string): Promise<ForeignSteps> {
  const settings = readSettings(home);
  if (!settings.ok) return { types: [], modules: [], problem: settings.error };
  const types: StepType<z.ZodObject>[] = [];
  const modules: ForeignModule[] = [];
  for (const { from, sha256 } of settings.value.step_types ?? []) {
    const loaded = await loadModule(home, from, sha256, [...stepTypes, ...types]);
    if (loaded.ok) types.push(...loaded.value);
    modules.push({
      from,
      types: loaded.ok ? loaded.value.map(({ type }) => type) : [],
      ...(!loaded.ok && { problem: loaded.error }),
    });
  }
  return { types, modules };
}

/** The file behind a path or the name of a package, and the digest that it has now. */
export function foreignFile(home: string, from: string): Result<{ file: string; sha256: string }, string> {
  try {
    const isPath = isAbsolute(from) || from.startsWith('.');
    const file = isPath ? resolve(home, from) : createRequire(join(home, 'package.json')).resolve(from);
    return ok({ file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') });
  } catch (error) {
    const why = (error as Error).message.split('\n')[0];
    return err(
      `\`${from}\` cannot be read: ${why}; install it in \`node_modules\` of the data folder, or give the path of its file`,
    );
  }
}

/** Everything that one module brings, or the first thing that is wrong with it. */
export async function loadModule(
  home: string,
  from: string,
  sha256: string,
  known: readonly StepType<z.ZodObject>[],
): Promise<Result<readonly StepType<z.ZodObject>[], string>> {
  const found = foreignFile(home, from);
  if (!found.ok) return found;
  const { file, sha256: digest } = found.value;
  if (digest !== sha256)
    return err(
      `\`${file}\` is not the file that was allowed: look at it, then run \`belay step-types allow ${from}\``,
    );
  noteForeignCode();
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    const exported = module.default;
    const defined = typeof exported === 'function' ? exported(stepKit) : exported;
    const all = Array.isArray(defined) ? defined : [defined];
    const names = new Set(known.map(({ type }) => type));
    for (const each of all) {
      const problem = problemOf(each, names);
      if (problem !== undefined) return err(`\`${file}\`: ${problem}`);
      names.add((each as DefinedStep).type.type);
    }
    return ok((all as readonly DefinedStep[]).map(({ type }) => type));
  } catch (error) {
    return err(`\`${file}\` cannot be loaded: ${(error as Error).message}`);
  }
}

function problemOf(value: unknown, names: ReadonlySet<string>): string | undefined {
  const { contract, type } = (value ?? {}) as Partial<DefinedStep>;
  if (contract === undefined || !type)
    return 'expected `defineStep({ … })` as default export, found something else';
  if (contract !== STEP_CONTRACT)
    return `made for contract ${contract} of step types, this Belay has ${STEP_CONTRACT}: take a version of it that was made for that`;
  const { type: name, summary, schema, fields, effects, begin } = type;
  if (typeof name !== 'string' || !TYPE_NAME.test(name))
    return `\`${String(name)}\` is no name of a step type`;
  if (names.has(name)) return `step type \`${name}\` is there already`;
  if (typeof summary !== 'string') return `step type \`${name}\` has no \`summary\``;
  if (typeof schema?.safeParse !== 'function' || typeof schema.shape !== 'object')
    return `\`schema\` of step type \`${name}\` is no object schema of zod`;
  const unknown = Object.keys(schema.shape).filter((field) => !Object.hasOwn(fields ?? {}, field));
  if (unknown.length > 0)
    return `step type \`${name}\` does not say the kind of \`${unknown.join('`, `')}\` in \`fields\``;
  if (!['none', 'workspace', 'remote'].includes(effects))
    return `step type \`${name}\` does not say its \`effects\``;
  return typeof begin === 'function' ? undefined : `step type \`${name}\` has no \`begin\``;
}
