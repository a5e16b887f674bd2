/**
 * Drives one run: decides, realizes, evolves, and hands the events to the host for one durable append.
 * 1. The state in memory may be ahead of the journal only between `absorb` and `committed` or `refused`.
 * 2. Effects (starting and stopping processes) happen only after the events that ask for them are durable.
 * 3. Facts (exits, checks) wait in `inbox` until the events made of them are durable; a refused append puts them back.
 */
import { decide, nextTimerAfter, stillStands } from '../core/decide.ts';
import type { Event } from '../core/events.ts';
import { isFinal } from '../core/events.ts';
import { evolve } from '../core/evolve.ts';
import { Bug } from '../core/failure.ts';
import type { Append } from '../core/ports.ts';
import { takeProjection } from '../core/projection.ts';
import { isHungry } from '../core/rollback-state.ts';
import { type RunState, slotsTaken } from '../core/state.ts';
import type { StepType } from '../core/step-type.ts';
import { heldByTags } from '../core/tag-limits.ts';
import type { Fact } from './fact.ts';
import { factEvent } from './fact.ts';
import { foldEvents, loadRun } from './load-run.ts';
import { masked } from './mask.ts';
import { realize } from './realize.ts';
import { type EffectPorts, RunEffects } from './run-effects.ts';
import type { RunSource } from './run-source.ts';

/** Events of one append; more wait for the next, so that other runs get their turn. */
const BATCH_EVENTS_MAX = 512;

export interface DriverPorts extends EffectPorts {
  readonly host: string;
  readonly stepType: (type: string) => StepType;
  chance(): number;
  /** Asks the host for a turn. */
  wake(driver: RunDriver): void;
}

