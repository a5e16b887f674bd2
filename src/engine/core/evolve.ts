/**
 * The one transition table: `evolve(state, entry)` applies one journal event to a run.
 * It takes the state over and changes it in place (the caller lets go of it), so that an event costs what it changes.
 * 1. An event the state does not allow is an error value and changes nothing.
 * 2. The same events give the same state, whoever replays them: no clock, no chance, no I/O.
 */
import { leaveGroup } from './concurrency-group.ts';
import type { Entry, Event, EventOf, EventType, RunStatus } from './events.ts';
import { isFinal } from './events.ts';
import { takeArtifacts, takeGiven } from './evolve-artifact.ts';
import { evolveCheckpoint } from './evolve-checkpoint.ts';
import { evolveQuestion } from './evolve-question.ts';
import { evolveStep } from './evolve-step.ts';
import { endUnwind, evolveUnwind } from './evolve-unwind.ts';
import type { Result } from './failure.ts';
import { err, ok } from './failure.ts';
import { activeTasks, halt, newFrame, openList } from './frames.ts';
import type { Workflow } from './model.ts';
import { reopen } from './reopen.ts';
import { rewind } from './rewind.ts';
import { unwindProblem } from './rollback-state.ts';
import { keepDeadline, timeOutRun } from './run-deadline.ts';
import { receiveSignal } from './sleep.ts';
import type { RunState } from './state.ts';
import { newRunState, taskCountOf } from './state.ts';

export interface IllegalEvent {
  readonly event: EventType;
  readonly message: string;
}

const LIVE: readonly RunStatus[] = ['running', 'waiting', 'rolling_back'];
const UNFINISHED: readonly RunStatus[] = ['queued', ...LIVE, 'paused'];

/** Run statuses in which an event may come. Steps and questions are checked further by their own tables. */
const ALLOWED: { readonly [T in EventType]: readonly RunStatus[] } = {
  'run.created': [],
  'run.claimed': UNFINISHED,
  'run.started': ['queued'],
  'run.pause_requested': ['queued', ...LIVE],
  'run.paused': ['queued', ...LIVE],
  'run.resumed': [...UNFINISHED, 'succeeded', 'partial', 'failed', 'cancelled', 'stuck'],
  'run.cancel_requested': UNFINISHED,
  'run.timed_out': LIVE,
  'run.finished': UNFINISHED,
  'step.scheduled': LIVE,
  'step.started': LIVE,
  'step.succeeded': LIVE,
  'step.failed': LIVE,
  'step.retry_scheduled': LIVE,
  'step.noted': LIVE,
  'step.skipped': LIVE,
  'step.cached': LIVE,
  'step.stop_requested': LIVE,
  'step.interrupted': LIVE,
  'step.sleeping': LIVE,
  'question.asked': LIVE,
  'question.approved': [...LIVE, 'paused'],
  'question.answered': [...LIVE, 'paused'],
  'question.expired': LIVE,
  'question.claimed': [...LIVE, 'paused'],
  'question.released': [...LIVE, 'paused'],
  'signal.received': UNFINISHED,
  'cleanup.started': LIVE,
  'cleanup.finished': LIVE,
  'checkpoint.taken': LIVE,
  'checkpoint.skipped': LIVE,
  'unwind.requested': [...LIVE, 'paused', 'succeeded', 'partial', 'failed', 'cancelled', 'stuck'],
  'unwind.started': LIVE,
  'undo.started': LIVE,
  'undo.succeeded': LIVE,
  'undo.failed': LIVE,
  'restore.started': [...LIVE, 'paused', 'rolled_back', 'stuck'],
  'restore.finished': [...LIVE, 'paused', 'rolled_back', 'stuck'],
};

