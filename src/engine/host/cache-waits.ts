/** Steps that wait while another makes the result that they want: looks from time to time whether it is there. */
import { CACHE_LOOK_MS } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';

export interface WaitPorts {
  readonly clock: Clock;
  /** The result is still being made, and the step still wants it. */
  goesOn(step: string, key: string): boolean;
  /** A wait is over. */
  ended(): void;
}

export class CacheWaits {
  readonly #ports: WaitPorts;
  /** By step: what ends its wait. */
  readonly #waiting = new Map<string, () => void>();

  constructor(ports: WaitPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(step: string): boolean {
    return this.#waiting.has(step);
  }

  begin(step: string, key: string): void {
    const { clock, goesOn, ended } = this.#ports;
    const look = () => {
      this.#waiting.delete(step);
      if (goesOn(step, key)) this.begin(step, key);
      else ended();
    };
    this.#waiting.set(step, clock.at(clock.now() + CACHE_LOOK_MS, look));
  }

  /** Nobody waits any more. */
  stop(): void {
    for (const end of this.#waiting.values()) end();
    this.#waiting.clear();
  }
}
