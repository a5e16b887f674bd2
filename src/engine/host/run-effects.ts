/**
 * Carries out what the events of one run ask for, once they are durable: starts and stops processes and calls, checks
 * prerequisites, and everything slow about files. What comes of it are facts for the driver.
 * 1. A process or a call is asked to stop once, however often the command comes again.
 */
import type { Snapshots } from '../../checkpoint/snapshot.ts';
import type { InterruptCause } from '../core/events.ts';
import { Bug } from '../core/failure.ts';
import type { JsonObject } from '../core/model.ts';
import type { AttemptRef, Clock, ProcessRunner } from '../core/ports.ts';
import type { RunState, StepState } from '../core/state.ts';
import type { ProcessExit, ProcessSpec, StepType } from '../core/step-type.ts';
import { recoverTerms } from './begin-task.ts';
import type { Fact } from './fact.ts';
import type { InnerRuns } from './inner-runs.ts';
import { instructionsEvent } from './instructions-event.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { RunCalls } from './run-calls.ts';
import { RunFiles } from './run-files.ts';
import type { Effect, Readiness, RunSource } from './run-source.ts';

export interface EffectPorts {
  readonly bootId: string;
  readonly runner: ProcessRunner;
  readonly clock: Clock;
  readonly inner: InnerRuns;
  readonly snapshots: Snapshots;
  readonly dataFolder: string;
  now(): number;
}

/** The run these effects belong to, as it is at the moment. */
export interface EffectOwner {
  readonly runId: string;
  readonly run: RunState;
  source(): RunSource;
  /** Something came of an effect. */
  learned(fact: Fact): void;
  /** Nothing to record, but the run may go on. */
  wake(): void;
}

type FileEffect = Exclude<Effect, { readonly kind: 'spawn' | 'call' | 'stop' | 'check_prerequisites' }>;
type AttemptEnd = Extract<Fact, { readonly kind: 'exit' | 'called' }>;

type BoundEffect =
  | { readonly kind: 'spawn'; readonly key: string; readonly attempt: AttemptRef; readonly spec: ProcessSpec }
  | {
      readonly kind: 'call';
      readonly key: string;
      readonly seq: number;
      readonly type: StepType;
      readonly call: JsonObject;
    }
  | {
      readonly kind: 'stop';
      readonly of: 'process' | 'call';
      readonly attempt: AttemptRef;
      readonly why: 'cancelled' | 'timeout';
    }
  | { readonly kind: 'check_prerequisites' }
  | FileEffect;

export class RunEffects {
  readonly #ports: EffectPorts;
  readonly #owner: EffectOwner;
  readonly #files: RunFiles;
  readonly #calls: RunCalls;
  #waiting: BoundEffect[] = [];
  readonly #stopped = new Set<number>();
  #checking = false;

