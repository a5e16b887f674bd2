/**
 * Due times by key, as a binary heap with an index, so that setting, moving and dropping one of many
 * timers costs O(log n) and the due ones are found without looking at the rest.
 * Invariants: 1. `slots` maps each key to its place in `heap`. 2. A parent is never later than its children.
 */
export interface Timer {
  readonly key: string;
  readonly at: number;
}

export class TimerQueue {
  readonly #heap: Timer[] = [];
  readonly #slots = new Map<string, number>();

  get size(): number {
    return this.#heap.length;
  }

  /** Earliest due time; undefined when there is none. */
  get next(): number | undefined {
    return this.#heap[0]?.at;
  }

  set(key: string, at: number): void {
    this.drop(key);
    this.#heap.push({ key, at });
    this.#slots.set(key, this.#heap.length - 1);
    this.#up(this.#heap.length - 1);
  }

  drop(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    const last = this.#heap.pop();
    this.#slots.delete(key);
    if (last === undefined || last.key === key) return;
    this.#place(last, slot);
    this.#up(slot);
    this.#down(slot);
  }

  /** Timers due at `now`, earliest first. Looks only at due nodes and their children. */
  due(now: number): readonly Timer[] {
    const found: Timer[] = [];
    const open = [0];
    for (let slot = open.pop(); slot !== undefined; slot = open.pop()) {
      const timer = this.#heap[slot];
      if (!timer || timer.at > now) continue;
      found.push(timer);
      open.push(2 * slot + 2, 2 * slot + 1);
    }
    return found.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  }

  /** The first `limit` timers that are due, earliest first. Costs the square of `limit`, however many are due. */
  firstDue(now: number, limit: number): readonly Timer[] {
    const found: Timer[] = [];
    const open = [0];
    while (found.length < limit && open.length > 0) {
      let first = 0;
      for (const [place, slot] of open.entries()) if (this.#isBefore(slot, open[first] ?? 0)) first = place;
      const [slot = 0] = open.splice(first, 1);
      const timer = this.#heap[slot];
      if (!timer || timer.at > now) continue;
      found.push(timer);
      open.push(2 * slot + 1, 2 * slot + 2);
    }
    return found;
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (!first || !second) return first !== undefined;
    return first.at < second.at;
  }

  /** Earliest time after `now`. Looks only at due nodes and their children. */
  nextAfter(now: number): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    const open = [0];
    for (let slot = open.pop(); slot !== undefined; slot = open.pop()) {
      const timer = this.#heap[slot];
      if (!timer) continue;
      if (timer.at > now) next = Math.min(next, timer.at);
      else open.push(2 * slot + 2, 2 * slot + 1);
    }
    return Number.isFinite(next) ? next : undefined;
  }

  #place(timer: Timer, slot: number): void {
    this.#heap[slot] = timer;
    this.#slots.set(timer.key, slot);
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (!first || !second) return;
    this.#place(second, a);
    this.#place(first, b);
  }

  #at(slot: number): number {
    return this.#heap[slot]?.at ?? Number.POSITIVE_INFINITY;
  }

  #up(from: number): void {
    let slot = from;
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      if (this.#at(parent) <= this.#at(slot)) return;
      this.#swap(slot, parent);
      slot = parent;
    }
  }

  #down(from: number): void {
    let slot = from;
    for (;;) {
      const left = 2 * slot + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(child) >= this.#at(slot)) return;
      this.#swap(slot, child);
      slot = child;
    }
  }
}
