/** Named alarms on one clock: setting one again takes the earlier one back. */
import type { Clock } from '../core/ports.ts';

export class Alarms {
  readonly #clock: Clock;
  readonly #takeBack = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(name: string, atMs: number, call: () => void): void {
    this.drop(name);
    this.#takeBack.set(name, this.#clock.at(atMs, call));
  }

  drop(name: string): void {
    this.#takeBack.get(name)?.();
    this.#takeBack.delete(name);
  }

  dropAll(): void {
    for (const name of [...this.#takeBack.keys()]) this.drop(name);
  }
}
