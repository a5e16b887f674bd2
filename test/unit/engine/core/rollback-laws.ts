/**
 * What must hold of checkpoints and rollbacks after each event of any run, from what the events said alone:
 * no lost undo, no undo of what was not done, the right order, and nothing new once a rollback was asked for.
 */
import { expect } from 'vitest';
import type { Entry, Event, EventOf, StepKey } from '../../../../src/engine/core/events.ts';
import type { Step } from '../../../../src/engine/core/model.ts';
import { checkpointsOf } from '../../../../src/engine/core/rollback-state.ts';
import type { RunState, StepState } from '../../../../src/engine/core/state.ts';
import { isSettled } from '../../../../src/engine/core/state.ts';

/** A step that was performed and not taken back. */
interface Deed {
  readonly key: StepKey;
  readonly step: Step;
  readonly seq: number;
  /** What it was before an attempt that may turn out never to have started. */
  readonly before?: Deed;
  endSeq?: number;
}

export class RollbackLaws {
  readonly #deeds = new Map<StepKey, Deed>();
  #isUnwinding = false;
  #isManual = false;
  /** Steps that lived before a resume and not since: their place among the others is by time alone. */
  readonly #old = new Set<Deed>();

  /** Before the event is applied: may it come? */
  before(run: RunState, event: Event): void {
    switch (event.type) {
      case 'step.started':
      case 'step.scheduled':
        if (this.#isUnwinding)
          expect(run.byKey.get(event.step)!.frame.root, `${event.step} starts while unwinding`).not.toBe(
            'steps',
          );
        return;
      case 'unwind.started':
        expect([...run.running, ...run.parked].map(({ key }) => key)).toEqual([]);
        break;
      case 'undo.started':
        this.#mayUndo(run, event.step);
        break;
      case 'restore.started':
        this.#mayRestore(run, event.checkpoint);
        break;
      case 'restore.finished':
        this.#restored(run, event);
        break;
      case 'question.answered':
        this.#ticked(run, event);
        break;
      case 'run.paused':
        if (run.unwind) this.#backAt(run, run.checkpoints.get(run.unwind.target!)!.seq);
        break;
      case 'run.finished':
        if (event.status === 'rolled_back' && !this.#isManual) this.#backAt(run, 0);
    }
  }

  after(run: RunState, entry: Entry): void {
    this.#follow(run, entry);
    // also those that nobody tells of: a retry that will not come
    for (const deed of this.#deeds.values())
      if (isSettled(run.byKey.get(deed.key)?.status ?? 'pending')) deed.endSeq ??= entry.seq;
  }

  #follow(run: RunState, { event, seq }: Entry): void {
    switch (event.type) {
      case 'unwind.requested':
        this.#isUnwinding = true;
        this.#isManual = event.strategy === 'manual';
        return;
      case 'run.paused':
      case 'run.finished':
        this.#isUnwinding = false;
        return;
      case 'run.resumed':
        for (const deed of this.#deeds.values()) if (isReset(run, deed)) this.#old.add(deed);
        return;
      case 'undo.succeeded':
        this.#deeds.delete(event.step);
        return;
    }
    if ('step' in event && event.type.startsWith('step.')) this.#perform(run, event as StepEvent, seq);
  }

  #perform(run: RunState, event: StepEvent, seq: number): void {
    const step = run.byKey.get(event.step)!;
    if (step.layer !== 'task' || step.frame.root !== 'steps') return;
    const before = this.#deeds.get(event.step);
    // files of an earlier result come back: that is no deed, however it ends
    if (event.type === 'step.started' && event.restores) return;
    if (event.type === 'step.started')
      this.#deeds.set(event.step, { key: step.key, step: step.step, seq, ...(before && { before }) });
    else if (event.type === 'step.interrupted' && event.cause === 'never_started') {
      if (before?.before) this.#deeds.set(event.step, before.before);
      else this.#deeds.delete(event.step);
    }
  }

  #undoable(): readonly Deed[] {
    return [...this.#deeds.values()].filter(({ step }) => step.undo);
  }

  #mayUndo(run: RunState, key: StepKey): void {
    const deed = this.#deeds.get(key)!;
    expect(deed, `${key} was never performed`).toBeDefined();
    const target = run.checkpoints.get(run.unwind!.target ?? '')?.seq ?? 0;
    const isIn = (each: Deed) => each.seq > target || (each.endSeq ?? Infinity) > target;
    expect(isIn(deed), `${key} was done before the checkpoint`).toBe(true);
    for (const other of this.#undoable()) {
      if (other === deed || other.seq < deed.seq || !isIn(other)) continue;
      const isTied =
        this.#old.has(other) || this.#old.has(deed) || follows(stateOf(run, other), stateOf(run, deed));
      expect(isTied, `${key} is undone before ${other.key}`).toBe(false);
    }
  }

  #mayRestore(run: RunState, id: string): void {
    if (!run.unwind) return;
    const { seq } = nextRestore(run, id);
    for (const deed of this.#undoable())
      expect(deed.seq, `${deed.key} is undone after the restore of ${id}`).toBeLessThan(seq);
  }

  #restored(run: RunState, event: EventOf<'restore.finished'>): void {
    if (event.result === 'complete' && run.unwind) this.#goBack(nextRestore(run, event.checkpoint).seq);
  }

