/**
 * Step logs on their way to stdout: what is there, then what comes. Owns which attempts are read and how far; where
 * the bytes lie is for the host's log reader. Where several steps write, a heading says whose lines follow.
 * Secrets are masked: of what may be the beginning of one nothing is written until it is known how it goes on.
 */
import type { JournalEvent } from '../engine/core/events.ts';
import type { Workflow } from '../engine/core/model.ts';
import type { RunState, StepState } from '../engine/core/state.ts';
import { maskedPart, secretBytesMax } from '../engine/host/mask.ts';
import { readStepLog } from '../engine/host/process/step-log.ts';
import { type LogAccess, withheldLog } from '../tools/shown-log.ts';
import type { Terminal } from './terminal.ts';

const CHUNK_BYTES = 256 * 1024;
/** Where the last lines are looked for. */
const TAIL_BYTES = 8 * 1024 * 1024;

/** Events after which an attempt writes no more; others (a note, a question) happen while it goes on. */
const ENDS: ReadonlySet<string> = new Set([
  'step.started',
  'step.succeeded',
  'step.failed',
  'step.retry_scheduled',
  'step.interrupted',
]);

interface OpenLog {
  readonly key: string;
  /** Sequence number of the attempt's start. */
  readonly seq: number;
  /** Says what is a secret in it. */
  readonly workflow: Workflow;
  nextByte: number;
  /** What was read and may be needed yet, of which so many characters are written, or not to be. */
  text: string;
  written: number;
}

export class LogFollower {
  readonly #logs: LogAccess;
  readonly #terminal: Terminal;
  /** Only this step and what is inside it; undefined for the whole run. */
  readonly #only: string | undefined;
  readonly #open = new Map<string, OpenLog>();
  #last: string | undefined;

  constructor(logs: LogAccess, terminal: Terminal, only: string | undefined) {
    this.#logs = logs;
    this.#terminal = terminal;
    this.#only = only;
  }

  /** Writes the last attempt of each step, or its last lines, and goes on with those that run. */
  show(run: RunState, tailLines: number | undefined): void {
    for (const step of run.byKey.values()) {
      if (!(step.process || step.call) || step.seq === undefined || !this.#wants(step)) continue;
      const log = this.#openLog(run, step.key, step.seq);
      if (!log) continue;
      if (tailLines !== undefined) this.#skipTo(run.runId, log, tailLines);
      const isRunning = step.status === 'running';
      this.#drain(run.runId, log, !isRunning);
      if (isRunning) this.#open.set(step.key, log);
    }
  }

  /** For `watchRun`. */
  readonly event = (run: RunState, { event, seq }: JournalEvent): void => {
    if (!('step' in event)) return;
    const step = run.byKey.get(event.step);
    if (!step || !this.#wants(step)) return;
    const open = this.#open.get(step.key);
    const isOver = ENDS.has(event.type);
    if (open) this.#drain(run.runId, open, isOver);
    if (isOver) this.#open.delete(step.key);
    if (event.type !== 'step.started' || !(event.process || event.call)) return;
    const log = this.#openLog(run, step.key, seq);
    if (log) this.#open.set(step.key, log);
  };

  /** Writes what has come since. */
  poll(runId: string): void {
    for (const log of this.#open.values()) this.#drain(runId, log, false);
  }

  #wants(step: StepState): boolean {
    if (this.#only === undefined) return true;
    for (let at: StepState | undefined = step; at; at = at.frame.owner)
      if (at.key === this.#only) return true;
    return false;
  }

  /** Undefined where it must not be shown, which is said. */
  #openLog(run: RunState, key: string, seq: number): OpenLog | undefined {
    const withheld = withheldLog(this.#logs, run, { runId: run.runId, seq });
    if (withheld === undefined)
      return { key, seq, workflow: run.workflow, nextByte: 0, text: '', written: 0 };
    this.#write(key, withheld);
    return undefined;
  }

  /** To its last lines. What stands before them is read too: a secret may begin there. */
  #skipTo(runId: string, log: OpenLog, tailLines: number): void {
    const { home } = this.#logs;
    const attempt = { runId, seq: log.seq };
    const tail = readStepLog(home, attempt, { tailLines, bytesMax: TAIL_BYTES });
    const bytesMax = Math.min(tail.fromByte, secretBytesMax(log.workflow));
    log.text = readStepLog(home, attempt, { fromByte: tail.fromByte - bytesMax, bytesMax }).text;
    log.written = log.text.length;
    log.nextByte = tail.fromByte;
  }

  #drain(runId: string, log: OpenLog, isOver: boolean): void {
    for (;;) {
      const attempt = { runId, seq: log.seq };
      const { text, nextByte } = readStepLog(this.#logs.home, attempt, {
        fromByte: log.nextByte,
        bytesMax: CHUNK_BYTES,
      });
      log.nextByte = nextByte;
      log.text += text;
      this.#show(log, isOver && text === '');
      if (text === '') return;
    }
  }

  #show(log: OpenLog, isOver: boolean): void {
    const { shown, next } = maskedPart(log.workflow, log.text, log.written, isOver);
    log.text = log.text.slice(next);
    log.written = Math.max(0, log.written - next);
    if (shown !== '') this.#write(log.key, shown);
  }

  #write(key: string, text: string): void {
    const gap = this.#last === undefined ? '' : '\n';
    const heading = this.#terminal.style('out').bold(`==> ${key} <==`);
    if (this.#only !== key && this.#last !== key) this.#terminal.out(`${gap}${heading}\n`);
    this.#last = key;
    this.#terminal.out(text);
  }
}
