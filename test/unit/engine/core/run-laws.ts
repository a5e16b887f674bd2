/**
 * What must hold after each event of any run, checked from outside: counters against a count from scratch,
 * starts against needs, attempts against their ends. Knows nothing of how the core keeps its lists.
 */
import { expect } from 'vitest';
import type { Entry, Event } from '../../../../src/engine/core/events.ts';
import type { Frame, RunState, StepState } from '../../../../src/engine/core/state.ts';
import { isOver, isSettled, isSettledWell, taskCount } from '../../../../src/engine/core/state.ts';
import { RollbackLaws } from './rollback-laws.ts';

/** Watches one run from its first event to its last. */
export class RunLaws {
  /** Attempts under way: step key to the sequence number of its start. */
  readonly #underWay = new Map<string, number>();
  #cancelled = false;
  #cleanups = 0;
  readonly #rollback = new RollbackLaws();
  readonly #slots: number;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Before the event is applied: may it come? */
  before(run: RunState, event: Event): void {
    if (event.type === 'step.started' || event.type === 'step.scheduled') this.#mayBegin(run, event);
    this.#rollback.before(run, event);
    if (event.type === 'run.finished' && event.status !== 'stuck' && run.startedAt !== undefined) {
      expect(this.#cleanups, 'cleanups at the end').toBe(run.workflow.cleanup.length > 0 ? 1 : 0);
    }
  }

  after(run: RunState, entry: Entry): void {
    this.#attempts(run, entry);
    this.#rollback.after(run, entry);
    const { event } = entry;
    if (event.type === 'run.cancel_requested') this.#cancelled = true;
    if (event.type === 'cleanup.started') this.#cleanups += 1;
    // at a checkpoint the run stands before its end, and its cleanup too
    if (event.type === 'run.resumed' || (event.type === 'run.paused' && run.unwound)) this.#cleanups = 0;
    if (event.type === 'run.resumed' || event.type === 'unwind.requested') {
      this.#cancelled = false;
      if (run.cleanup === undefined) this.#cleanups = 0;
      for (const key of this.#underWay.keys()) if (!isActive(run.byKey.get(key))) this.#underWay.delete(key);
    }
    expect(run.running.size, 'tasks running').toBeLessThanOrEqual(this.#slots);
    checkState(run);
  }

  #mayBegin(run: RunState, event: Extract<Event, { step: string }>): void {
    const step = run.byKey.get(event.step)!;
    if (this.#cancelled) expect(step.frame.root, `${step.key} starts after a cancel`).toBe('cleanup');
    if (typeof [...step.frame.children.keys()][0] === 'number') return;
    for (const id of step.step.needs) {
      const need = step.frame.children.get(id)!;
      const settled = step.frame.root === 'cleanup' && !step.frame.owner ? isSettled : isSettledWell;
      expect(settled(need.status), `${step.key} starts while ${need.key} is ${need.status}`).toBe(true);
    }
  }

  #attempts(run: RunState, { event, seq }: Entry): void {
    if (event.type === 'step.started') {
      expect(this.#underWay.has(event.step), `${event.step} is started twice`).toBe(false);
      this.#underWay.set(event.step, seq);
      return;
    }
    const ends = [
      'step.succeeded',
      'step.failed',
      'step.retry_scheduled',
      'step.interrupted',
      'step.skipped',
      'step.cached',
    ];
    if (!ends.includes(event.type) || !('step' in event)) return;
    const step = run.byKey.get(event.step)!;
    const beforeAnyAttempt =
      event.type === 'step.skipped' ||
      ((event.type === 'step.failed' || event.type === 'step.cached') && !this.#underWay.has(event.step));
    if (step.layer !== 'task' || beforeAnyAttempt) return;
    expect(this.#underWay.delete(event.step), `${event.step} ends twice`).toBe(true);
  }
}

const isActive = (step: StepState | undefined): boolean =>
  step?.status === 'running' || step?.status === 'waiting';

function checkState(run: RunState): void {
  const steps = [...run.byKey.values()];
  const tasks = steps.filter((step) => step.layer === 'task');
  const finished = tasks.filter((step) => isOver(step.status)).length;
  const skippedBlocks = steps.filter((step) => step.layer !== 'task' && step.status === 'skipped');
  expect(run.done, 'done').toBe(
    finished + skippedBlocks.reduce((sum, block) => sum + taskCount(block.step), 0),
  );
  expect(run.done, 'done of the total').toBeLessThanOrEqual(run.total);
  if (!steps.some(({ status }) => status === 'undone' || status === 'undo_failed'))
    expect(run.soft, 'soft').toBe(
      steps.filter((step) => step.status === 'soft_failed' && step.failure).length,
    );
  expect(run.asking, 'asking').toBe(
    [...run.questions.values()].filter((question) => question.status === 'open').length,
  );
  expect(keysOf([...run.running, ...run.parked]), 'running and parked').toEqual(
    keysOf(tasks.filter(isActive)),
  );
  for (const ready of run.ready) expect(ready.status, ready.key).toBe('pending');
  for (const stopping of run.stopping) expect(isActive(stopping), stopping.key).toBe(true);
  for (const closing of run.closing)
    expect([closing.status, closing.body?.open], closing.key).toEqual(['running', 0]);
  checkFrame(run.steps);
  if (run.cleanup) checkFrame(run.cleanup);
  for (const item of run.unwind?.underWay ?? [])
    if (item.kind !== 'restore' && item.body) checkFrame(item.body);
}

const keysOf = (steps: readonly StepState[]): string[] => steps.map((step) => step.key).sort();

function checkFrame(frame: Frame): void {
  const open = [...frame.children.values()].filter((child) => isOpen(frame, child));
  expect(frame.open, `open in ${frame.owner?.key ?? frame.root}`).toBe(open.length);
  if (frame.owner?.layer === 'foreach')
    expect(frame.open, `open in ${frame.owner.key}`).toBeLessThanOrEqual(
      frame.owner.step.foreach!.maxParallel,
    );
  if (frame.owner?.layer === 'repeat')
    expect(frame.open, `rounds of ${frame.owner.key}`).toBeLessThanOrEqual(1);
  for (const child of frame.children.values())
    if (child.body && child.status === 'running') checkFrame(child.body);
}

const isOpen = (frame: Frame, child: StepState): boolean =>
  !isOver(child.status) && !frame.held?.has(child) && !(frame.halted && child.status === 'pending');
