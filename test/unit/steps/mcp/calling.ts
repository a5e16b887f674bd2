/** Makes the call of an `mcp` step against real servers, and tells all that came of it. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Failure } from '../../../../src/engine/core/failure.ts';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import type { Action, Outcome } from '../../../../src/engine/core/step-type.ts';
import { mcpStep } from '../../../../src/steps/mcp.step.ts';
import { type FakeCall, fakeCall } from '../fake-call.ts';
import { type Fake, fakeContext } from '../fake-context.ts';

const modules = join(import.meta.dirname, '../../../../node_modules/@modelcontextprotocol');

/** One of the servers from the registry, as `server:` has it. */
export const installed = (name: string, ...args: string[]) => ({
  command: process.execPath,
  args: [join(modules, `server-${name}`, 'dist/index.js'), ...args],
});

/** Our own, which does what it is told; see there. */
export const odd = (...how: string[]) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, 'odd-server.process.ts'), ...how],
});

export type Terms = Partial<Omit<Fake, 'type' | 'config'>> & Parameters<typeof fakeCall>[0];

export function begun(config: JsonObject, terms: Terms = {}) {
  const { answers: _, signal: _signal, ...fake } = terms;
  const programs = [process.execPath, 'sh'];
  const environment = { PATH: process.env.PATH ?? '' };
  return mcpStep.begin(fakeContext({ type: 'mcp', programs, environment, cwd: scratch(), ...fake, config }));
}

export interface Called {
  readonly outcome: Outcome;
  readonly io: FakeCall;
}

/** A call that goes on. */
export function calling(config: JsonObject, terms: Terms = {}) {
  const action = begun(config, terms);
  if (!action.ok) throw new Error(action.error.message);
  const { call } = action.value as Extract<Action, { readonly kind: 'call' }>;
  const io = fakeCall(terms);
  return { io, ended: mcpStep.perform?.(call, io) as Promise<Outcome> };
}

export async function called(config: JsonObject, terms: Terms = {}): Promise<Called> {
  const { io, ended } = calling(config, terms);
  return { outcome: await ended, io };
}

/** The outputs of a call that has to succeed. */
export async function outputsOf(config: JsonObject, terms: Terms = {}): Promise<JsonObject> {
  const { outcome } = await called(config, terms);
  if (!outcome.ok) throw new Error(`${outcome.failure.code}: ${outcome.failure.message}`);
  return { ...outcome.outputs, ...outcome.names };
}

/** Why a call failed that has to. */
export async function failureOf(config: JsonObject, terms: Terms = {}): Promise<Failure> {
  const { outcome } = await called(config, terms);
  if (outcome.ok) throw new Error(`it succeeded: ${JSON.stringify(outcome.outputs)}`);
  return outcome.failure;
}

export function scratch(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'belay-mcp-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Resolved when it holds; the test's own bound ends what never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
