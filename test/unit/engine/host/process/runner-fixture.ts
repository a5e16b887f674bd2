/** A runner on a home of its own, a clock that tests move, and waiting for events instead of time. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AttemptRef, Clock, ProcessRunner } from '../../../../../src/engine/core/ports.ts';
import type { ProcessExit, ProcessSpec } from '../../../../../src/engine/core/step-type.ts';
import { createProcessRunner } from '../../../../../src/engine/host/process/process-runner.ts';

export const BOOT = 'boot-1';

export class FakeClock implements Clock {
  #now = 1_000;
  readonly #timers = new Set<{ readonly atMs: number; readonly call: () => void }>();
  now(): number {
    return this.#now;
  }
  at(atMs: number, call: () => void): () => void {
    const timer = { atMs, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
  get waiting(): number {
    return this.#timers.size;
  }
  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers]) {
      if (timer.atMs > this.#now) continue;
      this.#timers.delete(timer);
      timer.call();
    }
  }
}

export interface Fixture {
  readonly home: string;
  readonly clock: FakeClock;
  readonly runner: ProcessRunner;
  readonly warnings: string[];
  /** Another runner on the same home, as a later host would have. */
  another(bootId?: string): ProcessRunner;
  spec(script: string, overrides?: Partial<ProcessSpec>): ProcessSpec;
  start(
    script: string,
    overrides?: Partial<ProcessSpec>,
  ): { attempt: AttemptRef; exit: Promise<ProcessExit> };
  run(script: string, overrides?: Partial<ProcessSpec>): Promise<ProcessExit & { readonly log: string }>;
  path(attempt: AttemptRef, kind: string): string;
  close(): void;
}

export function openFixture(): Fixture {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'belay-process-')));
  const clock = new FakeClock();
  const warnings: string[] = [];
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
  const runners: ProcessRunner[] = [];
  let seq = 0;
  const another = (bootId = BOOT) => {
    const runner = createProcessRunner({ home, clock, hostId: `host-${runners.length}`, bootId, log });
    runners.push(runner);
    return runner;
  };
  const runner = another();
  const path = (attempt: AttemptRef, kind: string) =>
    join(home, 'runs', attempt.runId, `${attempt.seq}.${kind}`);
  const spec: Fixture['spec'] = (script, overrides) => plainSpec(home, script, overrides);
  const start: Fixture['start'] = (script, overrides) => {
    seq += 1;
    const attempt = { runId: 'r1', seq };
    return {
      attempt,
      exit: new Promise((resolve) => runner.start(attempt, spec(script, overrides), resolve)),
    };
  };
  return {
    home,
    clock,
    runner,
    warnings,
    another,
    spec,
    start,
    async run(script, overrides) {
      const { attempt, exit } = start(script, overrides);
      const ended = await exit;
      return { ...ended, log: contents(path(attempt, 'log')) };
    },
    path,
    close() {
      for (const each of runners) each.close();
      endStrays(home);
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const plainSpec = (cwd: string, script: string, overrides: Partial<ProcessSpec> = {}): ProcessSpec => ({
  shell: ['bash', '-euo', 'pipefail', '-c'],
  script,
  env: { PATH: process.env.PATH ?? '' },
  cwd,
  separate: [],
  logBytesMax: 1024 * 1024,
  onLogLimit: 'fail',
  killGraceMs: 5_000,
  ...overrides,
});

/** '' while the file is not there. */
export function contents(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Looks until the answer is there; the test's own time limit ends a wait in vain. */
export async function until<T>(look: () => T | undefined | false | ''): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await pause(5);
  }
}

export const lives = (pid: number): boolean => {
  const stat = contents(`/proc/${pid}/stat`);
  return stat !== '' && !/^\d+ \(.*\) [ZX] /s.test(stat);
};

/** Ends what a failed test may have left: processes that work below its home, by pid. */
function endStrays(home: string): void {
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const environ = contents(`/proc/${name}/environ`);
    if (environ.includes(`STRAY_OF=${home}`)) process.kill(Number(name), 'SIGKILL');
  }
}
