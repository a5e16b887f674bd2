/**
 * Step logs on their way to stdout: what is there, then what comes. Owns which attempts are read and how far; where
 * the bytes lie is for the host's log reader. Where several steps write, a heading says whose lines follow.
 */
import type { JournalEvent } from '../engine/core/events.ts';
import type { RunState, StepState } from '../engine/core/state.ts';
import { readStepLog } from '../engine/host/process/step-log.ts';
import type { Terminal } from './terminal.ts';

const CHUNK_BYTES = 256 * 1024;
/** Where the last lines are looked for. */
const TAIL_BYTES = 8 * 1024 * 1024;

interface OpenLog {
  readonly key: string;
  /** Sequence number of the attempt's start. */
  readonly seq: number;
  nextByte: number;
}

export class LogFollower {
  readonly #home: string;
  readonly #terminal: Terminal;
  /** Only this step and what is inside it; undefined for the whole run. */
  readonly #only: string | undefined;
  readonly #open = new Map<string, OpenLog>();
  #last: string | undefined;

  constructor(home: string, terminal: Terminal, only: string | undefined) {
    this.#home = home;
    this.#terminal = terminal;
    this.#only = only;
  }

  /** Writes the last attempt of each step, or its last lines, and goes on with those that run. */
  show(run: RunState, tailLines: number | undefined): void {
    for (const step of run.byKey.values()) {
      if (!(step.process || step.call) || step.seq === undefined || !this.#wants(step)) continue;
      const log = { key: step.key, seq: step.seq, nextByte: 0 };
      if (tailLines !== undefined) log.nextByte = this.#tail(run.runId, log, tailLines);
      this.#drain(run.runId, log);
      if (step.status === 'running') this.#open.set(step.key, log);
    }
  }

  /** For `watchRun`. */
  readonly event = (run: RunState, { event, seq }: JournalEvent): void => {
    if (!('step' in event)) return;
    const step = run.byKey.get(event.step);
    if (!step || !this.#wants(step)) return;
    const open = this.#open.get(step.key);
    if (open) this.#drain(run.runId, open);
    if (event.type === 'step.started') {
      if (event.process || event.call) this.#open.set(step.key, { key: step.key, seq, nextByte: 0 });
    } else this.#open.delete(step.key);
  };

  /** Writes what has come since. */
  poll(runId: string): void {
    for (const log of this.#open.values()) this.#drain(runId, log);
  }

  #wants(step: StepState): boolean {
    if (this.#only === undefined) return true;
    for (let at: StepState | undefined = step; at; at = at.frame.owner)
      if (at.key === this.#only) return true;
    return false;
  }

  #tail(runId: string, { seq }: OpenLog, tailLines: number): number {
    return readStepLog(this.#home, { runId, seq }, { tailLines, bytesMax: TAIL_BYTES }).fromByte;
  }

  #drain(runId: string, log: OpenLog): void {
    for (;;) {
      const attempt = { runId, seq: log.seq };
      const { text, nextByte } = readStepLog(this.#home, attempt, {
        fromByte: log.nextByte,
        bytesMax: CHUNK_BYTES,
      });
      if (text === '') return;
      log.nextByte = nextByte;
      this.#write(log.key, text);
    }
  }

  #write(key: string, text: string): void {
    const gap = this.#last === undefined ? '' : '\n';
    const heading = this.#terminal.style('out').bold(`==> ${key} <==`);
    if (this.#only !== key && this.#last !== key) this.#terminal.out(`${gap}${heading}\n`);
    this.#last = key;
    this.#terminal.out(text);
  }
}