  constructor(ports: EffectPorts, owner: EffectOwner) {
    this.#ports = ports;
    this.#owner = owner;
    this.#calls = new RunCalls(ports.clock);
    this.#files = new RunFiles({
      snapshots: ports.snapshots,
      dataFolder: ports.dataFolder,
      run: () => owner.run,
      now: () => ports.now(),
      learned: (fact) => owner.learned(fact),
      wake: () => owner.wake(),
    });
  }

  /** Something slow about files is under way. */
  get busy(): boolean {
    return this.#files.busy;
  }

  /** Whether the step may start, as far as its files go; undefined: it is to be prepared. */
  readiness(step: StepState): Readiness | undefined {
    return this.#files.readiness(step);
  }

  /** Finds an attempt of an earlier host; undefined where its process lives or has ended, else why it is lost. */
  recover({ key, process, call }: StepState, seq: number): InterruptCause | undefined {
    if (!process) return call && 'host_died';
    const attempt = { runId: this.#owner.runId, seq };
    const exit = (how: ProcessExit) => this.#ended({ kind: 'exit', key, seq, exit: how });
    const found = this.#ports.runner.recover(attempt, recoverTerms(process), exit);
    if (found.kind !== 'rebooted' && found.kind !== 'never_started') return undefined;
    return found.kind === 'rebooted' || process.boot !== this.#ports.bootId ? 'reboot' : 'never_started';
  }

  /** Somebody else looks after the run from here: its processes live on, its calls end. */
  leave(): void {
    this.#ports.runner.leave(this.#owner.runId);
    this.#calls.leave();
  }

  /** Keeps an effect until its events are durable; a step's attempt is named by the event that started it. */
  bind(effect: Effect): void {
    if (effect.kind !== 'spawn' && effect.kind !== 'call' && effect.kind !== 'stop') {
      this.#waiting.push(effect);
      return;
    }
    const { key, seq, step, call } = effect.step;
    if (seq === undefined) throw new Bug(`step ${key} has no attempt`);
    const attempt = { runId: this.#owner.runId, seq };
    if (effect.kind === 'spawn') this.#waiting.push({ kind: 'spawn', key, attempt, spec: effect.spec });
    else if (effect.kind === 'stop')
      this.#waiting.push({ kind: 'stop', of: call ? 'call' : 'process', attempt, why: effect.why });
    else {
      const type = this.#owner.source().stepType(step.type);
      this.#waiting.push({ kind: 'call', key, seq, type, call: effect.call });
    }
  }

  /** The events were refused: nothing of what they asked for is done. */
  forget(): void {
    this.#waiting = [];
  }

  carryOut(): void {
    const effects = this.#waiting;
    this.#waiting = [];
    for (const effect of effects) {
      if (effect.kind === 'spawn') this.#spawn(effect);
      else if (effect.kind === 'call') this.#call(effect);
      else if (effect.kind === 'stop') this.#stop(effect);
      else if (effect.kind === 'check_prerequisites') this.#checkPrerequisites();
      else this.#doWithFiles(effect);
    }
  }

  #spawn({ key, attempt, spec }: BoundEffect & { readonly kind: 'spawn' }): void {
    const { seq } = attempt;
    this.#ports.runner.start(attempt, spec, (exit) => this.#ended({ kind: 'exit', key, seq, exit }));
  }

  #call({ key, seq, type, call }: BoundEffect & { readonly kind: 'call' }): void {
    this.#calls.begin(
      seq,
      async (io) => {
        if (!type.perform) throw new Bug(`step type ${type.type} asks for a call but cannot make it`);
        return type.perform(call, io);
      },
      (end) => this.#ended({ kind: 'called', key, seq, end }),
    );
  }

  #ended(fact: AttemptEnd): void {
    this.#stopped.delete(fact.seq);
    const step = this.#owner.run.byKey.get(fact.key);
    const looked = step && this.#files.changesOf(step);
    if (!looked) this.#owner.learned(fact);
    else if (looked === 'later') this.#owner.learned({ ...fact, changes: looked });
    else void looked.then((changes) => this.#owner.learned({ ...fact, ...(changes && { changes }) }));
  }

  #stop({ of, attempt, why }: BoundEffect & { readonly kind: 'stop' }): void {
    // the command comes again until the attempt has ended
    if (this.#stopped.has(attempt.seq)) return;
    this.#stopped.add(attempt.seq);
    if (of === 'call') {
      this.#calls.stop(attempt.seq, why);
      return;
    }
    this.#ports.runner.stop(attempt, why);
    this.#ports.inner.stopped(attempt, why);
  }

  #checkPrerequisites(): void {
    if (this.#checking) return;
    this.#checking = true;
    void checkPrerequisites(this.#owner.run).then((problems) => {
      this.#checking = false;
      this.#owner.learned({ kind: 'prerequisites', problems });
    });
  }

  #doWithFiles(effect: FileEffect): void {
    switch (effect.kind) {
      case 'prepare':
        this.#files.prepare(effect.step, effect.captures);
        break;
      case 'rescue':
        this.#files.rescue();
        break;
      case 'restore':
        this.#files.restore(effect.item, effect.scripts);
        break;
      case 'write_instructions':
        this.#files.once('instructions', () =>
          instructionsEvent(this.#owner.source(), this.#ports.snapshots),
        );
        break;
    }
  }
}
