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

export function allowedEnvironment(environment: { readonly [name: string]: string | undefined }): {
  readonly [name: string]: string;
} {
  const allowed: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (ALLOWED.has(name) || name.startsWith('LC_'))) allowed[name] = value;
  }
  return allowed;
}

/**
 * Variables that a workflow asks for by name (`prerequisites: [{ env: … }]`). They may be secrets: they are read
 * where a step starts and never recorded.
 */
export function declaredEnvironment(workflow: Workflow): { readonly [name: string]: string } {
  const declared: { [name: string]: string } = {};
  for (const prerequisite of workflow.prerequisites) {
    const value = prerequisite.kind === 'env' ? process.env[prerequisite.env] : undefined;
    if (prerequisite.kind === 'env' && value !== undefined) declared[prerequisite.env] = value;
  }
  return declared;
}
