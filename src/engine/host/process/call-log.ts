/**
 * The log of a call that this process makes, where the logs of step processes lie, so that it is read like theirs.
 * 1. What is beyond the limit is dropped, and so is what the disk does not take: a log never ends a call.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { STEP_LOG_BYTES_MAX } from '../../core/limits.ts';
import type { AttemptRef } from '../../core/ports.ts';
import { attemptPath, makeFolder } from './attempt-files.ts';

export class CallLog {
  readonly #path: string;
  #file: number | undefined;
  #left = STEP_LOG_BYTES_MAX;

  constructor(home: string, attempt: AttemptRef) {
    this.#path = attemptPath(home, attempt, 'log');
  }

  write(chunk: string | Uint8Array): void {
    const bytes = Buffer.from(chunk as Uint8Array).subarray(0, this.#left);
    if (bytes.length === 0) return;
    try {
      this.#file ??= this.#open();
      this.#left -= writeSync(this.#file, bytes);
    } catch {
      this.#left = 0;
    }
  }

  close(): void {
    this.#left = 0;
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): number {
    makeFolder(dirname(this.#path));
    return openSync(this.#path, 'a', 0o600);
  }
}