  #goBack(seq: number): void {
    for (const [key, deed] of this.#deeds) if (isFiles(deed.step) && deed.seq > seq) this.#deeds.delete(key);
  }

  #ticked(run: RunState, event: EventOf<'question.answered'>): void {
    const order = run.questions.get(event.question)!.instruction;
    const item = run.unwind?.items?.[(order ?? 0) - 1];
    if (!item || event.answer !== 'done') return;
    if (item.kind === 'restore') this.#goBack(item.checkpoint.seq);
    else this.#deeds.delete(item.step.key);
  }

  /** Everything that was done since is taken back, or cannot be. */
  #backAt(run: RunState, seq: number): void {
    const first = Math.min(...[...checkpointsOf(run)].map((checkpoint) => checkpoint.seq));
    for (const [key, deed] of this.#deeds) {
      const { step } = deed;
      if (deed.seq < seq && (deed.endSeq ?? Infinity) < seq) continue;
      if (step.effects === 'none') this.#deeds.delete(key);
      else if (step.undo) expect.unreachable(`the undo of ${key} was lost`);
      else if (isFiles(step))
        expect(deed.seq, `the files of ${key} were not restored`).toBeLessThan(Math.max(first, seq));
    }
  }
}

type StepEvent = Extract<Event, { type: `step.${string}` }>;

const nextRestore = (run: RunState, id: string) => {
  for (const item of run.unwind?.items ?? [])
    if (item.kind === 'restore' && item.status !== 'done' && item.checkpoint.id === id)
      return item.checkpoint;
  throw new Error(`nobody restores ${id}`);
};

const isFiles = (step: Step): boolean =>
  !step.undo && step.irreversible === undefined && (step.effects ?? 'workspace') === 'workspace';

const stateOf = (run: RunState, { key }: Deed): StepState => run.byKey.get(key)!;

function isReset(run: RunState, deed: Deed): boolean {
  const now = run.byKey.get(deed.key);
  const isFresh = now?.status === 'pending' && now.attempt === now.attemptBase;
  return now === undefined || isFresh || now.seq !== deed.seq;
}

/** Did `later` start because `earlier` had finished? Compared in the innermost list that holds both. */
function follows(later: StepState, earlier: StepState): boolean {
  const path = [...pathOf(later)];
  for (const at of pathOf(earlier)) {
    const beside = path.find((step) => step.frame === at.frame);
    if (!beside) continue;
    if (at.frame.owner?.layer === 'foreach') return at.frame.owner.step.foreach!.maxParallel === 1;
    return at.frame.owner?.layer === 'repeat' || needs(beside, at.step.id);
  }
  return false;
}

function* pathOf(step: StepState): Generator<StepState> {
  for (let at: StepState | undefined = step; at; at = at.frame.owner) yield at;
}

const needs = (step: StepState, id: string): boolean =>
  step.step.needs.some((need) => need === id || needs(step.frame.children.get(need)!, id));
