/**
 * The runs that a host drives, and whose turn it is. A run gets a turn when it has asked for one, or waits for a slot;
 * who has the higher priority decides first, then whoever started something least recently.
 */
import type { RunDriver } from './run-driver.ts';

export class Turns {
  /** In the order in which they started something last. */
  readonly #drivers = new Map<string, RunDriver>();
  readonly #asked = new Set<RunDriver>();

  get size(): number {
    return this.#drivers.size;
  }

  /** The live order: what is added or served while it is walked through comes last. */
  all(): Iterable<RunDriver> {
    return this.#drivers.values();
  }

  of(runId: string): RunDriver | undefined {
    return this.#drivers.get(runId);
  }

  holds(driver: RunDriver): boolean {
    return this.#drivers.get(driver.runId) === driver;
  }

  add(driver: RunDriver): void {
    this.#drivers.set(driver.runId, driver);
  }

  drop(driver: RunDriver): void {
    this.#drivers.delete(driver.runId);
    this.#asked.delete(driver);
  }

  ask(driver: RunDriver): void {
    this.#asked.add(driver);
  }

  servedLast(driver: RunDriver): void {
    this.#drivers.delete(driver.runId);
    this.#drivers.set(driver.runId, driver);
  }

  /**
   * The runs whose turn it is now.
   * @param absorb called for those that asked, before it is seen who waits for a slot: it may free some
   */
  take(absorb: (driver: RunDriver) => void): readonly RunDriver[] {
    const asked = new Set(this.#asked);
    this.#asked.clear();
    for (const driver of asked) absorb(driver);
    const turn = [...this.#drivers.values()].filter((driver) => asked.has(driver) || driver.hungry);
    return turn.sort((a, b) => b.priority - a.priority);
  }
}
