/**
 * What followed each context: own counts, which are learned, and beside them what is usual elsewhere (`Habits`), which
 * never changes. Predictions read both as one row; reasons read the own one, so that they say only what was seen here.
 */
import { type CountRow, CountTable, type CountTableState } from './count-table.ts';

export class ContextCounts {
  readonly #own: CountTable;
  readonly #usual: CountTable | undefined;

  constructor(rowsMax: number, labelsMax: number, usual: CountTable | undefined) {
    this.#own = new CountTable(rowsMax, labelsMax);
    this.#usual = usual;
  }

  get(key: number): CountRow | undefined {
    return joined(this.#own.get(key), this.#usual?.get(key));
  }

  own(key: number): CountRow | undefined {
    return this.#own.get(key);
  }

  usual(key: number): CountRow | undefined {
    return this.#usual?.get(key);
  }

  add(key: number, id: number): void {
    this.#own.add(key, id);
  }

  /** The own counts; what is usual comes with the program. */
  snapshot(): CountTableState {
    return this.#own.snapshot();
  }

  restore(state: CountTableState): void {
    this.#own.restore(state);
  }
}

function joined(own: CountRow | undefined, usual: CountRow | undefined): CountRow | undefined {
  if (!own || !usual) return own ?? usual;
  const size = own.ids.length;
  const ids = new Int32Array(size + usual.ids.length);
  const counts = new Uint32Array(ids.length);
  const fading = new Float32Array(ids.length);
  ids.set(own.ids);
  counts.set(own.counts);
  fading.set(own.fading);
  let to = size;
  for (let from = 0; from < usual.ids.length; from += 1) {
    const id = usual.ids[from] as number;
    const known = own.ids.indexOf(id);
    const at = known < 0 ? to : known;
    ids[at] = id;
    counts[at] = (counts[at] as number) + (usual.counts[from] as number);
    fading[at] = (fading[at] as number) + (usual.fading[from] as number);
    to += known < 0 ? 1 : 0;
  }
  return {
    ids: ids.subarray(0, to),
    counts: counts.subarray(0, to),
    fading: fading.subarray(0, to),
    total: own.total + usual.total,
    fadingTotal: own.fadingTotal + usual.fadingTotal,
  };
}