/** The run's state after `entry`; `state` is undefined before the first event. */
export function evolve(state: RunState | undefined, entry: Entry): Result<RunState, IllegalEvent> {
  const { event } = entry;
  const refuse = (message: string) => err({ event: event.type, message });
  if (!state) {
    if (event.type !== 'run.created') return refuse(`\`${event.type}\` cannot be the first event`);
    return ok(created(entry, event));
  }
  if (entry.seq !== state.seq + 1) {
    return refuse(`event ${entry.seq} cannot follow event ${state.seq}`);
  }
  if (!ALLOWED[event.type].includes(state.status)) {
    return refuse(`\`${event.type}\` cannot happen to a run that is ${state.status}`);
  }
  const problem = apply(state, entry, event);
  if (problem !== undefined) return refuse(problem);
  state.seq = entry.seq;
  if (!isFinal(state.status) && state.status !== 'paused' && state.status !== 'queued') {
    state.status = isAsking(state) ? 'waiting' : state.unwind ? 'rolling_back' : 'running';
  }
  leaveGroup(state);
  keepDeadline(state, entry);
  return ok(state);
}

/** Somebody outside is waited for. */
const isAsking = ({ asking, awaiting }: RunState): boolean => asking > 0 || awaiting.size > 0;

function created(entry: Entry, event: EventOf<'run.created'>): RunState {
  const run = newRunState({
    runId: entry.run_id,
    workflow: event.definition as unknown as Workflow,
    digest: event.digest,
    source: event.source,
    cwd: event.cwd,
    env: event.env,
    createdAt: entry.at,
    createdBy: event.created_by,
    ...(event.intent !== undefined && { intent: event.intent }),
    ...(event.parent && { parent: event.parent }),
    ...(event.no_cache && { noCache: event.no_cache }),
    ...(event.secrets && { secrets: event.secrets }),
    ...(event.group !== undefined && { group: event.group }),
    ...(event.on_conflict && { onConflict: event.on_conflict }),
    priority: event.priority,
    inputs: event.inputs,
    ...onFailureOf(event),
  });
  openList(run, run.steps, run.workflow.steps);
  takeGiven(run, entry, event.given);
  run.seq = entry.seq;
  return run;
}

/** What the caller says goes before what the workflow says. */
function onFailureOf(event: EventOf<'run.created'>): Pick<RunState, 'onFailure'> {
  const policy = event.on_failure ?? (event.definition as unknown as Workflow).onFailure;
  return policy === undefined ? {} : { onFailure: policy };
}

/** What is wrong with the event, or undefined after it was applied. */
function apply(run: RunState, entry: Entry, event: Event): string | undefined {
  if (event.type.startsWith('step.')) return evolveStep(run, entry, event);
  if (event.type.startsWith('question.')) return evolveQuestion(run, entry, event);
  if (event.type.startsWith('checkpoint.')) return evolveCheckpoint(run, entry, event);
  if (/^(unwind|undo|restore)\./.test(event.type)) return evolveUnwind(run, entry, event);
  return evolveRun(run, entry, event);
}

function evolveRun(run: RunState, entry: Entry, event: Event): string | undefined {
  switch (event.type) {
    case 'run.claimed':
      run.epoch = entry.epoch;
      if (run.group !== undefined) run.hasEntered = true;
      return;
    case 'run.timed_out':
      return timeOutRun(run);
    case 'run.started':
      run.status = 'running';
      run.startedAt ??= entry.at;
      return;
    case 'run.pause_requested':
      if (run.unwind) return ROLLING_BACK;
      run.pausing = event.reason ?? 'asked for';
      return;
    case 'run.paused':
      return run.unwind ? back(run, entry, event) : paused(run, event);
    case 'run.resumed':
      return resumed(run, entry, event);
    case 'run.cancel_requested':
      if (run.unwind) return ROLLING_BACK;
      cancel(run, event);
      return;
    case 'signal.received':
      return receiveSignal(run, event);
    case 'cleanup.started':
      return startCleanup(run);
    case 'cleanup.finished':
      if (run.phase !== 'cleanup' || run.cleanup?.open !== 0) return 'the cleanup has not finished';
      run.phase = 'done';
      return;
    case 'run.finished':
      return finish(run, entry, event);
    default:
      return `\`${event.type}\` is not a run event`;
  }
}

function resumed(run: RunState, entry: Entry, event: EventOf<'run.resumed'>): string | undefined {
  const isUnderWay = LIVE.includes(run.status);
  const wrong = reopen(run, event, entry.at);
  if (wrong === undefined && !isUnderWay) delete run.timedOut;
  if (wrong === undefined) takeGiven(run, entry, event.given);
  const isChanged = event.inputs !== undefined || event.definition !== undefined;
  if (wrong === undefined && isChanged && !run.requesters.includes(event.by)) run.requesters.push(event.by);
  return wrong;
}

