/**
 * Which values the variables that a workflow asks for had when its run was created, told by keyed digests: never the
 * values, and nothing that can be tried out without the key of the data folder.
 * 1. A host drives only runs whose variables it has as they were recorded. One that was not set then must not be set
 *    now either: the run was never meant to have it.
 */
import { createHmac } from 'node:crypto';
import type { SecretDigests } from '../core/events.ts';
import type { Workflow } from '../core/model.ts';
import type { RunState } from '../core/state.ts';
import { declaredEnvironment, declaredNames, type Environment } from './environment.ts';

export interface RunSecrets {
  /** What to record with a run that starts, or goes on, with the values of this process; absent: it asks for none. */
  digests(workflow: Workflow): SecretDigests | undefined;
  /** Names whose values here are not those of the run. */
  lacking(run: Pick<RunState, 'workflow' | 'secrets'>): readonly string[];
}

/** @param key read once, with the first workflow that asks for a variable */
export function runSecrets(environment: Environment, key: () => Uint8Array): RunSecrets {
  const known = new WeakMap<SecretDigests, readonly string[]>();
  let opened: Uint8Array | undefined;
  const digests = (workflow: Workflow): SecretDigests | undefined => {
    if (declaredNames(workflow).length === 0) return undefined;
    opened ??= key();
    const own = opened;
    const values = Object.entries(declaredEnvironment(workflow, environment));
    return Object.fromEntries(values.map(([name, value]) => [name, digest(own, name, value)]));
  };
  return {
    digests,
    lacking({ workflow, secrets }) {
      if (!secrets) return [];
      const before = known.get(secrets);
      if (before) return before;
      const here = digests(workflow) ?? {};
      const lacking = declaredNames(workflow).filter((name) => here[name] !== secrets[name]);
      known.set(secrets, lacking);
      return lacking;
    },
  };
}

/** The name goes in, so that two variables of one value do not look alike. */
const digest = (key: Uint8Array, name: string, value: string): string =>
  createHmac('sha256', key).update(`${name}\0${value}`).digest('hex');
