/**
 * The two streams out, the person behind them, and the ways they go away, as one injectable thing.
 * 1. A reader that has left (`belay list | head`) ends nothing with an error: what is written after that is dropped.
 * 2. Prompts go to stderr, so that stdout stays the answer.
 */

import { createInterface } from 'node:readline';
import { isInsideStep } from './inside-step.ts';
import { colour, plain, type Style } from './style.ts';

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** A person can be asked here: they see stderr and type into stdin. */
  readonly interactive: boolean;
  /** A person surely sits here: stdin and stderr are terminals, and no step of a run has started this program. */
  readonly human: boolean;
  /** The stream is a terminal whose last line can be written over. */
  isLive(stream: 'out' | 'err'): boolean;
  columns(): number;
  style(stream: 'out' | 'err'): Style;
  /** One line from the person; undefined when they end the input or interrupt. */
  ask(prompt: string): Promise<string | undefined>;
  /** Calls back at each interrupt (Ctrl-C) until taken back. */
  onInterrupt(call: () => void): () => void;
  /** Aborts when nobody reads stdout any more. */
  readonly gone: AbortSignal;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const gone = new AbortController();
  stdout.on('error', () => gone.abort());
  stderr.on('error', () => {});
  const streams = { out: stdout, err: stderr };
  const isColoured = (stream: 'out' | 'err') =>
    (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb' && streams[stream].isTTY === true;
  return {
    out: (text) => {
      if (!gone.signal.aborted) stdout.write(text);
    },
    err: (text) => {
      stderr.write(text);
    },
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    human: stdin.isTTY === true && stderr.isTTY === true && !isInsideStep(),
    isLive: (stream) => streams[stream].isTTY === true && env.TERM !== 'dumb',
    columns: () => stdout.columns ?? stderr.columns ?? 80,
    style: (stream) => (isColoured(stream) ? colour : plain),
    ask: askLine,
    onInterrupt: (call) => {
      process.on('SIGINT', call);
      return () => process.off('SIGINT', call);
    },
    gone: gone.signal,
  };
}

function askLine(prompt: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    const end = (line?: string) => {
      resolve(line);
      lines.close();
    };
    lines.on('SIGINT', () => end());
    lines.on('close', () => end());
    lines.question(prompt, end);
  });
}
