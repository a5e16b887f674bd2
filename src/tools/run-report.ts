/**
 * The report of a run, folded from its journal alone: the same for a run that has finished and for one under way, which
 * it says. Owns what is told; how it reads is `report-text`.
 */
import { type Event, isFinal, type JournalEvent } from '../engine/core/events.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { QuestionState, RunState } from '../engine/core/state.ts';
import { foldEvents } from '../engine/host/load-run.ts';
import { masked } from '../engine/host/mask.ts';
import type { Belay } from './belay.ts';
import { changesView } from './checkpoint-view.ts';
import type { Report } from './report-schema.ts';
import { rollbackView } from './rollback-view.ts';
import { runView } from './run-view.ts';
import type { ToolError } from './tool.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

export async function runReport(belay: Belay, runId: string): Promise<Result<Report, ToolError>> {
  const read = belay.journal.read(runId);
  if (!read.ok)
    return err({
      code: 'corrupt',
      message: read.error.message,
      hint: '`belay doctor` says what is affected',
    });
  const folded = foldEvents(read.value);
  if (!folded.ok) {
    const { code, message } = folded.error;
    if (code !== 'unknown_run') return err({ code, message, hint: '`belay doctor` says what is affected' });
    return err({ code, message: `run \`${runId}\` is not known`, hint: '`belay history` lists the runs' });
  }
  const run = folded.value;
  return ok(masked(run.workflow, await reportOf(belay, run, read.value)));
}

async function reportOf(belay: Belay, run: RunState, events: readonly JournalEvent[]): Promise<Report> {
  const nowMs = belay.clock.now();
  const rollback = await rollbackView(belay, run);
  const view = runView(run, { logs: belay, nowMs, checkpoints: true, rollback });
  const { reason, started_at, finished_at, parent } = view;
  return {
    report: 1,
    run_id: run.runId,
    workflow: view.workflow,
    version: view.version,
    digest: run.digest,
    source: run.source,
    status: run.status,
    final: isFinal(run.status),
    ...(reason !== undefined && { reason }),
    ...(run.intent !== undefined && { intent: run.intent }),
    created_by: run.createdBy,
    created_at: view.created_at,
    ...(started_at !== undefined && { started_at }),
    ...(finished_at !== undefined && { finished_at }),
    reported_at: iso(nowMs),
    duration_ms: view.duration_ms,
    cwd: view.cwd,
    ...(parent && { parent }),
    progress: view.progress,
    inputs: view.inputs,
    given: [...run.given.values()].map(({ input, reference, run: run_id, name, sha256, size }) => ({
      input,
      reference,
      run_id,
      name,
      sha256,
      size,
    })),
    outputs: view.outputs,
    artifacts: view.artifacts,
    steps: view.steps.map(stepOf),
    changes: changesOf(run),
    questions: [...run.questions.values()].map((question) => questionOf(question, events)),
    checkpoints: view.checkpoints,
    ...(rollback && { rollback }),
    acts: events.flatMap(({ at, event }) => actOf(at, event)),
    warnings: view.warnings,
  };
}

function stepOf(step: ReturnType<typeof runView>['steps'][number]): Report['steps'][number] {
  const { id, type, status, attempts, exit_code, duration_ms, error, reason, outputs, undo, log } = step;
  return {
    id,
    type,
    status,
    attempts,
    ...(exit_code !== undefined && { exit_code }),
    ...(duration_ms !== undefined && { duration_ms }),
    ...(error && { error }),
    ...(reason !== undefined && { reason }),
    ...(outputs && { outputs }),
    ...(undo && { undo }),
    ...(log !== undefined && { log }),
  };
}

function changesOf(run: RunState): Report['changes'] {
  const steps = [...run.byKey.values()].flatMap(({ key, changes }) =>
    changes ? [{ step: key, ...changesView(changes, true) }] : [],
  );
  const sum = (of: 'created' | 'changed' | 'deleted') => steps.reduce((all, each) => all + each[of], 0);
  return { created: sum('created'), changed: sum('changed'), deleted: sum('deleted'), steps };
}

function questionOf(question: QuestionState, events: readonly JournalEvent[]): Report['questions'][number] {
  const { id, step, kind, prompt, askedOf, askedAt, expiresAt, status, answer, by } = question;
  const told = events.findLast(({ event }) => event.type === 'question.answered' && event.question === id);
  const via = told?.event.type === 'question.answered' ? told.event.via : undefined;
  return {
    question_id: id,
    step: step.key,
    kind,
    prompt,
    asked_of: askedOf,
    asked_at: iso(askedAt),
    ...(expiresAt !== undefined && { expires_at: iso(expiresAt) }),
    status,
    ...(answer !== undefined && { answer: answer as never }),
    ...(by !== undefined && { answered_by: by }),
    ...(told && { answered_at: iso(told.at) }),
    ...(via && { via }),
  };
}

function actOf(atMs: number, event: Event): Report['acts'] {
  const at = iso(atMs);
  switch (event.type) {
    case 'run.created':
      return [{ at, did: 'created', by: event.created_by }];
    case 'run.pause_requested':
      return [{ at, did: 'asked_to_pause', by: event.by, ...about(event.reason) }];
    case 'run.resumed':
      return [{ at, did: 'resumed', by: event.by, ...about(event.from_step && `from ${event.from_step}`) }];
    case 'run.cancel_requested':
      return [{ at, did: 'asked_to_cancel', by: event.by, ...about(event.reason ?? event.mode) }];
    case 'unwind.requested':
      return [{ at, did: 'asked_to_roll_back', by: event.by, ...about(event.reason ?? event.strategy) }];
    default:
      return [];
  }
}

const about = (text: string | undefined) => (text === undefined ? {} : { about: text });
