/**
 * A run's events as lines: `[3/8] build … ok 1.2s`. On a terminal the last line shows what runs now and is written
 * over; elsewhere only what has ended is told.
 * 1. While a live line stands, everything else on its stream is written through `line`, or after `clear`.
 */

import { bytesText } from '../engine/core/bytes-text.ts';
import type { EventOf, JournalEvent } from '../engine/core/events.ts';
import { isActionable } from '../engine/core/rollback-state.ts';
import type { RunState, StepState } from '../engine/core/state.ts';
import { printable, type Style } from './style.ts';
import type { Terminal } from './terminal.ts';
import { durationText } from './time-text.ts';

const ERASE_LINE = '\r\u001b[2K';
/** Running steps that the live line names. */
const NAMED_MAX = 4;

export class Progress {
  readonly #terminal: Terminal;
  readonly #stream: 'out' | 'err';
  readonly #style: Style;
  readonly #live: boolean;
  #shown = false;

  /** @param stream where the lines go: stderr when stdout holds a document */
  constructor(terminal: Terminal, stream: 'out' | 'err') {
    this.#terminal = terminal;
    this.#stream = stream;
    this.#style = terminal.style(stream);
    this.#live = terminal.isLive(stream);
  }

  /** For `watchRun`. */
  readonly event = (run: RunState, entry: JournalEvent): void => {
    const text = lineOf(run, entry, this.#style);
    if (text !== undefined) this.line(`${counter(run, entry, this.#style)} ${text}`);
    this.#showRunning(run);
  };

  line(text: string): void {
    this.clear();
    this.#terminal[this.#stream](`${text}\n`);
  }

  /** Takes the live line away; the next event brings it back. */
  clear(): void {
    if (this.#shown) this.#terminal[this.#stream](ERASE_LINE);
    this.#shown = false;
  }

  #showRunning(run: RunState): void {
    if (!this.#live) return;
    this.clear();
    const keys = [...run.running].map((step) => step.key);
    if (keys.length === 0) return;
    const more = keys.length > NAMED_MAX ? ` and ${keys.length - NAMED_MAX} more` : '';
    const text = `[${run.done}/${run.total}] ${keys.slice(0, NAMED_MAX).join(', ')}${more} …`;
    this.#terminal[this.#stream](text.slice(0, this.#terminal.columns() - 1));
    this.#shown = true;
  }
}

function counter(run: RunState, { event }: JournalEvent, style: Style): string {
  const items = (run.unwind?.items ?? []).filter(isActionable);
  const isUndoing = /^(unwind|undo|restore)\./.test(event.type) || isUndoStep(run, event);
  if (!isUndoing || items.length === 0) return style.dim(`[${run.done}/${run.total}]`);
  const ended = items.filter(({ status }) => status === 'done' || status === 'failed').length;
  return style.dim(`[undo ${ended}/${items.length}]`);
}

const isUndoStep = (run: RunState, event: JournalEvent['event']): boolean =>
  'step' in event && run.byKey.get(event.step ?? '')?.frame.root === 'undo';

/** Undefined for events that are not worth a line. */
function lineOf(run: RunState, { event }: JournalEvent, style: Style): string | undefined {
  if (event.type === 'run.resumed') return `resumed by ${event.by}`;
  if (event.type === 'run.cancel_requested') return style.yellow(`cancel asked for by ${event.by}`);
  if (event.type === 'cleanup.started') return 'cleaning up';
  const told = rollbackLineOf(event, style);
  if (told !== undefined) return told;
  if (!('step' in event) || event.step === undefined) return undefined;
  const step = run.byKey.get(event.step);
  // a block has no line of its own: its steps have
  if (step === undefined || (step.layer !== 'task' && event.type !== 'step.skipped')) return undefined;
  const ending = endingOf(step, event, style);
  return ending === undefined ? undefined : `${step.key} … ${ending}`;
}

/** What is told of checkpoints and of taking the run back. */
function rollbackLineOf(event: JournalEvent['event'], style: Style): string | undefined {
  switch (event.type) {
    case 'checkpoint.taken': {
      // one that nobody asked for and that holds everything is worth no line
      if (event.why === 'automatic' && event.omitted_count === undefined) return undefined;
      const what = event.why === 'rescue' ? 'the files as they are' : event.checkpoint;
      const omitted = event.omitted_count === undefined ? '' : `, ${event.omitted_count} not held`;
      return `checkpoint: ${what} (${event.files} files, ${bytesText(event.bytes)}${omitted})`;
    }
    case 'checkpoint.skipped':
      return style.yellow(why(event.reason));
    case 'unwind.requested': {
      const to = event.checkpoint === undefined ? '' : ` to checkpoint ${event.checkpoint}`;
      return style.yellow(`rollback (${event.strategy})${to} asked for by ${event.by}`);
    }
    case 'undo.succeeded':
      return `${event.step} … ${style.green('undone')}`;
    case 'undo.failed':
      return `${event.step} … ${style.red('not undone')}: ${why(event.failure.message)}`;
    case 'restore.finished':
      return restoredLine(event, style);
    default:
      return undefined;
  }
}

function restoredLine(event: EventOf<'restore.finished'>, style: Style): string {
  const { checkpoint, result, created, changed, deleted, kept } = event;
  const counts = `${created} created, ${changed} changed, ${deleted} deleted${kept > 0 ? `, ${kept} kept` : ''}`;
  const word = result === 'complete' ? style.green('back') : style.red(`not all back (${result})`);
  return `files of checkpoint ${checkpoint} … ${word}: ${counts}`;
}

function endingOf(step: StepState, event: JournalEvent['event'], style: Style): string | undefined {
  switch (event.type) {
    case 'step.succeeded':
      return `${style.green('ok')} ${took(step)}`;
    case 'step.failed':
      return step.status === 'soft_failed'
        ? `${style.yellow('failed, the run goes on')} ${took(step)}: ${why(event.failure.message)}`
        : `${step.status === 'cancelled' ? style.yellow('cancelled') : style.red('failed')} ${took(step)}: ${why(event.failure.message)}`;
    case 'step.skipped':
      return `${style.dim('skipped')}: ${why(event.reason)}`;
    case 'step.cached':
      return `${style.green('cached')}: as in run ${event.from.run}`;
    case 'step.retry_scheduled':
      return event.failure === undefined
        ? undefined
        : `${style.yellow('again')}: ${why(event.failure.message)}`;
    case 'step.interrupted':
      return event.again ? style.yellow('interrupted, starts again') : style.red('interrupted');
    case 'question.asked':
      return `${style.yellow('asks')}: ${why(event.prompt)}`;
    default:
      return undefined;
  }
}

function took({ startedAt, finishedAt }: StepState): string {
  return startedAt === undefined || finishedAt === undefined ? '' : durationText(finishedAt - startedAt);
}

/** The first line is enough for a line. */
const why = (text: string): string => printable(text).split('\n')[0] ?? '';
