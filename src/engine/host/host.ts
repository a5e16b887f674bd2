/**
 * A host drives the runs it owns: claims them, gives each its turn, makes their events durable together, and keeps
 * its lease. Any process may be one; many may share a data directory.
 * 1. A run is driven only while this host holds its lease; a fenced append lets go of it at once.
 * 2. All events that are ready together go into one durable transaction.
 * 3. Storage that fails halts the host: nothing is started, acknowledged events stay. It goes on when it can write again.
 */
import { Bug } from '../core/failure.ts';
import { LEASE_RENEW_MS } from '../core/limits.ts';
import type { Append, Journal } from '../core/ports.ts';
import { Alarms } from './alarms.ts';
import { appendTogether } from './append-together.ts';
import { Claims } from './claim-run.ts';
import type { HostOptions, HostProblem } from './host-options.ts';
import { InnerRuns } from './inner-runs.ts';
import { RunDriver } from './run-driver.ts';
import { slotsFor } from './slots-for.ts';
import { isStorageError, onDataFolder } from './storage-error.ts';
import { Turns } from './turns.ts';

/** How often a host looks for runs that nobody owns, besides being told. */
const CLAIM_LOOK_MS = 2_000;
/** How long a host whose storage failed waits before it looks again. */
const RESTART_MS = 5_000;

interface Prepared {
  readonly driver: RunDriver;
  readonly append: Append;
}

export class Host {
  readonly #options: HostOptions;
  readonly #turns = new Turns();
  readonly #listeners = new Set<(runId: string) => void>();
  readonly #alarms: Alarms;
  #unwatch: (() => void) | undefined;
  #flushing: NodeJS.Immediate | undefined;
  #problem: HostProblem | undefined;
  #running = false;
  readonly #claims: Claims;
  readonly #inner: InnerRuns;

  constructor(options: HostOptions) {
    this.#options = options;
    const kick = (runId: string) => this.kick(runId);
    const later = (runId: string) => void setImmediate(kick, runId);
    this.#claims = new Claims({ ...options, host: options.identity.host, kick: later });
    this.#inner = new InnerRuns(options.journal, () => this.#now(), kick);
    this.#alarms = new Alarms(options.clock);
  }

  /** Why the host does not drive at the moment; undefined while it works. */
  get problem(): HostProblem | undefined {
    return this.#problem;
  }

  /** Runs that this host drives and that will move without anybody's word: something runs, is ready or is timed. */
  get active(): number {
    return [...this.#turns.all()].filter((driver) => driver.active).length;
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
    const { journal, identity, runner } = this.#options;
    const quiet = [...this.#turns.all()].filter((driver) => !driver.active);
    const wasRunning = this.#running;
    this.#halt();
    runner.close();
    if (!wasRunning) return;
    this.#enter(() => {
      for (const { runId } of quiet) journal.releaseRun(runId, identity.host);
      journal.release(identity.host);
    });
  }

  #halt(): void {
    this.#running = false;
    if (this.#flushing) clearImmediate(this.#flushing);
    this.#flushing = undefined;
    this.#alarms.dropAll();
    this.#unwatch?.();
    this.#dropAll();
  }

