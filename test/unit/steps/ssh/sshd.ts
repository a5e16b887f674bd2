/**
 * A real OpenSSH server of a test; and `ssh` steps that use it: begun as the host does, then performed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Failure } from '../../../../src/engine/core/failure.ts';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import type { Outcome } from '../../../../src/engine/core/step-type.ts';
import { sshStep } from '../../../../src/steps/ssh.step.ts';
import { type FakeCall, fakeCall } from '../fake-call.ts';
import { type Fake, fakeContext } from '../fake-context.ts';
import { type ServerTerms, type SshServer, startSshd } from './start-sshd.ts';

/** A folder that goes with the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'belay-ssh-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Listening; it goes with the test. */
export async function sshd(terms: ServerTerms = {}): Promise<SshServer> {
  const server = await startSshd({ folder: terms.like?.folder ?? scratchFolder(), ...terms });
  onTestFinished(() => server.stop());
  return server;
}

export interface Asking extends Omit<Fake, 'type' | 'config'> {
  readonly io?: FakeCall;
}

/** The outcome of a step with this config; what `begin` refuses is a failure too. */
export async function ask(config: JsonObject, { io = fakeCall(), ...asking }: Asking = {}): Promise<Outcome> {
  const problem = sshStep.schema.safeParse(config).error;
  if (problem) throw problem;
  const begun = sshStep.begin(fakeContext({ type: 'ssh', config, cwd: tmpdir(), ...asking }));
  if (!begun.ok) return { ok: false, failure: begun.error };
  const action = begun.value;
  if (action.kind !== 'call' || !sshStep.perform) throw new Error(`found ${action.kind}`);
  // as data, like anything that stands between the two
  return sshStep.perform(JSON.parse(JSON.stringify(action.call)) as JsonObject, io);
}

/** What a step that succeeds wrote to stdout and stderr. */
export async function ran(
  server: SshServer,
  config: JsonObject,
  { step, ...asking }: Asking = {},
): Promise<Extract<Outcome, { readonly ok: true }>> {
  const reads = { reads: ['stdout', 'stderr'] as const, ...step };
  const outcome = await ask({ ...server.fields, ...config }, { step: reads, ...asking });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return outcome;
}

/** The failure of a step that fails. */
export async function refused(server: SshServer, config: JsonObject, asking?: Asking): Promise<Failure> {
  const outcome = await ask({ ...server.fields, ...config }, asking);
  if (outcome.ok) throw new Error(`succeeded: ${JSON.stringify(outcome)}`);
  return outcome.failure;
}

/** Looks again until it holds; a test that waits in vain runs out of time. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
