/**
 * Carries out what the events of one run ask for, once they are durable: starts and stops processes and calls, checks
 * prerequisites, and everything slow about files. What comes of it are facts for the driver.
 * 1. A process or a call is asked to stop once, however often the command comes again.
 */
import type { Snapshots } from '../../checkpoint/snapshot.ts';
import type { InterruptCause } from '../core/events.ts';
import { Bug } from '../core/failure.ts';
import type { ArtifactGiver, ArtifactIntake, Clock, Journal, ProcessRunner } from '../core/ports.ts';
import type { RunState, StepState } from '../core/state.ts';
import type { StepCache } from '../core/step-cache.ts';
import type { InnerRunSpec, Outcome, ProcessExit } from '../core/step-type.ts';
import { stepWishes } from './artifact-wishes.ts';
import { recoverTerms } from './begin-task.ts';
import { type BoundEffect, boundEffect, isAboutAttempt, type LooseEffect } from './bound-effect.ts';
import { returnOutcome } from './cached-event.ts';
import { type ChildRequest, ChildRuns } from './child-runs.ts';
import { type AttemptEnd, attemptOutcome, type BroughtBack, type Fact } from './fact.ts';
import type { InnerRuns } from './inner-runs.ts';
import { instructionsEvent } from './instructions-event.ts';
import { masked } from './mask.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { RunArtifacts } from './run-artifacts.ts';
import { RunCache } from './run-cache.ts';
import { RunCalls } from './run-calls.ts';
import { RunFiles } from './run-files.ts';
import type { RunSecrets } from './run-secrets.ts';
import { runSignaller } from './run-signaller.ts';
import type { Effect, Readiness, RunSource } from './run-source.ts';
import { stepContext } from './step-context.ts';

export interface EffectPorts {
  readonly bootId: string;
  readonly runner: ProcessRunner;
  readonly clock: Clock;
  readonly inner: InnerRuns;
  readonly snapshots: Snapshots;
  readonly artifacts: ArtifactIntake;
  readonly giver?: ArtifactGiver;
  readonly cache?: StepCache;
  readonly dataFolder: string;
  readonly journal: Journal;
  readonly secrets: RunSecrets;
  now(): number;
  /** Tells this host of a run that has changed, later than this call. */
  kick(runId: string): void;
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

export class RunEffects {
  readonly #ports: EffectPorts;
  readonly #owner: EffectOwner;
  readonly #files: RunFiles;
  readonly #calls: RunCalls;
  readonly #children: ChildRuns;
  readonly #artifacts: RunArtifacts;
  readonly cache: RunCache;
  #waiting: BoundEffect[] = [];
  readonly #stopped = new Set<number>();
  #checking = false;

