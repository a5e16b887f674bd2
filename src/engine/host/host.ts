/**
 * A host drives the runs it owns: claims them, gives each its turn, makes their events durable together, and keeps
 * its lease. Any process may be one; many may share a data directory.
 * 1. A run is driven only while this host holds its lease; a fenced append lets go of it at once.
 * 2. All events that are ready together go into one durable transaction.
 * 3. Storage that fails stops the host: nothing more is started, acknowledged events stay, processes live on.
 */
import { Bug } from '../core/failure.ts';
import { LEASE_RENEW_MS } from '../core/limits.ts';
import type { Append, Journal } from '../core/ports.ts';
import type { HostOptions, HostProblem } from './host-options.ts';
import { loadRun } from './load-run.ts';
import { RunDriver } from './run-driver.ts';
import { slotsFor } from './slots-for.ts';
import { isStorageError, onDataFolder } from './storage-error.ts';

/** How often a host looks for runs that nobody owns, besides being told. */
const CLAIM_LOOK_MS = 2_000;
const CLAIMS_AT_ONCE_MAX = 64;

interface Prepared {
  readonly driver: RunDriver;
  readonly append: Append;
}

export class Host {
  readonly #options: HostOptions;
  readonly #drivers = new Map<string, RunDriver>();
  readonly #dirty = new Set<RunDriver>();
  readonly #listeners = new Set<(runId: string) => void>();
  #cancelTimer: (() => void) | undefined;
  #unwatch: (() => void) | undefined;
  #renewal: (() => void) | undefined;
  #look: (() => void) | undefined;
  #flushing: NodeJS.Immediate | undefined;
  #problem: HostProblem | undefined;
  #running = false;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Why the host has stopped by itself; undefined while it works. */
  get problem(): HostProblem | undefined {
    return this.#problem;
  }

