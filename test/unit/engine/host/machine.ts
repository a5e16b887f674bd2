/**
 * A pretended machine: a clock that moves when told, and processes that end when told and outlive the host that
 * started them. Its runners keep the promises of the `ProcessRunner` port.
 */
import type { AttemptRef, Clock, Found, ProcessRunner } from '../../../../src/engine/core/ports.ts';
import type { ProcessExit, ProcessSpec } from '../../../../src/engine/core/step-type.ts';

export interface PretendedProcess {
  readonly attempt: AttemptRef;
  readonly script: string;
  readonly spec: ProcessSpec;
  exit?: ProcessExit;
  told?: (exit: ProcessExit) => void;
  readonly stops: string[];
}

const nameOf = ({ runId, seq }: AttemptRef): string => `${runId}/${seq}`;
const silent = { stdout: '', stderr: '', truncated: false };

export class Machine {
  #now = Date.parse('2030-01-31T12:00:00Z');
  readonly #timers = new Set<{ readonly at: number; readonly call: () => void }>();
  readonly processes = new Map<string, PretendedProcess>();
  /** Attempts that ran under a boot before. */
  readonly #before = new Set<string>();

  get now(): number {
    return this.#now;
  }

  /** Timers of a host that has died never call: each host gets a clock of its own. */
  clock(alive: () => boolean): Clock {
    return {
      now: () => this.#now,
      at: (at, call) => {
        const timer = { at, call: () => alive() && call() };
        this.#timers.add(timer);
        return () => this.#timers.delete(timer);
      },
    };
  }

  /** The clock shows another time, earlier or later; what is due by then calls, earliest first. */
  setTime(now: number): void {
    this.#now = now;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at)[0];
      if (!due) return;
      this.#timers.delete(due);
      due.call();
    }
  }

  /** Time passes, but no timer has called yet. */
  creep(ms: number): void {
    this.#now += ms;
  }

  runner(alive: () => boolean): ProcessRunner {
    const mine = new Set<PretendedProcess['told']>();
    const listen = (exit: (exit: ProcessExit) => void) => {
      const told = (seen: ProcessExit) => {
        if (alive()) exit(seen);
      };
      mine.add(told);
      return told;
    };
    return {
      start: (attempt, spec, exit) => {
        const { script } = spec;
        this.processes.set(nameOf(attempt), { attempt, script, spec, told: listen(exit), stops: [] });
      },
      recover: (attempt, _, exit) => this.#recover(attempt, listen(exit)),
      stop: (attempt, why) => this.processes.get(nameOf(attempt))?.stops.push(why),
      leave: (runId) => {
        for (const process of this.processes.values())
          if (process.attempt.runId === runId && mine.has(process.told)) delete process.told;
      },
      close: () => {},
    };
  }

  #recover(attempt: AttemptRef, told: (exit: ProcessExit) => void): Found {
    const process = this.processes.get(nameOf(attempt));
    if (this.#before.has(nameOf(attempt))) return { kind: 'rebooted' };
    if (!process) return { kind: 'never_started' };
    process.told = told;
    const { exit } = process;
    if (!exit) return { kind: 'attached' };
    setImmediate(() => told(exit));
    return { kind: 'finished' };
  }

  /** Everything that runs is gone, and nobody saw it end. */
  reboot(): void {
    for (const [name, { exit }] of this.processes) if (!exit) this.#before.add(name);
  }

  /** Scripts that run now, in the order in which they were started. */
  get running(): readonly string[] {
    return this.#alive().map(({ script }) => script);
  }

  /** Every script that was ever started. */
  get started(): readonly string[] {
    return [...this.processes.values()].map(({ script }) => script);
  }

  #alive(): readonly PretendedProcess[] {
    return [...this.processes.entries()]
      .filter(([name, { exit }]) => !exit && !this.#before.has(name))
      .map(([, process]) => process);
  }

  find(script: string): PretendedProcess {
    const found = this.#alive().find((process) => process.script === script);
    if (!found) throw new Error(`\`${script}\` does not run; ${this.running.join(', ')} do`);
    return found;
  }

  /** The process ends, and whoever listens is told. */
  end(script: string, exit: Partial<ProcessExit> = { code: 0 }): void {
    const process = this.find(script);
    process.exit = { ...silent, ...exit };
    process.told?.(process.exit);
  }
}