  constructor(ports: EffectPorts, owner: EffectOwner) {
    this.#ports = ports;
    this.#owner = owner;
    this.#calls = new RunCalls({
      clock: ports.clock,
      dataFolder: ports.dataFolder,
      masked: (text) => masked(owner.run.workflow, text),
      signalRun: runSignaller(ports, owner.runId),
    });
    this.#children = new ChildRuns(
      { ...ports, run: () => owner.run, now: () => ports.now(), wake: () => owner.wake() },
      ({ key, seq }, end) => this.#ended({ kind: 'ran', key, seq, end }),
    );
    this.#artifacts = new RunArtifacts(ports.artifacts, () => owner.wake());
    this.cache = new RunCache({
      cache: ports.cache,
      clock: ports.clock,
      run: () => owner.run,
      source: () => owner.source(),
      wake: () => owner.wake(),
    });
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
    return this.#files.busy || this.#artifacts.busy || this.cache.busy;
  }

  /** Whether the step may start, as far as its files go; undefined: it is to be prepared. */
  readiness(step: StepState): Readiness | undefined {
    return this.#files.readiness(step);
  }

  stored = (name: string) => this.#artifacts.take(name);

  /** Finds an attempt of an earlier host; undefined where its process lives or has ended, else why it is lost. */
  recover(step: StepState, seq: number): InterruptCause | undefined {
    const { key, process, call, innerRun } = step;
    if (innerRun) {
      this.#children.begin(this.#childOf(step, seq));
      return undefined;
    }
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
    this.#children.leave();
    this.cache.leave();
    this.#artifacts.leave();
  }

  /** A run has changed: that one, or any. */
  lookAtChildren(runId?: string): void {
    this.#children.look(runId);
  }

  /** Keeps an effect until its events are durable; a step's attempt is named by the event that started it. */
  bind(effect: Effect): void {
    if (!isAboutAttempt(effect)) {
      this.#waiting.push(effect);
      return;
    }
    const { key, seq } = effect.step;
    if (seq === undefined) throw new Bug(`step ${key} has no attempt`);
    this.#waiting.push(
      boundEffect(effect, {
        attempt: { runId: this.#owner.runId, seq },
        typeOf: ({ step }) => this.#owner.source().stepType(step.type),
        childOf: (step, spec) => this.#childOf(step, seq, spec),
      }),
    );
  }

  /** The events were refused: nothing of what they asked for is done. */
  forget(): void {
    this.#waiting = [];
  }

  carryOut(): void {
    this.#calls.answer(this.#owner.run);
    this.#files.endCaptures();
    this.#children.takeIn();
    for (const effect of this.#waiting.splice(0)) {
      if (effect.kind === 'spawn') this.#spawn(effect);
      else if (effect.kind === 'call') this.#call(effect);
      else if (effect.kind === 'run') this.#children.begin(effect.child);
      else if (effect.kind === 'bring_back') this.#bringBack(effect);
      else if (effect.kind === 'stop') this.#stop(effect);
      else this.#doLoose(effect);
    }
  }

  #spawn({ key, attempt, spec }: BoundEffect & { readonly kind: 'spawn' }): void {
    const { seq } = attempt;
    this.#ports.runner.start(attempt, spec, (exit) => this.#ended({ kind: 'exit', key, seq, exit }));
  }

  #call({ key, attempt, type, call }: BoundEffect & { readonly kind: 'call' }): void {
    const { seq } = attempt;
    this.#calls.begin({
      attempt,
      async perform(io) {
        if (!type.perform) throw new Bug(`step type ${type.type} asks for a call but cannot make it`);
        return type.perform(call, io);
      },
      wish: (wish) => this.#owner.learned({ ...wish, key, seq }),
      ended: (end) => this.#ended({ kind: 'called', key, seq, end }),
    });
  }

  #bringBack({ key, attempt, hit }: BoundEffect & { readonly kind: 'bring_back' }): void {
    const { seq } = attempt;
    this.#calls.begin({
      attempt,
      perform: ({ signal }) => this.cache.bringBack(hit, signal),
      wish: () => {},
      ended: (end) => this.#ended({ kind: 'brought_back', key, seq, end, hit }),
    });
  }

  /** What a later host begins anew is what the step's type asks for then. */
  #childOf(step: StepState, seq: number, spec = this.#specOf(step)): ChildRequest {
    const { key, innerRun } = step;
    if (!innerRun) throw new Bug(`step ${key} has no run`);
    if (!innerRun.roll_back) return { id: innerRun.id, key, seq, ...(spec && { spec }) };
    return { id: innerRun.id, key, seq, earlier: step.frame.owner?.innerRuns?.slice(0, -1) ?? [] };
  }

  #specOf(step: StepState): InnerRunSpec | undefined {
    if (step.innerRun?.roll_back) return undefined;
    const source = this.#owner.source();
    const action = source.stepType(step.step.type).begin(stepContext(source, step, step.attempt));
    if (!action.ok)
      throw new Bug(`what step ${step.key} runs can no longer be told: ${action.error.message}`);
    return action.value.kind === 'run' ? action.value : undefined;
  }

  #ended(fact: AttemptEnd | BroughtBack): void {
    this.#stopped.delete(fact.seq);
    const step = this.#owner.run.byKey.get(fact.key);
    const looked = step && this.#files.changesOf(step);
    const outcome = step && this.#outcomeOf(step, fact);
    const wishes = outcome && stepWishes(this.#owner.source(), step, outcome);
    const storing = wishes && (wishes.ok ? this.#artifacts.store(fact.seq, wishes.value) : wishes);
    const isMade = outcome?.ok && fact.kind !== 'brought_back';
    const kept = isMade ? this.cache.ending(step!, wishes) : undefined;
    const learned = (changes: Awaited<typeof looked>, stored: Awaited<typeof storing>) =>
      this.#owner.learned({ ...fact, ...(changes && { changes }), ...(stored && { stored }) } as Fact);
    if (!storing && !kept && !(looked instanceof Promise)) learned(looked, undefined);
    else void Promise.all([looked, storing, kept]).then(([changes, stored]) => learned(changes, stored));
  }

  /** Undefined where nothing can be said of it: the run gets stuck, or the step is performed after all. */
  #outcomeOf(step: StepState, fact: AttemptEnd | BroughtBack): Outcome | undefined {
    if (fact.kind === 'brought_back') return returnOutcome(fact);
    try {
      return attemptOutcome(this.#owner.source(), step, fact);
    } catch {
      // the driver meets the same bug in its turn, where it makes the run stuck
      return undefined;
    }
  }

  #stop({ of, attempt, why }: BoundEffect & { readonly kind: 'stop' }): void {
    // the command comes again until the attempt has ended
    if (this.#stopped.has(attempt.seq)) return;
    this.#stopped.add(attempt.seq);
    this.#artifacts.stop(attempt.seq);
    if (of === 'call') this.#calls.stop(attempt.seq, why);
    else {
      if (of === 'process') this.#ports.runner.stop(attempt, why);
      else this.#children.stop(attempt.seq);
      this.#ports.inner.stopped(attempt, why);
    }
  }

  #checkPrerequisites(): void {
    if (this.#checking) return;
    this.#checking = true;
    void checkPrerequisites(this.#owner.run).then((problems) => {
      this.#checking = false;
      this.#owner.learned({ kind: 'prerequisites', problems });
    });
  }

  #doLoose(effect: LooseEffect): void {
    switch (effect.kind) {
      case 'check_prerequisites':
        this.#checkPrerequisites();
        break;
      case 'prepare':
        this.#files.prepare(effect.step, effect.captures);
        break;
      case 'look_up_cache':
        this.cache.lookUp(effect.step);
        break;
      case 'rescue':
        this.#files.rescue();
        break;
      case 'restore':
        this.#files.restore(effect);
        break;
      case 'store':
        this.#artifacts.hold(effect.name, effect.wishes);
        break;
      case 'write_instructions':
        this.#files.once('instructions', () =>
          instructionsEvent(this.#owner.source(), this.#ports.snapshots),
        );
        break;
    }
  }
}