  /** A run was created or changed by this process: claim it, or take in what is new. */
  kick(runId: string): void {
    if (!this.#running) return;
    this.#enter(() => {
      const driver = this.#turns.of(runId);
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
    const { journal, identity } = this.#options;
    if (!journal.renew(identity, this.#now())) {
      // declared dead while it was stopped: its runs have other owners now
      this.#dropAll();
      journal.renew(identity, this.#now());
    }
    this.#after('renew', LEASE_RENEW_MS, () => this.#renew());
  }

  /** Another process has committed something. */
  #noticed(): void {
    for (const driver of [...this.#turns.all()]) {
      const row = this.#options.journal.run(driver.runId);
      if (row && row.seq !== driver.durableSeq) this.#guard(driver, () => driver.catchUp());
      this.#guard(driver, () => driver.lookAtChildren());
    }
    this.#claimWhatIsThere();
  }

  #claimWhatIsThere(): void {
    if (!this.#running) return;
    this.#after('look', CLAIM_LOOK_MS, () => this.#claimWhatIsThere());
    for (const runId of this.#claims.free(this.#now())) if (this.#running) this.#claim(runId);
  }

  #claim(runId: string): void {
    const { identity, chance } = this.#options;
    const claimed = this.#turns.of(runId) ? undefined : this.#claims.take(runId, this.#now());
    if (!claimed) return;
    const ports = {
      ...this.#options,
      host: identity.host,
      bootId: identity.bootId,
      now: () => this.#now(),
      chance: chance ?? Math.random,
      inner: this.#inner,
      wake: (each: RunDriver) => this.#wake(each),
      kick: (changed: string) => void setImmediate(() => this.kick(changed)),
    };
    const driver = new RunDriver(ports, claimed.run, claimed.epoch);
    this.#turns.add(driver);
    this.#guard(driver, () => onDataFolder(() => driver.recover()));
    this.#wake(driver);
  }

  #wake(driver: RunDriver): void {
    if (!this.#running || !this.#turns.holds(driver)) return;
    this.#turns.ask(driver);
    this.#flushing ??= setImmediate(() => this.#enter(() => this.#flush()));
  }

  /** One turn for every run that asked for one, one durable append for all of them. */
  #flush(): void {
    this.#flushing = undefined;
    const driven = this.#turns.size;
    const turn = this.#turns.take((driver) => this.#guard(driver, () => driver.absorb()));
    const prepared: Prepared[] = [];
    for (const driver of turn) {
      this.#guard(driver, () => {
        const append = driver.prepare(slotsFor(driver, this.#turns.all(), this.#options.slots));
        if (!append) return;
        prepared.push({ driver, append });
        if (append.events.some(({ type }) => type === 'step.started')) this.#turns.servedLast(driver);
      });
    }
    if (prepared.length > 0) this.#append(prepared);
    for (const driver of turn) if (this.#turns.holds(driver) && driver.over) this.#letGo(driver);
    // slots have become free with the runs that were let go of: whoever waits for one gets a turn
    if (this.#turns.size < driven) for (const each of this.#turns.all()) if (each.hungry) this.#wake(each);
    this.#armTimer();
  }

  #append(prepared: readonly Prepared[]): void {
    const appends = prepared.map(({ append }) => append);
    const answers = appendTogether(this.#options.journal, appends);
    for (const [index, { driver }] of prepared.entries()) {
      this.#guard(driver, () => {
        const answer = answers[index]?.();
        if (!answer) throw new Bug('an append has no answer');
        this.#answered(driver, answer);
      });
      if (!this.#running) return;
      this.#tell(driver.runId);
    }
  }

  #answered(driver: RunDriver, answer: ReturnType<Journal['append']>[number]): void {
    if (answer.ok) {
      driver.committed();
      this.#wake(driver);
    } else if (answer.error.kind === 'conflict') driver.refused();
    else if (answer.error.kind === 'storage') this.#storageFailed(answer.error.message);
    else this.#drop(driver);
  }

  /** The run has ended or paused: whoever resumes it may be another host. The next of its group is wanted at once. */
  #letGo(driver: RunDriver): void {
    this.#drop(driver);
    this.#options.journal.releaseRun(driver.runId, this.#options.identity.host);
    this.#tell(driver.runId);
    for (const each of [...this.#turns.all()]) this.#guard(each, () => each.lookAtChildren(driver.runId));
    if (driver.run.group !== undefined) this.#claimWhatIsThere();
  }

  /** Its processes are somebody else's to look after. */
  #drop(driver: RunDriver): void {
    this.#turns.drop(driver);
    driver.leave();
  }

  #dropAll(): void {
    for (const driver of [...this.#turns.all()]) this.#drop(driver);
  }

  #armTimer(): void {
    this.#alarms.drop('timer');
    let next = Number.POSITIVE_INFINITY;
    for (const driver of this.#turns.all()) next = Math.min(next, driver.nextTimerAt ?? next);
    if (!Number.isFinite(next)) return;
    this.#alarms.set('timer', next, () => {
      for (const driver of this.#turns.all()) this.#wake(driver);
    });
  }

  #after(name: string, ms: number, act: () => void): void {
    this.#alarms.set(name, this.#now() + ms, () => this.#enter(act));
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
      this.#drop(driver);
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
    if (!this.#problem) this.#options.report(`the journal cannot be used, the host halts: ${message}`);
    this.#problem = { code: 'storage', message };
    this.#halt();
    this.#after('restart', RESTART_MS, () => this.#restart());
  }

  #restart(): void {
    const { journal, identity } = this.#options;
    // what it still holds by name it drives no more: claimed anew, it is read anew
    journal.release(identity.host);
    this.#problem = undefined;
    this.start();
  }

  #tell(runId: string): void {
    for (const listener of this.#listeners) listener(runId);
  }
}