function paused(run: RunState, event: EventOf<'run.paused'>): string | undefined {
  if (run.running.size > 0) return 'a step is still running';
  if (run.phase !== 'steps') return 'the cleanup has started; it always runs through';
  run.status = 'paused';
  run.reason = event.reason;
  delete run.pausing;
  return undefined;
}

/** Back at a checkpoint: the run waits there to be resumed. */
function back(run: RunState, entry: Entry, event: EventOf<'run.paused'>): string | undefined {
  const target = run.checkpoints.get(run.unwind?.target ?? '');
  if (run.phase !== 'unwind' || !run.unwind || !target) return ROLLING_BACK;
  const problem = unwindProblem(run.unwind);
  if (problem !== undefined) return problem;
  endUnwind(run, 'checkpoint', entry.at);
  rewind(run, target, entry.at);
  run.status = 'paused';
  run.reason = event.reason;
  return undefined;
}

const ROLLING_BACK = 'the run is being rolled back, which always runs through';

/**
 * A graceful cancel ends what only waits; an immediate one also what runs. A second one may be stronger.
 * The cleanup is not cut short: an immediate cancel ends its steps under way, and the next ones still run.
 */
function cancel(run: RunState, event: EventOf<'run.cancel_requested'>): void {
  const reason = event.reason ?? run.cancel?.reason;
  const mode = run.cancel?.mode === 'immediate' ? 'immediate' : event.mode;
  run.cancel = { mode, by: event.by, ...(reason !== undefined && { reason }) };
  delete run.pausing;
  if (run.status === 'paused') run.status = 'running';
  const frame = run.cleanup ?? run.steps;
  if (frame === run.steps) halt(run, frame);
  if (event.mode === 'graceful') return;
  for (const task of activeTasks(frame)) {
    task.stopping ??= 'cancelled';
    run.stopping.add(task);
  }
}

function startCleanup(run: RunState): string | undefined {
  if (run.phase === 'cleanup' || run.cleanup) return 'the cleanup has already started';
  if (run.unwind && run.phase !== 'unwind') return 'the rollback has not begun';
  const problem = run.unwind && unwindProblem(run.unwind);
  if (problem !== undefined) return problem;
  if (run.steps.open !== 0) return `${run.steps.open} steps have not finished`;
  run.phase = 'cleanup';
  run.cleanup = newFrame('cleanup', []);
  run.total += taskCountOf(run.workflow.cleanup);
  openList(run, run.cleanup, run.workflow.cleanup);
  return undefined;
}

/** A run that is stuck on a bug ends where it stands, one that never began at once; any other end comes after the last step. */
function finish(run: RunState, entry: Entry, event: EventOf<'run.finished'>): string | undefined {
  if (event.status !== 'stuck' && run.status !== 'queued') {
    const open = run.steps.open + (run.cleanup?.open ?? 0);
    if (open > 0) return `${open} ${open === 1 ? 'step has' : 'steps have'} not finished`;
    const owesCleanup = run.startedAt !== undefined && run.workflow.cleanup.length > 0;
    if (owesCleanup && !run.cleanup) return 'the cleanup has not begun';
    if (owesCleanup && run.phase === 'cleanup') return 'the cleanup has not finished';
    if ((event.status === 'rolled_back') !== (run.unwind !== undefined))
      return 'the rollback has not finished';
    const problem = run.unwind && unwindProblem(run.unwind);
    if (problem !== undefined) return problem;
  }
  if (run.unwind) endUnwind(run, event.status === 'rolled_back' ? 'beginning' : 'stuck', entry.at);
  run.status = event.status;
  run.phase = 'done';
  run.finishedAt = entry.at;
  if (event.reason !== undefined) run.reason = event.reason;
  else delete run.reason;
  if (event.outputs !== undefined) run.outputs = event.outputs;
  takeArtifacts(run, entry, event.artifacts);
  for (const question of run.questions.values()) {
    if (question.status !== 'open') continue;
    question.status = 'withdrawn';
    run.asking -= 1;
    for (const timer of ['expire', 'claim']) run.timers.drop(`${timer}:${question.id}`);
    run.touchedQuestions.add(question);
  }
  return undefined;
}
