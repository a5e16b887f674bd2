/**
 * Plain data as pieces of bytes: a head, then its typed arrays, which are most of a large state, one behind the other in
 * pieces of a bounded size. So nothing large is made at once, and most of what is read back is views of the pieces.
 */
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';

const KINDS = [Uint8Array, Uint16Array, Uint32Array, Int32Array, Float32Array, Float64Array];
/** Each array begins where any kind may. */
const ALIGNED_BYTES = 8;

type FlatArray = InstanceType<(typeof KINDS)[number]>;

/**
 * A multiple of what arrays are aligned by. First comes the number of the piece; an array that is longer than what is left
 * goes on in the next one.
 */
const PIECE_BYTES = 1024 * 1024;
const NUMBER_BYTES = ALIGNED_BYTES;

/** The first place from there where an array may begin. */
const aligned = (at: number): number => Math.ceil(at / ALIGNED_BYTES) * ALIGNED_BYTES;

const numberOf = ({ buffer, byteOffset }: Uint8Array): Float64Array =>
  new Float64Array(buffer as ArrayBuffer, byteOffset, 1);

class Flattener extends DefaultSerializer {
  readonly arrays: FlatArray[] = [];

  _writeHostObject(array: FlatArray): void {
    const kind = KINDS.findIndex((each) => array instanceof each);
    if (kind < 0) throw new TypeError('expected plain data');
    this.writeUint32(kind);
    this.writeUint32(array.length);
    this.arrays.push(array);
  }
}

class Unflattener extends DefaultDeserializer {
  /** Those that are not read yet, and where the next array begins in the first of them. */
  readonly #pieces: Uint8Array[];
  #at = 0;
  /** Bytes of all of them. */
  #left: number;

  constructor(head: Uint8Array, pieces: readonly Uint8Array[]) {
    super(head);
    if (pieces.some((piece, at) => numberOf(piece)[0] !== at))
      throw new RangeError('expected pieces in order');
    this.#pieces = pieces.map((piece) => piece.subarray(NUMBER_BYTES));
    this.#left = this.#pieces.reduce((sum, { length }) => sum + length, 0);
  }

  _readHostObject(): FlatArray {
    const kind = KINDS[this.readUint32()] as (typeof KINDS)[number];
    const length = this.readUint32();
    const { buffer, byteOffset } = this.#take(length * kind.BYTES_PER_ELEMENT);
    return new kind(buffer as ArrayBuffer, byteOffset, length);
  }

  /** A view where the bytes lie in one piece, else a copy. */
  #take(length: number): Uint8Array {
    if (length > this.#left) throw new RangeError('expected pieces that hold the arrays');
    this.#left -= length;
    const [first] = this.#pieces;
    if (first && this.#at + length <= first.length) return this.#next(length);
    const whole = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const part = this.#next(length - filled);
      whole.set(part, filled);
      filled += part.length;
    }
    return whole;
  }

  /** So many bytes, or what is left of the first piece. */
  #next(length: number): Uint8Array {
    const piece = this.#pieces[0] as Uint8Array;
    const part = piece.subarray(this.#at, this.#at + length);
    this.#at = aligned(this.#at + part.length);
    if (this.#at >= piece.length) {
      this.#pieces.shift();
      this.#at = 0;
    }
    return part;
  }
}

/** The head, then the other pieces. Each is good until the next one is asked for; until then the state must stay as it is. */
export function flatten(state: unknown): Generator<Uint8Array, void> {
  const flattener = new Flattener();
  flattener.writeHeader();
  flattener.writeValue(state);
  return piecesOf(flattener.releaseBuffer(), flattener.arrays);
}

/** Throws where the pieces do not fit each other. Each but the head begins where any array may. */
export function unflatten(head: Uint8Array, pieces: readonly Uint8Array[]): unknown {
  const unflattener = new Unflattener(head, pieces);
  unflattener.readHeader();
  return unflattener.readValue();
}

/** Lets go of each array as soon as it is done with it. */
function* piecesOf(head: Uint8Array, arrays: FlatArray[]): Generator<Uint8Array, void> {
  yield head;
  const piece = new Uint8Array(PIECE_BYTES);
  const number = numberOf(piece);
  let filled = NUMBER_BYTES;
  for (let array = arrays.shift(); array; array = arrays.shift()) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let from = 0; from < bytes.length; ) {
      const part = bytes.subarray(from, from + PIECE_BYTES - filled);
      piece.set(part, filled);
      from += part.length;
      filled = aligned(filled + part.length);
      if (filled < PIECE_BYTES) continue;
      yield piece;
      number[0] = (number[0] as number) + 1;
      filled = NUMBER_BYTES;
    }
  }
  if (filled > NUMBER_BYTES) yield piece.subarray(0, filled);
}
