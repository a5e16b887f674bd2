/**
 * Refused requests in the log: who asks for what he does not get. A line a minute for each kind, with how many there were
 * since the last one, so that nobody fills the disk with it. Never a query, a body or a key.
 */
import { log } from '../engine/host/log.ts';

const PAUSE_MS = 60_000;
const KINDS_MAX = 1_000;
const PATH_CHARS_MAX = 200;

export interface Refused {
  readonly status: number;
  readonly method: string;
  /** As the table has it; undefined for what is not in it. */
  readonly route: string | undefined;
  readonly path: string;
  readonly caller: string | undefined;
}

export class RefusalLog {
  /** By kind: when the last line was written, and how many came since. */
  readonly #kinds = new Map<string, { toldAtMs: number; untold: number }>();

  /** @param nowMs of a clock that only goes on */
  add({ path, ...kind }: Refused, nowMs: number): void {
    const key = JSON.stringify(kind);
    const known = this.#kinds.get(key);
    if (known && nowMs - known.toldAtMs < PAUSE_MS) {
      known.untold += 1;
      return;
    }
    if (this.#kinds.size >= KINDS_MAX) this.#kinds.clear();
    this.#kinds.set(key, { toldAtMs: nowMs, untold: 0 });
    const again = known?.untold ? { more: known.untold } : {};
    log.warn({ ...kind, path: path.slice(0, PATH_CHARS_MAX), ...again }, 'a request was refused');
  }
}
