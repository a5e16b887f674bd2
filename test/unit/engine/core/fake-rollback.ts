/**
 * The rollback part of the host without a world: checkpoints, rescues, restores and instructions as events.
 * Slow acts (rescue, restore) may leave no event yet, as with real files; then `decide` names them again.
 */
import type { Command } from '../../../../src/engine/core/decide.ts';
import type { UnwindCommand } from '../../../../src/engine/core/decide-unwind.ts';
import type { Event } from '../../../../src/engine/core/events.ts';
import type { CheckpointTaken } from '../../../../src/engine/core/rollback-events.ts';
import type { RestoreItem } from '../../../../src/engine/core/rollback-state.ts';
import type { RunState, StepState } from '../../../../src/engine/core/state.ts';
import { failure } from './failure-example.ts';

interface World {
  chance(): number;
  readonly failing: number;
}

export type RollbackCommand = UnwindCommand | Extract<Command, { kind: 'request_unwind' }>;

const snapshotOf = (id: string): Omit<CheckpointTaken, 'type' | 'checkpoint' | 'why'> => ({
  snapshot: `snapshot of ${id}`,
  scope: { roots: ['/'], exclude: [], base: '/' },
  files: 1,
  bytes: 1,
  added_bytes: 1,
  duration_ms: 1,
});

/** The checkpoint that a step wants before it starts. */
export function checkpointBefore(step: StepState): readonly Event[] {
  const { checkpoint } = step.step;
  if (!checkpoint || step.frame.root !== 'steps' || step.attempt > step.attemptBase) return [];
  const why = checkpoint.name === 'automatic' ? 'automatic' : 'asked';
  const id = `${step.key} before`;
  return [{ type: 'checkpoint.taken', checkpoint: id, step: step.key, why, ...snapshotOf(id) }];
}

export function realizeRollback(run: RunState, command: RollbackCommand, world: World): readonly Event[] {
  const fails = () => world.chance() < world.failing;
  switch (command.kind) {
    case 'request_unwind': {
      const { kind: _, ...fields } = command;
      return [{ type: 'unwind.requested', by: 'on_failure', ...fields }];
    }
    case 'start_unwind':
      return [{ type: 'unwind.started' }];
    case 'rescue':
      return isSlow(world) ? [] : [rescue(run, fails())];
    case 'undo':
      return [{ type: 'undo.started', step: command.item.step.key }];
    case 'close_undo': {
      const step = command.item.step.key;
      if (!command.failure) return [{ type: 'undo.succeeded', step }];
      return [{ type: 'undo.failed', step, failure: command.failure }];
    }
    case 'restore':
      return restore(run, command.item, world);
    case 'instruct': {
      const { item } = command;
      const step = item.kind === 'restore' ? (item.checkpoint.taken.step ?? '') : item.step.key;
      const question = `q${run.questions.size + 1}`;
      const asked = { kind: 'agent' as const, prompt: '?', schema: {}, asked_of: 'agent' as const };
      return [{ type: 'question.asked', question, step, ...asked, instruction: item.order }];
    }
    case 'stick':
      return [{ type: 'run.finished', status: 'stuck', reason: command.reason }];
    case 'stand_at_checkpoint':
      return [{ type: 'run.paused', reason: command.reason }];
  }
}

const isSlow = ({ chance }: World): boolean => chance() < 0.5;

function rescue(run: RunState, isConflict: boolean): Event {
  const conflicts = { count: 1, shown: [{ path: 'notes', found: 'changed' as const }] };
  const id = `rescue ${run.seq}`;
  const found = isConflict ? { conflicts } : {};
  return { type: 'checkpoint.taken', checkpoint: id, why: 'rescue', ...snapshotOf(id), ...found };
}

function restore(run: RunState, { checkpoint, status }: RestoreItem, world: World): readonly Event[] {
  if (status === 'pending')
    return [{ type: 'restore.started', checkpoint: checkpoint.id, operation: `${run.seq}` }];
  if (isSlow(world)) return [];
  const result = world.chance() < world.failing ? 'partial' : 'complete';
  const counts = { created: 0, changed: 1, deleted: 0, kept: 0 };
  const problem = result === 'partial' ? { failure: failure('disk full') } : {};
  return [{ type: 'restore.finished', checkpoint: checkpoint.id, result, ...counts, ...problem }];
}
