/** Places for rows of one width: each holds that many labels with their counts. A place that is given back is used again. */
export class CountPool {
  readonly width: number;
  ids = new Int32Array(0);
  counts = new Uint32Array(0);
  fading = new Float32Array(0);
  readonly #free: number[] = [];
  #places = 0;

  constructor(width: number) {
    this.width = width;
  }

  /** Makes room for so many places at once. */
  reserve(places: number): void {
    if (places * this.width > this.ids.length) this.#grow(places * this.width);
  }

  /** Where the place begins in the arrays. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const from = this.#places * this.width;
    this.#places += 1;
    if (from + this.width > this.ids.length)
      this.#grow(Math.max(this.width * 4, Math.ceil(this.ids.length * 1.5)));
    return from;
  }

  release(from: number): void {
    this.#free.push(from);
  }

  #grow(length: number): void {
    const [ids, counts, fading] = [this.ids, this.counts, this.fading];
    this.ids = new Int32Array(length);
    this.ids.set(ids);
    this.counts = new Uint32Array(length);
    this.counts.set(counts);
    this.fading = new Float32Array(length);
    this.fading.set(fading);
  }
}
