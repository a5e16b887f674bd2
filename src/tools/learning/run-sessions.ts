/**
 * What can be learned from a run, folded from its journal: one session for each time that it has ended, with the commands
 * of its shell steps in the order in which they were started. Undos and cleanup are not what comes next, and left out.
 */
import type { Event, FinalStatus, JournalEvent } from '../../engine/core/events.ts';
import type { Failure } from '../../engine/core/failure.ts';
import type { RunState, StepState } from '../../engine/core/state.ts';
import { foldEvents } from '../../engine/host/load-run.ts';
import { masked } from '../../engine/host/mask.ts';
import { projectRoot } from '../../engine/host/project-root.ts';
import type { LearnedSession, LearnedStep } from '../../learning/learned-session.ts';
import { shownCommand } from './shown-command.ts';

/** Attempts of one step that are kept: a loop says the same again and again. */
const ATTEMPTS_EACH_MAX = 10;
/** What a shell says of a command that was ended for its time, or by a signal. */
const ENDED: { readonly [code: string]: number } = { timeout: 124, killed: 137 };
const AD_HOC = 'commands';

interface Attempt {
  readonly step: StepState;
  readonly from: number;
  to?: number;
  exitCode?: number | undefined;
}

/** Empty for a run that has not ended, cannot be read, or ran no commands. */
export function runSessions(events: readonly JournalEvent[]): readonly LearnedSession[] {
  const folded = foldEvents(events);
  if (!folded.ok) return [];
  const run = folded.value;
  const sessions: LearnedSession[] = [];
  let attempts: Attempt[] = [];
  for (const { seq, at, event } of events) {
    if (event.type === 'run.finished') {
      sessions.push(sessionOf(run, attempts, { seq, ending: event.status }));
      attempts = [];
    } else note(run, attempts, at, event);
  }
  return masked(run.workflow, sessions);
}

function note(run: RunState, attempts: Attempt[], at: number, event: Event): void {
  if (event.type === 'step.started') {
    const step = run.byKey.get(event.step) ?? run.forgotten.get(event.step);
    const earlier = attempts.filter(({ step: other }) => other.step.id === step?.step.id).length;
    if (step && isCommand(step) && !event.restores && earlier < ATTEMPTS_EACH_MAX)
      attempts.push({ step, from: at });
    return;
  }
  if (
    event.type !== 'step.succeeded' &&
    event.type !== 'step.failed' &&
    event.type !== 'step.retry_scheduled'
  )
    return;
  const attempt = attempts.findLast(({ step, to }) => step.key === event.step && to === undefined);
  if (!attempt) return;
  attempt.to = at;
  attempt.exitCode = event.exit_code ?? (event.type === 'step.succeeded' ? 0 : codeOf(event.failure));
}

const isCommand = ({ layer, step, frame }: StepState): boolean =>
  layer === 'task' &&
  step.type === 'shell' &&
  frame.root === 'steps' &&
  typeof step.config.command === 'string';

const codeOf = (failure: Failure | undefined): number | undefined => failure && ENDED[failure.code];

function sessionOf(
  run: RunState,
  attempts: readonly Attempt[],
  { seq, ending }: { readonly seq: number; readonly ending: FinalStatus },
): LearnedSession {
  const isNamed = run.source !== AD_HOC && run.source !== 'inline';
  return {
    key: `run:${run.runId}:${seq}`,
    source: `run:${run.runId}`,
    at: run.createdAt,
    project: projectRoot(run.cwd),
    ...(run.intent !== undefined && { goal: run.intent }),
    ...(isNamed && { workflow: run.workflow.name, ending, inputs: run.inputs }),
    steps: attempts.map((attempt) => stepOf(run, attempt)),
  };
}

function stepOf(run: RunState, { step: { step }, from, to, exitCode }: Attempt): LearnedStep {
  const { id, description, config } = step;
  const words = description ?? (run.source === AD_HOC ? undefined : id.replace(/[-_]+/g, ' '));
  return {
    command: shownCommand(config.command as string, run.inputs),
    place: run.cwd,
    ...(exitCode !== undefined && { exitCode }),
    ...(to !== undefined && { durationMs: to - from }),
    ...(words !== undefined && { intent: words }),
  };
}