  /** Runs that this host drives and that will move without anybody's word: something runs, is ready or is timed. */
  get active(): number {
    return [...this.#drivers.values()].filter((driver) => driver.active).length;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#enter(() => {
      this.#renew();
      this.#unwatch = this.#options.journal.watch(() => this.#enter(() => this.#noticed()));
      this.#claimWhatIsThere();
    });
  }

  /** Stops driving; step processes live on, and the runs are free for the next host. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    if (this.#flushing) clearImmediate(this.#flushing);
    this.#flushing = undefined;
    for (const undo of [this.#unwatch, this.#renewal, this.#look, this.#cancelTimer]) undo?.();
    this.#drivers.clear();
    this.#dirty.clear();
    this.#options.runner.close();
    if (!this.#problem) this.#enter(() => this.#options.journal.release(this.#options.identity.host));
  }

  /** A run was created or changed by this process: claim it, or take in what is new. */
  kick(runId: string): void {
    if (!this.#running) return;
    this.#enter(() => {
      const driver = this.#drivers.get(runId);
      if (driver) this.#guard(driver, () => driver.catchUp());
      else this.#claim(runId);
      this.#tell(runId);
    });
  }

  /** Calls back after each durable append of a run that this host drives; a hint to look at the journal. */
  onCommit(listener: (runId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #now(): number {
    return this.#options.clock.now();
  }

  #renew(): void {
    const { journal, identity, clock } = this.#options;
    if (!journal.renew(identity, this.#now())) {
      // declared dead while it was stopped: its runs have other owners now
      this.#drivers.clear();
      this.#dirty.clear();
      journal.renew(identity, this.#now());
    }
    this.#renewal = clock.at(this.#now() + LEASE_RENEW_MS, () => this.#enter(() => this.#renew()));
  }

  /** Another process has committed something. */
  #noticed(): void {
    for (const driver of [...this.#drivers.values()]) {
      const row = this.#options.journal.run(driver.runId);
      if (row && row.seq !== driver.durableSeq) this.#guard(driver, () => driver.catchUp());
    }
    this.#claimWhatIsThere();
  }

  #claimWhatIsThere(): void {
    if (!this.#running) return;
    this.#look?.();
    const { journal, clock } = this.#options;
    for (const runId of journal.claimable(this.#now(), CLAIMS_AT_ONCE_MAX)) this.#claim(runId);
    if (!this.#running) return;
    this.#look = clock.at(this.#now() + CLAIM_LOOK_MS, () => this.#enter(() => this.#claimWhatIsThere()));
  }

  #claim(runId: string): void {
    const { journal, identity, runner, stepType, chance } = this.#options;
    if (this.#drivers.has(runId)) return;
    const claimed = journal.claim(runId, identity.host, this.#now());
    if (!claimed.ok) return;
    const loaded = loadRun(journal, runId);
    if (!loaded.ok) {
      this.#options.report(`run ${runId} cannot be driven: ${loaded.error.message}`);
      return;
    }
    const ports = {
      host: identity.host,
      bootId: identity.bootId,
      journal,
      runner,
      stepType,
      now: () => this.#now(),
      chance: chance ?? Math.random,
      wake: (each: RunDriver) => this.#wake(each),
    };
    const driver = new RunDriver(ports, loaded.value, claimed.value.epoch);
    this.#drivers.set(runId, driver);
    this.#guard(driver, () => onDataFolder(() => driver.recover()));
    this.#wake(driver);
  }

  #wake(driver: RunDriver): void {
    if (!this.#running || this.#drivers.get(driver.runId) !== driver) return;
    this.#dirty.add(driver);
    this.#flushing ??= setImmediate(() => this.#enter(() => this.#flush()));
  }

  /** One turn for every run that asked for one, one durable append for all of them. */
  #flush(): void {
    this.#flushing = undefined;
    const driven = this.#drivers.size;
    const turn = this.#takeTurn();
    const prepared: Prepared[] = [];
    for (const driver of turn) {
      this.#guard(driver, () => {
        const append = driver.prepare(slotsFor(driver, this.#drivers.values(), this.#options.slots));
        if (!append) return;
        prepared.push({ driver, append });
        if (append.events.some(({ type }) => type === 'step.started')) this.#servedLast(driver);
      });
    }
    if (prepared.length > 0) this.#append(prepared);
    for (const driver of turn)
      if (this.#drivers.get(driver.runId) === driver && driver.over) this.#letGo(driver);
    // slots have become free with the runs that were let go of: whoever waits for one gets a turn
    if (this.#drivers.size < driven)
      for (const each of this.#drivers.values()) if (each.hungry) this.#wake(each);
    this.#armTimer();
  }

  /**
   * The runs that asked, after what happened to them has freed its slots, and those that wait for a slot.
   * Whoever started something least recently decides first.
   */
  #takeTurn(): readonly RunDriver[] {
    const asked = [...this.#dirty];
    this.#dirty.clear();
    for (const driver of asked) this.#guard(driver, () => driver.absorb());
    const asks = new Set(asked);
    return [...this.#drivers.values()].filter((driver) => asks.has(driver) || driver.hungry);
  }

  /** Runs are kept in the order in which they started something last. */
  #servedLast(driver: RunDriver): void {
    this.#drivers.delete(driver.runId);
    this.#drivers.set(driver.runId, driver);
  }

  #append(prepared: readonly Prepared[]): void {
    const { journal } = this.#options;
    const answers = this.#tryTogether(prepared);
    for (const [index, { driver, append }] of prepared.entries()) {
      this.#guard(driver, () => {
        const [answer] = answers ? [answers[index]] : journal.append([append]);
        if (!answer) throw new Bug('an append has no answer');
        this.#answered(driver, answer);
      });
      if (!this.#running) return;
      this.#tell(driver.runId);
    }
  }

  /** Undefined when the journal cannot take what some run has made: each then answers for itself. */
  #tryTogether(prepared: readonly Prepared[]): ReturnType<Journal['append']> | undefined {
    try {
      return this.#options.journal.append(prepared.map(({ append }) => append));
    } catch (error) {
      if (isStorageError(error)) throw error;
      return undefined;
    }
  }

  #answered(driver: RunDriver, answer: ReturnType<Journal['append']>[number]): void {
    if (answer.ok) {
      driver.committed();
      this.#wake(driver);
    } else if (answer.error.kind === 'conflict') driver.refused();
    else if (answer.error.kind === 'storage') this.#storageFailed(answer.error.message);
    else this.#drivers.delete(driver.runId);
  }

  /** The run has ended or paused: whoever resumes it may be another host. */
  #letGo(driver: RunDriver): void {
    this.#drivers.delete(driver.runId);
    this.#dirty.delete(driver);
    this.#options.journal.releaseRun(driver.runId, this.#options.identity.host);
    this.#tell(driver.runId);
  }

  #armTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    let next = Number.POSITIVE_INFINITY;
    for (const driver of this.#drivers.values()) next = Math.min(next, driver.nextTimerAt ?? next);
    if (!Number.isFinite(next)) return;
    this.#cancelTimer = this.#options.clock.at(next, () => {
      for (const driver of this.#drivers.values()) this.#wake(driver);
    });
  }

  /** The way in from the event loop and from outside: nothing is thrown at the process. */
  #enter(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (isStorageError(error)) this.#storageFailed(error.message);
      else this.#options.report('a bug in the host', error);
    }
  }

  /** A bug in one run ends that run as `stuck`; the others and the process go on. */
  #guard(driver: RunDriver, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (isStorageError(error)) throw error;
      this.#drivers.delete(driver.runId);
      this.#dirty.delete(driver);
      const message = error instanceof Error ? error.message : String(error);
      this.#options.report(`run ${driver.runId} is stuck on a bug: ${message}`, error);
      this.#markStuck(driver, message);
    }
  }

  #markStuck(driver: RunDriver, message: string): void {
    const { journal, identity } = this.#options;
    try {
      const last = driver.stuck(`a bug in Belay: ${message}`);
      const [result] = last ? journal.append([last]) : [];
      if (result?.ok === false && result.error.kind === 'storage') this.#storageFailed(result.error.message);
      else journal.releaseRun(driver.runId, identity.host);
      this.#tell(driver.runId);
    } catch (error) {
      if (isStorageError(error)) throw error;
      this.#options.report(`run ${driver.runId} cannot be marked as stuck`, error);
    }
  }

  #storageFailed(message: string): void {
    if (this.#problem) return;
    this.#problem = { code: 'storage', message };
    this.#options.report(`the journal cannot be used, the host stops: ${message}`);
    this.stop();
  }

  #tell(runId: string): void {
    for (const listener of this.#listeners) listener(runId);
  }
}
