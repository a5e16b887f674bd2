/** Agent steps of a test: begun as the host does, then performed, with a clock that never waits. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Failure } from '../../../../src/engine/core/failure.ts';
import type { Json, JsonObject, Step } from '../../../../src/engine/core/model.ts';
import type { Outcome } from '../../../../src/engine/core/step-type.ts';
import { type AgentCall, agentCall } from '../../../../src/steps/agent/agent-call.ts';
import { agentFields } from '../../../../src/steps/agent/agent-fields.ts';
import type { AgentClock } from '../../../../src/steps/agent/patient-reply.ts';
import { performAgent } from '../../../../src/steps/agent/perform-agent.ts';
import { type FakeCall, fakeCall } from '../fake-call.ts';
import { fakeContext } from '../fake-context.ts';

/** A folder that goes with the test. */
export function scratchFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'belay-agent-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits are remembered and over at once; the time it shows goes by as the test says. */
export interface FakeClock extends AgentClock {
  readonly waited: number[];
  ms: number;
  /** Ends the time that was given last. */
  expire(): void;
}

export function fakeClock(): FakeClock {
  const waited: number[] = [];
  let deadline = new AbortController();
  return {
    waited,
    ms: 0,
    now() {
      return this.ms;
    },
    async sleep(ms, signal) {
      signal.throwIfAborted();
      waited.push(ms);
    },
    after() {
      deadline = new AbortController();
      return deadline.signal;
    },
    expire: () => deadline.abort(new Error('too late')),
  };
}

export interface Working {
  readonly cwd?: string;
  readonly notes?: readonly Json[];
  readonly io?: FakeCall;
  readonly clock?: FakeClock;
  readonly environment?: { readonly [name: string]: string };
  readonly host?: { readonly [name: string]: string };
  readonly programs?: readonly string[];
  readonly step?: Partial<Step>;
}

export interface Worked {
  readonly outcome: Outcome;
  readonly io: FakeCall;
  readonly clock: FakeClock;
}

function callOf(config: JsonObject, working: Working = {}): AgentCall | Failure {
  const fields = agentFields.parse(config);
  const { host = {}, cwd = scratchFolder(), ...rest } = working;
  const context = fakeContext({ type: 'agent', config, cwd, ...rest });
  const call = agentCall(context, fields, host);
  return call.ok ? call.value : call.error;
}

export async function work(config: JsonObject, working: Working = {}): Promise<Worked> {
  const { io = fakeCall(), clock = fakeClock() } = working;
  const call = callOf(config, working);
  if ('code' in call) return { outcome: { ok: false, failure: call }, io, clock };
  // as data, like anything that stands between the two
  const outcome = await performAgent(JSON.parse(JSON.stringify(call)) as AgentCall, io, clock);
  return { outcome, io, clock };
}

export function outputsOf({ outcome }: Worked): JsonObject {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  return outcome.outputs ?? {};
}

export function failureOf({ outcome }: Worked): Failure {
  if (outcome.ok) throw new Error(`succeeded: ${JSON.stringify(outcome.outputs)}`);
  return outcome.failure;
}
