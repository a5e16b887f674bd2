/**
 * A host without a world: turns commands into events, chance deciding what steps, conditions and people do.
 * Journals what it appends (as JSON, like a store), checks the laws after each event, and can be killed at any time.
 */
import { approvalsNeeded } from '../../../../src/engine/core/answerers.ts';
import type { Command } from '../../../../src/engine/core/decide.ts';
import { decide, nextTimerAfter, stillStands } from '../../../../src/engine/core/decide.ts';
import type { Entry, Event, InterruptCause } from '../../../../src/engine/core/events.ts';
import { isFinal } from '../../../../src/engine/core/events.ts';
import { evolve } from '../../../../src/engine/core/evolve.ts';
import type { Failure } from '../../../../src/engine/core/failure.ts';
import type { JsonObject, Workflow } from '../../../../src/engine/core/model.ts';
import type { QuestionRow, StepRow } from '../../../../src/engine/core/ports.ts';
import { forgetTouched, takeProjection } from '../../../../src/engine/core/projection.ts';
import { retryAfterMs } from '../../../../src/engine/core/retry.ts';
import type { QuestionState, RunState, StepState } from '../../../../src/engine/core/state.ts';
import { isOutermost } from '../../../../src/engine/core/state.ts';
import { failure } from './failure-example.ts';
import { checkpointBefore, realizeRollback } from './fake-rollback.ts';
import { RunLaws } from './run-laws.ts';
import { plainCommands } from './snapshot.ts';

export const created = (workflow: Workflow): Event => ({
  type: 'run.created',
  workflow: workflow.name,
  version: workflow.version,
  digest: 'd',
  definition: workflow as unknown as JsonObject,
  inputs: {},
  cwd: '/',
  env: {},
  source: 'test',
  created_by: 'test',
});

/** The state after all events, read back from their JSON. */
export function replay(entries: readonly Entry[], each?: (run: RunState, index: number) => void): RunState {
  let run: RunState | undefined;
  const read = JSON.parse(JSON.stringify(entries)) as Entry[];
  for (const [index, entry] of read.entries()) {
    const next = evolve(run, entry);
    if (!next.ok) throw new Error(`event ${entry.seq}: ${next.error.message}`);
    run = next.value;
    each?.(run, index);
  }
  if (!run) throw new Error('no events');
  return run;
}

const cachedEvent = ({ key }: StepState): Event => ({
  type: 'step.cached',
  step: key,
  key: 'k',
  from: { run: 'other', step: key },
});

const releasedEvent = ({ id, claim }: QuestionState): Event => ({
  type: 'question.released',
  question: id,
  by: claim!.by,
  why: 'expired',
});

export interface FakeWorld {
  /** 0 to 1. */
  chance(): number;
  readonly slots: number;
  /** Share of attempts, conditions and items that fail. */
  readonly failing: number;
  /** Share of steps that an earlier result stands for; none unless said. */
  readonly caching?: number;
}

type RunCommand = Extract<
  Command,
  { kind: 'time_out_run' | 'pause' | 'start_cleanup' | 'finish_cleanup' | 'finish' }
>;

function runEvent(command: RunCommand): Event {
  switch (command.kind) {
    case 'time_out_run':
      return { type: 'run.timed_out' };
    case 'pause':
      return { type: 'run.paused', reason: command.reason };
    case 'start_cleanup':
      return { type: 'cleanup.started' };
    case 'finish_cleanup':
      return { type: 'cleanup.finished', failed: command.failed };
    case 'finish': {
      const { status, reason } = command;
      return { type: 'run.finished', status, ...(reason && { reason }) };
    }
  }
}

export class FakeHost {
  readonly world: FakeWorld;
  readonly entries: Entry[] = [];
  readonly stepRows = new Map<string, StepRow>();
  readonly questionRows = new Map<string, QuestionRow>();
  /** What `decide` said after each event, and when. */
  readonly decided: { readonly now: number; readonly commands: unknown[] }[] = [];
  now = 1_000;
  run: RunState;
  readonly #laws: RunLaws;
  /** Processes of the world: step key to the sequence number of the start. */
  readonly #processes = new Map<string, number>();

  constructor(workflow: Workflow, world: FakeWorld) {
    this.world = world;
    this.#laws = new RunLaws(world.slots);
    const entry = { run_id: 'r', seq: 1, at: this.now, epoch: 1, event: created(workflow) };
    this.entries.push(entry);
    this.run = replay([entry]);
    this.#record();
  }

  get over(): boolean {
    return isFinal(this.run.status) || this.run.status === 'paused';
  }

  append(...events: readonly Event[]): void {
    for (const event of events) {
      const entry = { run_id: 'r', seq: this.run.seq + 1, at: this.now, epoch: 1, event };
      this.#laws.before(this.run, event);
      const next = evolve(this.run, entry);
      if (!next.ok) throw new Error(`${next.error.message} (${JSON.stringify(event)})`);
      this.run = next.value;
      this.entries.push(entry);
      if (event.type === 'step.started' && (event.process || event.restores))
        this.#processes.set(event.step, entry.seq);
      this.#laws.after(this.run, entry);
      this.#record();
    }
    const change = takeProjection(this.run);
    for (const row of change.steps) this.stepRows.set(row.key, row);
    for (const row of change.questions) this.questionRows.set(row.question, row);
  }

