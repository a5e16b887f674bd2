/**
 * Looks at the log files of one attempt while it runs: keeps them within their limit, and keeps the order of
 * streams that are written apart. Owns the `.marks` file. Nothing is held in memory but sizes.
 * 1. Steps write with O_APPEND, so a file may be cut under them: the first bytes always stay.
 * 2. A mark is a line `<bytes of out> <bytes of err>`; what lies between two marks came out-first, as far as anyone saw.
 */
import { appendFileSync, statSync, truncateSync } from 'node:fs';
import type { AttemptRef } from '../../core/ports.ts';
import type { ProcessSpec } from '../../core/step-type.ts';
import { attemptPath } from './attempt-files.ts';

export class LogWatch {
  readonly #path: (kind: 'log' | 'out' | 'err' | 'marks') => string;
  readonly #bytesMax: number;
  readonly #apart: boolean;
  /** What each separate stream may keep, fixed when the limit was met. */
  #share: { readonly out: number; readonly err: number } | undefined;
  #marked = '0 0';
  truncated = false;

  constructor(home: string, attempt: AttemptRef, terms: Pick<ProcessSpec, 'separate' | 'logBytesMax'>) {
    this.#path = (kind) => attemptPath(home, attempt, kind);
    this.#bytesMax = terms.logBytesMax;
    this.#apart = terms.separate.length > 0;
  }

  /** Cuts what is too long, marks what is new; true when it had to cut. */
  look(): boolean {
    const over = this.#apart ? this.#lookApart() : cut(this.#path('log'), this.#size('log'), this.#bytesMax);
    this.truncated ||= over;
    return over;
  }

  #lookApart(): boolean {
    const out = this.#size('out');
    const err = this.#size('err');
    if (this.#share === undefined && out + err > this.#bytesMax) {
      const half = Math.floor(this.#bytesMax / 2);
      const errShare = Math.min(err, Math.max(half, this.#bytesMax - out));
      this.#share = { out: this.#bytesMax - errShare, err: errShare };
    }
    const { out: outMax, err: errMax } = this.#share ?? { out, err };
    const outCut = cut(this.#path('out'), out, outMax);
    const errCut = cut(this.#path('err'), err, errMax);
    this.#mark(Math.min(out, outMax), Math.min(err, errMax));
    return outCut || errCut;
  }

  #mark(out: number, err: number): void {
    const mark = `${out} ${err}`;
    if (mark === this.#marked) return;
    try {
      appendFileSync(this.#path('marks'), `${mark}\n`, { mode: 0o600 });
      this.#marked = mark;
    } catch {
      // A full disk loses order, not output; the next look tries again.
    }
  }

  #size(kind: 'log' | 'out' | 'err'): number {
    return statSync(this.#path(kind), { throwIfNoEntry: false })?.size ?? 0;
  }
}

function cut(path: string, bytes: number, bytesMax: number): boolean {
  if (bytes <= bytesMax) return false;
  truncateSync(path, bytesMax);
  return true;
}
