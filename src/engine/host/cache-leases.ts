/** What the steps of one run are making for others: says from time to time that they are still at it. */
import { LEASE_RENEW_MS } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';
import type { CacheHolder, StepCache } from '../core/step-cache.ts';
import type { CacheSubject } from './cache-subject.ts';

export interface Making {
  readonly key: string;
  /** Known where this host has looked itself. */
  readonly subject?: CacheSubject;
}

export interface LeasePorts {
  readonly clock: Clock;
  readonly runId: string;
  /** Does nothing where the cache cannot be used. */
  use(act: (cache: StepCache) => void): void;
}

export class CacheLeases {
  readonly #ports: LeasePorts;
  /** By step. */
  readonly #making = new Map<string, Making>();
  #renewal: (() => void) | undefined;

  constructor(ports: LeasePorts) {
    this.#ports = ports;
  }

  /** The same for every host of the run. */
  hold(step: string, key: string): CacheHolder {
    const { runId, clock } = this.#ports;
    return { key, holder: `${runId}/${step}`, nowMs: clock.now() };
  }

  of(step: string): Making | undefined {
    return this.#making.get(step);
  }

  steps(): readonly string[] {
    return [...this.#making.keys()];
  }

  /** The step makes it: it holds the lease already. */
  take(step: string, making: Making): void {
    this.#making.set(step, making);
    this.#renewLater();
  }

  /** Right now, and then again and again. */
  renew(): void {
    this.#renewal?.();
    this.#renewal = undefined;
    if (this.#making.size === 0) return;
    const holds = [...this.#making].map(([step, { key }]) => this.hold(step, key));
    this.#ports.use((cache) => cache.renew(holds));
    this.#renewLater();
  }

  #renewLater(): void {
    const { clock } = this.#ports;
    this.#renewal ??= clock.at(clock.now() + LEASE_RENEW_MS, () => this.renew());
  }

  /** The step makes it no more. */
  leave(step: string): void {
    const making = this.#making.get(step);
    this.#making.delete(step);
    if (making) this.#ports.use((cache) => cache.release(this.hold(step, making.key)));
  }

  /** Whoever drives the run from here renews what is left. */
  stop(): void {
    this.#renewal?.();
    this.#renewal = undefined;
  }
}
