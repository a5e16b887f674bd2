/**
 * What people and agents ask of a run from outside: create, answer, cancel, pause, resume.
 * A request is an event appended with the sequence number it was decided on, and no lease: the owner takes it in.
 * The transition table says whether it fits, on the state folded from the journal at that very sequence number.
 */
import { randomBytes } from 'node:crypto';
import type { Event, EventOf } from '../core/events.ts';
import { isFinal } from '../core/events.ts';
import { evolve } from '../core/evolve.ts';
import type { Result } from '../core/failure.ts';
import { err, ok } from '../core/failure.ts';
import { SIGNAL_BYTES_MAX } from '../core/limits.ts';
import type { Json } from '../core/model.ts';
import type { AppendRefused, Journal } from '../core/ports.ts';
import { takeProjection } from '../core/projection.ts';
import { SIGNAL_NAME, SIGNAL_NAME_EXPECTED } from '../core/signal-name.ts';
import type { RunState } from '../core/state.ts';
import { loadRun } from './load-run.ts';

/** Times a request is decided anew because somebody else appended first. */
const REQUEST_TRIES_MAX = 50;

export interface RequestRefused {
  readonly code: 'unknown_run' | 'corrupt' | 'invalid_input' | 'not_allowed' | 'storage' | 'busy';
  readonly message: string;
}

/** Why a run was not created; `group_taken`: `run` has its concurrency group, and it was not to wait. */
export type CreateRefused =
  | RequestRefused
  | { readonly code: 'group_taken'; readonly message: string; readonly run: string };

export interface Requester {
  readonly journal: Journal;
  now(): number;
  /** Who asks, for the journal: `cli:ann`, `mcp:claude-code`. */
  readonly by: string;
}

/** Sorts by time of creation, then by chance: `r-0mf3k2a9d-4f7c21`. */
export function newRunId(nowMs: number): string {
  return `r-${nowMs.toString(36).padStart(9, '0')}-${randomBytes(4).toString('hex')}`;
}

/** The first event of a run; `existing` names the run that an idempotency key has made before. */
export function createRun(
  requester: Requester,
  created: EventOf<'run.created'>,
  runId = newRunId(requester.now()),
): Result<{ readonly runId: string; readonly existing: boolean }, CreateRefused> {
  const atMs = requester.now();
  const state = evolve(undefined, { run_id: runId, seq: 1, at: atMs, epoch: 0, event: created });
  if (!state.ok) return err({ code: 'not_allowed', message: state.error.message });
  const made = requester.journal.create(
    runId,
    created,
    { host: requester.by, atMs },
    takeProjection(state.value),
  );
  if (!made.ok && made.error.kind === 'group_taken') return err(groupTaken(created, made.error.run));
  if (!made.ok) return err(refusal(made.error));
  const { existing } = made.value;
  return ok({ runId: existing ?? runId, existing: existing !== undefined });
}

/**
 * Appends one request. `decide` looks at the run as it is and gives the event, or why there is none.
 * @returns the run's state with the event applied
 */
export function request<Refused>(
  requester: Requester,
  runId: string,
  decide: (run: RunState) => Result<Event, Refused>,
): Result<RunState, RequestRefused | Refused> {
  for (let tries = 0; tries < REQUEST_TRIES_MAX; tries += 1) {
    const loaded = loadRun(requester.journal, runId);
    if (!loaded.ok) return err(loaded.error);
    const run = loaded.value;
    const event = decide(run);
    if (!event.ok) return event;
    const atMs = requester.now();
    const expectedSeq = run.seq;
    const entry = { run_id: runId, seq: expectedSeq + 1, at: atMs, epoch: run.epoch, event: event.value };
    const next = evolve(run, entry);
    if (!next.ok) return err({ code: 'not_allowed', message: next.error.message });
    const append = {
      runId,
      expectedSeq,
      host: requester.by,
      atMs,
      events: [event.value],
      change: takeProjection(run),
    };
    const [result] = requester.journal.append([append]);
    if (result?.ok) return ok(run);
    if (result && result.error.kind !== 'conflict') return err(refusal(result.error));
  }
  return err({ code: 'busy', message: `run \`${runId}\` changes too fast; the request was not recorded` });
}

export type CancelMode = EventOf<'run.cancel_requested'>['mode'];

/** `done`: the run has ended, or is ending in that way or a stronger one; to ask again changes nothing. */
export function cancelRun(
  requester: Requester,
  runId: string,
  { mode, reason }: { readonly mode: CancelMode; readonly reason?: string | undefined },
): Result<RunState, RequestRefused | 'done'> {
  return request(requester, runId, (run) => {
    const isDone = isFinal(run.status) || run.cancel?.mode === 'immediate' || run.cancel?.mode === mode;
    if (isDone) return err('done' as const);
    const why = reason === undefined ? {} : { reason };
    return ok({ type: 'run.cancel_requested', mode, by: requester.by, ...why });
  });
}

/**
 * Tells a run something from outside: a `wait` step that waits for it goes on, or the next one that will.
 * Whoever drives the run has to hear of it (`Host.kick`).
 */
export function sendSignal(
  requester: Requester,
  runId: string,
  { name, payload }: { readonly name: string; readonly payload: Json },
): Result<RunState, RequestRefused> {
  if (!SIGNAL_NAME.test(name))
    return err({
      code: 'invalid_input',
      message: `expected ${SIGNAL_NAME_EXPECTED}, found \`${name.slice(0, 100)}\``,
    });
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes > SIGNAL_BYTES_MAX) {
    const message = `the payload of signal \`${name}\` has ${bytes} bytes, at most ${SIGNAL_BYTES_MAX} are taken`;
    return err({ code: 'invalid_input', message });
  }
  return request(requester, runId, () =>
    ok<Event>({ type: 'signal.received', name, payload, by: requester.by }),
  );
}

const groupTaken = ({ group }: EventOf<'run.created'>, run: string): CreateRefused => ({
  code: 'group_taken',
  message: `concurrency group \`${group}\` is taken by run \`${run}\`, and \`on_conflict\` is \`reject\``,
  run,
});

function refusal(refused: AppendRefused): RequestRefused {
  if (refused.kind === 'storage') return { code: 'storage', message: refused.message };
  if (refused.kind === 'unknown_run') return { code: 'unknown_run', message: 'the run is not known here' };
  return { code: 'busy', message: 'the run was changed by somebody else at the same moment' };
}