  #record(): void {
    this.decided.push({
      now: this.now,
      commands: plainCommands(decide(this.run, this.now, this.world.slots)),
    });
  }

  /** Dies and comes back: memory is lost, the journal and the processes are not. */
  crash(): void {
    this.run = replay(this.entries);
    forgetTouched(this.run);
  }

  /** Carries out what `decide` says, up to `limit` commands; false when nothing moved. */
  drive(limit = Number.POSITIVE_INFINITY): boolean {
    const before = this.run.seq;
    let left = limit;
    for (const command of decide(this.run, this.now, this.world.slots)) {
      if (left <= 0) break;
      left -= 1;
      if (stillStands(this.run, command)) this.append(...this.#realize(command));
    }
    return this.run.seq > before;
  }

  /** Processes that are under way, oldest first. */
  get processes(): readonly StepState[] {
    return [...this.run.running].filter((step) => this.#processes.get(step.key) === step.seq);
  }

  exit(step: StepState): void {
    this.append(this.#outcome(step, step.attempt, this.#fails() ? failure('exit') : undefined));
  }

  answer(question: QuestionState): void {
    const { id, instruction, approvals = [], claim } = question;
    const answer = instruction === undefined ? true : this.world.chance() < 0.8 ? 'done' : 'leave';
    const by = claim && claim.until > this.now ? claim.by : `p${approvals.length}`;
    const isLast = approvals.length + 1 >= approvalsNeeded(question);
    this.append({ type: isLast ? 'question.answered' : 'question.approved', question: id, answer, by });
  }

  /** Whoever waits for it longest goes on; else it is kept. */
  signal(): void {
    this.append({ type: 'signal.received', name: 's', payload: 1, by: 'test' });
  }

  interrupt(step: StepState, cause: InterruptCause): void {
    const again = cause === 'never_started' || step.step.idempotent || step.isRestoring === true;
    const why = step.isRestoring ? 'host_died' : cause;
    this.append({ type: 'step.interrupted', step: step.key, attempt: step.attempt, cause: why, again });
  }

  #fails(): boolean {
    return this.world.chance() < this.world.failing;
  }

  #realize(command: Command): readonly Event[] {
    switch (command.kind) {
      case 'begin':
        return [{ type: 'run.started' }];
      case 'open':
        return this.#open(command.step);
      case 'start':
        return this.#start(command.step);
      case 'close': {
        const { key, attempt } = command.step;
        if (!command.failure) return [{ type: 'step.succeeded', step: key, attempt }];
        return [{ type: 'step.failed', step: key, attempt, failure: command.failure }];
      }
      case 'again':
        return [this.#again(command.step)];
      case 'wake':
        return [this.#woken(command.step)];
      case 'signal':
        return [this.#outcome(command.step, command.step.attempt, undefined)];
      case 'release':
        return [releasedEvent(command.question)];
      case 'timeout':
        if (command.step.layer !== 'task')
          return [{ type: 'step.stop_requested', step: command.step.key, why: 'timeout' }];
        return this.#ending(command.step, failure('timeout'));
      case 'expire':
        return [{ type: 'question.expired', question: command.question.id }];
      case 'resolve':
        return [this.#resolved(command.question)];
      case 'stop':
        return this.#ending(command.step, failure(command.why, 'final'));
      case 'time_out_run':
      case 'pause':
      case 'start_cleanup':
      case 'finish_cleanup':
      case 'finish':
        return [runEvent(command)];
      default:
        return realizeRollback(this.run, command, this.world);
    }
  }

  /** A process takes a while to end; what only sleeps or asks ends at once. */
  #ending(step: StepState, why: Failure): readonly Event[] {
    const ends = this.run.parked.has(step) || this.world.chance() < 0.5;
    return ends ? [this.#outcome(step, step.attempt, why)] : [];
  }

  #condition(step: StepState): Event | undefined {
    if (step.step.when === undefined || step.attempt > step.attemptBase || !isOutermost(step))
      return undefined;
    if (this.#fails())
      return { type: 'step.failed', step: step.key, attempt: step.attempt, failure: failure('expression') };
    if (this.world.chance() < 0.3) return { type: 'step.skipped', step: step.key, reason: 'no' };
    return undefined;
  }

  #open(step: StepState): readonly Event[] {
    const condition = step.status === 'running' ? undefined : this.#condition(step);
    if (condition) return [condition];
    const { timeoutMs } = step.step;
    const timeout =
      step.layer === 'group' && timeoutMs !== undefined ? { timeout_at: this.now + timeoutMs } : {};
    if (step.layer !== 'foreach') return [{ type: 'step.scheduled', step: step.key, ...timeout }];
    if (this.#fails())
      return [{ type: 'step.failed', step: step.key, attempt: 0, failure: failure('expression') }];
    const items = step.step.foreach?.items as readonly number[];
    return [{ type: 'step.scheduled', step: step.key, items, count: items.length }];
  }

  #start(step: StepState): readonly Event[] {
    const condition = this.#condition(step);
    if (condition) return [condition];
    return this.#cached(step) ?? [...checkpointBefore(step), ...this.#begin(step)];
  }

  /** An earlier result stands for it, at once or when its files are back. */
  #cached(step: StepState): readonly Event[] | undefined {
    const { caching = 0 } = this.world;
    const mayBe = caching > 0 && step.frame.root === 'steps' && step.attempt === step.attemptBase;
    if (!mayBe || this.world.chance() >= caching) return undefined;
    if (this.world.chance() < 0.5) return [cachedEvent(step)];
    const started = { type: 'step.started' as const, step: step.key, attempt: step.attempt + 1 };
    return [...checkpointBefore(step), { ...started, call: { repeatable: true }, restores: true }];
  }

  #begin(step: StepState): readonly Event[] {
    const attempt = step.attempt + 1;
    const { timeoutMs, type } = step.step;
    const terms = timeoutMs === undefined ? {} : { timeout_at: this.now + timeoutMs };
    const started = { type: 'step.started' as const, step: step.key, attempt, ...terms };
    switch (type) {
      case 'instant':
        return [started, this.#outcome(step, attempt, this.#fails() ? failure('assert') : undefined)];
      case 'sleep':
        return [{ ...started, wake_at: this.now + Math.floor(this.world.chance() * 100) }];
      case 'signal': {
        const deadline = this.world.chance() < 0.3 ? { wake_at: this.now + 50 } : {};
        return [{ ...started, signal: 's', ...deadline }];
      }
      case 'ask': {
        const expires = this.world.chance() < 0.5 ? { expires_at: this.now + 50 } : {};
        const question = `q${this.run.questions.size + 1}`;
        const asked = { type: 'question.asked' as const, question, step: step.key, kind: 'input' as const };
        const chance = this.world.chance();
        const of = chance < 0.5 ? 'agent' : 'human';
        const answerers = chance < 0.7 && chance > 0.3 ? { answerers: { approvals: 2 } } : {};
        return [started, { ...asked, prompt: '?', schema: {}, asked_of: of, ...answerers, ...expires }];
      }
      default:
        return [{ ...started, process: { boot: 'b' } }];
    }
  }

  #resolved({ step, status }: QuestionState): Event {
    const isRefused = status === 'expired' || this.#fails();
    return this.#outcome(step, step.attempt, isRefused ? failure('refused') : undefined);
  }

  /** Its time is over; what only sleeps may go on with that. */
  #woken(step: StepState): Event {
    const { key, attempt, awaits } = step;
    if (awaits === undefined && this.world.chance() < 0.3)
      return { type: 'step.sleeping', step: key, attempt, wake_at: this.now + 20 };
    return this.#outcome(step, attempt, awaits === undefined ? undefined : failure('expired'));
  }

  #again(loop: StepState): Event {
    const { key, attempt } = loop;
    if (this.world.chance() < 0.4) return { type: 'step.succeeded', step: key, attempt };
    if (attempt < loop.step.repeat!.max)
      return {
        type: 'step.retry_scheduled',
        step: key,
        attempt: attempt + 1,
        at: this.now + loop.step.repeat!.delayMs,
      };
    return { type: 'step.failed', step: key, attempt, failure: failure('repeat_exhausted', 'final') };
  }

  #outcome(step: StepState, attempt: number, wrong: Failure | undefined): Event {
    if (step.isRestoring && (!wrong || wrong.code === 'exit')) {
      const interrupted = { type: 'step.interrupted' as const, step: step.key, attempt };
      return wrong ? { ...interrupted, cause: 'not_restored', again: true } : cachedEvent(step);
    }
    if (!wrong) return { type: 'step.succeeded', step: step.key, attempt };
    const mayRetry = step.stopping === undefined && !step.frame.halted;
    const after = mayRetry ? retryAfterMs(step.step.retry, attempt - step.attemptBase, wrong, 0) : undefined;
    if (after === undefined) return { type: 'step.failed', step: step.key, attempt, failure: wrong };
    return {
      type: 'step.retry_scheduled',
      step: step.key,
      attempt: attempt + 1,
      at: this.now + after,
      failure: wrong,
    };
  }

  /** Lets the world take its course until the run is over. Throws when the run hangs. */
  settle(turnsMax = 20_000): void {
    for (let turn = 0; turn < turnsMax && !this.over; turn += 1) {
      if (this.drive()) continue;
      const [process] = this.processes;
      const open = [...this.run.questions.values()].find((question) => question.status === 'open');
      const timer = nextTimerAfter(this.run, this.now);
      if (process) this.exit(process);
      else if (open) this.answer(open);
      else if (this.run.awaiting.size > 0) this.signal();
      else if (timer !== undefined) this.now = timer;
      else if (!this.over && decide(this.run, this.now, this.world.slots).length === 0)
        throw new Error('the run hangs');
    }
    if (!this.over) throw new Error('the run never ends');
  }
}