export class RunDriver {
  readonly runId: string;
  readonly #ports: DriverPorts;
  readonly #epoch: number;
  #run: RunState;
  #durableSeq: number;
  #inbox: Fact[] = [];
  /** What the append under way was made of. */
  #taken: Fact[] = [];
  /** Events that the state is ahead of the journal. */
  #events: Event[] = [];
  readonly #effects: RunEffects;
  /** Time of the last turn: timers up to here have been looked at. */
  #decidedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: DriverPorts, run: RunState, epoch: number) {
    this.runId = run.runId;
    this.#ports = ports;
    this.#run = run;
    this.#epoch = epoch;
    this.#durableSeq = run.seq;
    this.#effects = new RunEffects(ports, this);
  }

  get run(): RunState {
    return this.#run;
  }

  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** Higher goes first where runs wait for slots. */
  get priority(): number {
    return this.#run.priority;
  }

  /** Task attempts that hold a slot of the host. */
  get busy(): number {
    return slotsTaken(this.#run);
  }

  /** Wants slots it does not have: something is ready, or due since before the last turn. */
  get hungry(): boolean {
    const { ready, timers, unwind } = this.#run;
    const isDue = timers.next !== undefined && timers.next <= this.#decidedAt;
    return this.#mayBegin(ready) || isDue || (unwind !== undefined && isHungry(unwind));
  }

  /** What waits for something outside of the run needs no slot yet. */
  #mayBegin(ready: RunState['ready']): boolean {
    const isHeld = heldByTags(this.#run, (step) => this.#effects.cache.isHeld(step));
    for (const step of ready) if (step.layer !== 'task' || !isHeld(step)) return true;
    return false;
  }

  /** Will move without anybody's word: something runs, is ready or is timed. */
  get active(): boolean {
    const { status, resolved, stopping, closing } = this.#run;
    const owes = resolved.size + stopping.size + closing.size > 0 || this.#effects.busy;
    return (
      this.#run.running.size > 0 ||
      this.hungry ||
      owes ||
      this.nextTimerAt !== undefined ||
      status === 'queued'
    );
  }

  /** Nothing to do for a host until somebody asks again. */
  get over(): boolean {
    return this.#isLost || isFinal(this.#run.status) || this.#run.status === 'paused';
  }

  /** Another host has claimed the run, or has to: its variables have other values now. */
  get #isLost(): boolean {
    return this.#run.epoch !== this.#epoch || this.#ports.secrets.lacking(this.#run).length > 0;
  }

  /** The earliest timer that no turn has looked at yet; it may be due by now. */
  get nextTimerAt(): number | undefined {
    return this.over ? undefined : nextTimerAfter(this.#run, this.#decidedAt);
  }

  /** A run has changed: that one, or any. Perhaps a step waits for it. */
  lookAtChildren(runId?: string): void {
    this.#effects.lookAtChildren(runId);
  }

  /** Takes over the attempts of an earlier host. Call once, after claiming. */
  recover(): void {
    this.#effects.cache.recover();
    for (const step of this.#run.running) {
      const { key, seq } = step;
      const cause = seq === undefined ? undefined : this.#effects.recover(step, seq);
      if (cause && seq !== undefined) this.#inbox.push({ kind: 'lost', key, seq, cause });
    }
  }

  /** The host drives the run no more. */
  leave(): void {
    this.#effects.leave();
  }

  /** Something came of an effect. */
  learned(fact: Fact): void {
    this.#inbox.push(fact);
    this.wake();
  }

  /** Asks the host for a turn. */
  wake(): void {
    this.#ports.wake(this);
  }

  /** Evolves ahead what has happened outside, so that the slots it frees are known before anybody decides. */
  absorb(): void {
    const at = this.#ports.now();
    const source = this.source(at);
    const facts = this.#inbox;
    this.#inbox = [];
    this.#taken.push(...facts);
    for (const fact of facts) {
      const event = factEvent(source, fact);
      if (event) this.#ports.inner.ended(this.#run, event);
      if (event) this.#apply(event, at);
    }
  }

  /**
   * What there is to append now, evolved ahead; undefined when nothing moves.
   * @param slots task attempts this run may have under way
   */
  prepare(slots: number): Append | undefined {
    if (this.#isLost) return undefined;
    const at = this.#ports.now();
    this.#decidedAt = at;
    this.#ports.inner.ending(this.#run);
    const source = this.source(at);
    while (this.#events.length < BATCH_EVENTS_MAX) {
      const before = this.#events.length;
      for (const command of decide(this.#run, at, slots, (step) => this.#effects.cache.isHeld(step))) {
        if (!stillStands(this.#run, command)) continue;
        const realized = realize(source, command);
        for (const event of realized.events) this.#apply(event, at);
        for (const effect of realized.effects) this.#effects.bind(effect);
        if (this.#events.length >= BATCH_EVENTS_MAX) break;
      }
      if (this.#events.length === before) break;
    }
    if (this.#events.length > 0) return this.#appendOf(at);
    this.#taken = [];
    this.#effects.carryOut();
    return undefined;
  }

  #appendOf(atMs: number): Append {
    return {
      runId: this.runId,
      expectedSeq: this.#durableSeq,
      epoch: this.#epoch,
      host: this.#ports.host,
      atMs,
      events: this.#events,
      change: takeProjection(this.#run),
    };
  }

  /** The append is durable. */
  committed(): void {
    this.#durableSeq = this.#run.seq;
    for (const fact of this.#taken) if (fact.kind === 'noted') fact.durable();
    this.#effects.cache.recorded(this.#events);
    this.#taken = [];
    this.#events = [];
    this.#effects.carryOut();
  }

  /** Somebody appended first: back to the journal's truth, keeping the facts. */
  refused(): void {
    const loaded = loadRun(this.#ports.journal, this.runId);
    if (!loaded.ok) throw new Bug(loaded.error.message);
    this.#run = loaded.value;
    this.#durableSeq = loaded.value.seq;
    this.#inbox = [...this.#taken, ...this.#inbox];
    this.#taken = [];
    this.#events = [];
    this.#effects.forget();
    this.wake();
  }

  /** Takes in what others have appended. */
  catchUp(): void {
    const read = this.#ports.journal.read(this.runId, this.#durableSeq);
    if (!read.ok) throw new Bug(read.error.message);
    if (read.value.length === 0) return;
    const folded = foldEvents(read.value, this.#run);
    if (!folded.ok) throw new Bug(folded.error.message);
    this.#run = folded.value;
    this.#durableSeq = this.#run.seq;
    this.wake();
  }

  /** The last word about a run whose invariants broke. */
  stuck(reason: string): Append | undefined {
    const loaded = loadRun(this.#ports.journal, this.runId);
    if (!loaded.ok) return undefined;
    this.#run = loaded.value;
    this.#durableSeq = loaded.value.seq;
    this.#events = [];
    const at = this.#ports.now();
    this.#apply({ type: 'run.finished', status: 'stuck', reason }, at);
    return this.#appendOf(at);
  }

  source(nowMs = this.#ports.now()): RunSource {
    const { bootId, journal, stepType, chance } = this.#ports;
    return {
      run: this.#run,
      nowMs,
      chance,
      bootId,
      stepType,
      readiness: (step) => this.#effects.readiness(step),
      cached: (step) => this.#effects.cache.answer(step),
      stored: (name) => this.#effects.stored(name),
      newQuestionId: (step) => `q${this.#run.questions.size + 1}-${step.step.id}`,
      putBlob: (bytes) => journal.putBlob(bytes),
      blob: (sha256) => journal.getBlob(sha256),
    };
  }

  #apply(given: Event, at: number): void {
    const event = masked(this.#run.workflow, given);
    const entry = { run_id: this.runId, seq: this.#run.seq + 1, at, epoch: this.#epoch, event };
    const next = evolve(this.#run, entry);
    if (!next.ok) throw new Bug(next.error.message);
    this.#effects.cache.saw(event, given);
    this.#events.push(event);
  }
}
