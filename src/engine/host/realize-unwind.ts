/** The commands that take a run back, as events and effects. */
import type { Command } from '../core/decide.ts';
import type { UnwindCommand } from '../core/decide-unwind.ts';
import type { Event } from '../core/events.ts';
import type { RestoreItem, UnwindItem } from '../core/rollback-state.ts';
import { instructionOf } from './instructions.ts';
import type { Realized, RunSource } from './run-source.ts';
import { checkpointScripts } from './script-steps.ts';

type RollbackCommand = UnwindCommand | Extract<Command, { kind: 'request_unwind' }>;

const only = (event: Event): Realized => ({ events: [event], effects: [] });

export function realizeUnwind(source: RunSource, command: RollbackCommand): Realized {
  const { run } = source;
  switch (command.kind) {
    case 'request_unwind': {
      const { strategy, reason, checkpoint } = command;
      const to = checkpoint === undefined ? {} : { checkpoint };
      return only({ type: 'unwind.requested', strategy, reason, by: 'on_failure', ...to });
    }
    case 'start_unwind':
      if (run.unwind?.strategy !== 'manual') return only({ type: 'unwind.started' });
      return { events: [], effects: [{ kind: 'write_instructions' }] };
    case 'rescue':
      return { events: [], effects: [{ kind: 'rescue' }] };
    case 'undo':
      return only({ type: 'undo.started', step: command.item.step.key });
    case 'close_undo': {
      const step = command.item.step.key;
      if (!command.failure) return only({ type: 'undo.succeeded', step });
      return only({ type: 'undo.failed', step, failure: command.failure });
    }
    case 'restore':
      return restore(source, command.item);
    case 'instruct':
      return only(question(source, command.item));
    case 'stick':
      return only({ type: 'run.finished', status: 'stuck', reason: command.reason });
    case 'stand_at_checkpoint':
      return only({ type: 'run.paused', reason: command.reason });
  }
}

/** Begun by an event; a host that finds it begun goes on with it. */
function restore(source: RunSource, item: RestoreItem): Realized {
  const { run } = source;
  const checkpoint = item.checkpoint.id;
  const started: Event = { type: 'restore.started', checkpoint, operation: `${run.runId}-${run.seq + 1}` };
  const isBegun = item.status === 'running';
  const events = isBegun ? [] : [started];
  const at = item.checkpoint.step;
  const scripts = at ? checkpointScripts(source, at, 'restore') : undefined;
  if (scripts && !scripts.ok) {
    const nothing = { created: 0, changed: 0, deleted: 0, kept: 0 };
    const failed = { type: 'restore.finished' as const, checkpoint, result: 'failed' as const, ...nothing };
    return { events: [...events, { ...failed, failure: scripts.error }], effects: [] };
  }
  return { events, effects: [{ kind: 'restore', item, isBegun, scripts: scripts?.value ?? [] }] };
}

const TICK = {
  type: 'string',
  enum: ['done', 'leave'],
  description: '`done` when it is carried out, `leave` to leave it as it is',
};

function question(source: RunSource, item: UnwindItem): Event {
  const { run } = source;
  const step = item.kind === 'restore' ? item.checkpoint.taken.step : item.step.key;
  return {
    type: 'question.asked',
    question: `q${run.questions.size + 1}-rollback-${item.order}`,
    step: step ?? '',
    kind: 'agent',
    prompt: instructionOf(source, item),
    schema: TICK,
    asked_of: 'agent',
    instruction: item.order,
  };
}
