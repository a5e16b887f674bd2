/**
 * The environment a run is given: an allow-list of the creator's variables, never the whole of it.
 * What is let through is recorded with the run, so that any later host starts its steps the same way.
 */
import type { Workflow } from '../core/model.ts';

/** Names that a command needs to find its programs, its user and its language; none of them carries a secret. */
const ALLOWED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TERM',
  'COLORTERM',
  'NO_COLOR',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  'JAVA_HOME',
  'GOPATH',
  'NODE_ENV',
  'VIRTUAL_ENV',
]);

const isAllowed = (name: string): boolean => ALLOWED.has(name) || name.startsWith('LC_');

/** Variables of a process, by name. */
export type Environment = { readonly [name: string]: string | undefined };

export function allowedEnvironment(environment: Environment): { readonly [name: string]: string } {
  const allowed: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && isAllowed(name)) allowed[name] = value;
  }
  return allowed;
}

/**
 * Names of the variables that a workflow asks for (`prerequisites: [{ env: … }]`) and that are not let through anyway.
 * They may be secrets: they are read where a step starts, and never recorded.
 */
export const declaredNames = ({ prerequisites }: Workflow): readonly string[] =>
  prerequisites.flatMap((each) => (each.kind === 'env' && !isAllowed(each.env) ? [each.env] : []));

/** Their values, of those that are set. */
export function declaredEnvironment(
  workflow: Workflow,
  environment: Environment = process.env,
): { readonly [name: string]: string } {
  const declared: { [name: string]: string } = {};
  for (const name of declaredNames(workflow)) {
    const value = environment[name];
    if (value !== undefined) declared[name] = value;
  }
  return declared;
}
