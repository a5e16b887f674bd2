/**
 * How often each label followed one context: plain counts and fading ones, of at most `max` labels.
 * A full row gives up its rarest label; what it gave up stays in the totals, so evidence is never overstated.
 */
export const FADE = 0.8;

export class CountRow {
  readonly ids: number[] = [];
  readonly counts: number[] = [];
  readonly fading: number[] = [];
  total = 0;
  fadingTotal = 0;

  add(id: number, max: number): void {
    let at = this.ids.indexOf(id);
    for (let i = 0; i < this.fading.length; i += 1) this.fading[i] = (this.fading[i] as number) * FADE;
    this.fadingTotal = this.fadingTotal * FADE + 1;
    this.total += 1;
    if (at < 0) {
      at = this.ids.length < max ? this.ids.length : this.#rarest();
      this.ids[at] = id;
      this.counts[at] = 0;
      this.fading[at] = 0;
    }
    this.counts[at] = (this.counts[at] as number) + 1;
    this.fading[at] = (this.fading[at] as number) + 1;
  }

  #rarest(): number {
    let rarest = 0;
    for (let i = 1; i < this.ids.length; i += 1) {
      const fewer = (this.counts[i] as number) - (this.counts[rarest] as number);
      if (fewer < 0 || (fewer === 0 && (this.fading[i] as number) < (this.fading[rarest] as number))) rarest = i;
    }
    return rarest;
  }
}
