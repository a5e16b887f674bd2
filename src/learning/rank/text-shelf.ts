/**
 * Texts at numbered places, in one buffer: a text costs its bytes and no object. A text that is replaced leaves a gap;
 * when there is no room left, what is still there moves together into a buffer that has some.
 */
import { must, mustArray } from '../state-check.ts';

const BYTES_MIN = 1024;
const GROWTH = 1.5;
const COPIED_BYTES_MIN = 200;
const BEYOND_ONE_BYTE = /[\u0100-\uffff]/;

/** The texts one behind the other, in the order of their places. */
export interface TextShelfState {
  readonly bytes: Uint8Array;
  /** By place: how many bytes, twice; one more where a character takes two bytes. */
  readonly sizes: Uint32Array;
}

export class TextShelf {
  #bytes = Buffer.allocUnsafeSlow(BYTES_MIN);
  #from = new Uint32Array(0);
  #sizes = new Uint32Array(0);
  #end = 0;
  #used = 0;

  /** Bytes of all texts. */
  get used(): number {
    return this.#used;
  }

  /** The text there; empty where none was put. */
  get(place: number): string {
    const size = this.#sizes[place] ?? 0;
    if (size === 0) return '';
    const from = this.#from[place] as number;
    return this.#bytes.toString(encodingOf(size), from, from + (size >>> 1));
  }

  /** Puts the text there instead of the one that is. */
  set(place: number, text: string): void {
    if (place >= this.#sizes.length) this.#makePlaces(Math.max(64, 2 * place));
    const isWide = BEYOND_ONE_BYTE.test(text);
    const length = isWide ? 2 * text.length : text.length;
    this.#used -= (this.#sizes[place] as number) >>> 1;
    this.#sizes[place] = 0;
    if (this.#end + length > this.#bytes.length) this.#close(length);
    const size = 2 * length + (isWide ? 1 : 0);
    this.#bytes.write(text, this.#end, encodingOf(size));
    this.#from[place] = this.#end;
    this.#sizes[place] = size;
    this.#end += length;
    this.#used += length;
  }

  /** Of the first `places` places. */
  snapshot(places: number): TextShelfState {
    const sizes = new Uint32Array(places);
    sizes.set(this.#sizes.subarray(0, places));
    const bytes = new Uint8Array(this.#used);
    this.#copyInto(bytes);
    return { bytes, sizes };
  }

  /** Becomes the shelf the snapshot was taken of. */
  restore({ bytes, sizes }: TextShelfState, places: number): void {
    must(bytes instanceof Uint8Array, 'the bytes of texts');
    mustArray(sizes, Uint32Array, places);
    this.#from = new Uint32Array(places);
    let end = 0;
    for (let place = 0; place < places; place += 1) {
      const size = sizes[place] as number;
      must((size & 1) === 0 || (size & 2) === 0, 'whole characters');
      this.#from[place] = end;
      end += size >>> 1;
    }
    must(end === bytes.length, 'all bytes of all texts');
    this.#sizes = sizes.slice();
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(BYTES_MIN, end));
    this.#bytes.set(bytes);
    this.#end = end;
    this.#used = end;
  }

  #makePlaces(count: number): void {
    const [from, sizes] = [this.#from, this.#sizes];
    this.#from = new Uint32Array(count);
    this.#from.set(from);
    this.#sizes = new Uint32Array(count);
    this.#sizes.set(sizes);
  }

  /** Closes all gaps, and leaves room for so many bytes and some more. */
  #close(length: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.ceil(Math.max(BYTES_MIN, (this.#used + length) * GROWTH)));
    this.#end = this.#copyInto(bytes, this.#from);
    this.#bytes = bytes;
  }

  /** Copies the texts one behind the other, and notes where each begins then; how many bytes they are. */
  #copyInto(bytes: Uint8Array, begins?: Uint32Array): number {
    let to = 0;
    for (let place = 0; place < this.#sizes.length; place += 1) {
      const length = (this.#sizes[place] as number) >>> 1;
      if (length === 0) continue;
      const from = this.#from[place] as number;
      if (begins) begins[place] = to;
      // most texts are too short for a copy of a range to be worth its call
      if (length > COPIED_BYTES_MIN) bytes.set(this.#bytes.subarray(from, from + length), to);
      else for (let at = 0; at < length; at += 1) bytes[to + at] = this.#bytes[from + at] as number;
      to += length;
    }
    return to;
  }
}

const encodingOf = (size: number): BufferEncoding => ((size & 1) === 1 ? 'utf16le' : 'latin1');
