/**
 * How often each label followed one context: plain counts and fading ones, of a bounded number of labels.
 * A full row gives up its rarest label; what it gave up stays in the totals, so evidence is never overstated.
 */
const FADE = 0.8;

export type CountRowState = readonly [number, number, number[], number[], number[]];

export class CountRow {
  readonly ids: number[] = [];
  readonly counts: number[] = [];
  readonly fading: number[] = [];
  total = 0;
  fadingTotal = 0;

  static restore([total, fadingTotal, ids, counts, fading]: CountRowState): CountRow {
    const row = new CountRow();
    row.total = total;
    row.fadingTotal = fadingTotal;
    row.ids.push(...ids);
    row.counts.push(...counts);
    row.fading.push(...fading);
    return row;
  }

  snapshot(): CountRowState {
    return [this.total, this.fadingTotal, [...this.ids], [...this.counts], [...this.fading]];
  }

  add(id: number, labelsMax: number): void {
    for (let i = 0; i < this.fading.length; i += 1) this.fading[i] = (this.fading[i] as number) * FADE;
    this.fadingTotal = this.fadingTotal * FADE + 1;
    this.total += 1;
    let at = this.ids.indexOf(id);
    if (at < 0) {
      at = this.ids.length < labelsMax ? this.ids.length : this.#rarest();
      this.ids[at] = id;
      this.counts[at] = 0;
      this.fading[at] = 0;
    }
    this.counts[at] = (this.counts[at] as number) + 1;
    this.fading[at] = (this.fading[at] as number) + 1;
  }

  countOf(id: number): number {
    return this.counts[this.ids.indexOf(id)] ?? 0;
  }

  /** The most counted labels, in no order. */
  top(limit: number): readonly number[] {
    if (this.ids.length <= limit) return this.ids;
    return [...this.ids.keys()]
      .sort((a, b) => (this.counts[b] as number) - (this.counts[a] as number))
      .slice(0, limit)
      .map((at) => this.ids[at] as number);
  }

  #rarest(): number {
    let rarest = 0;
    for (let i = 1; i < this.ids.length; i += 1) {
      const fewer = (this.counts[i] as number) - (this.counts[rarest] as number);
      const older = (this.fading[i] as number) < (this.fading[rarest] as number);
      if (fewer < 0 || (fewer === 0 && older)) rarest = i;
    }
    return rarest;
  }
}
