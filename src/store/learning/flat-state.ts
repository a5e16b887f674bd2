/**
 * Plain data as pieces of bytes: a head, then its typed arrays, which are most of a large state, some of them in each
 * piece. So nothing large is made at once, and what is read back is views of the pieces, not copies.
 */
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';

const KINDS = [Uint8Array, Uint16Array, Uint32Array, Int32Array, Float32Array, Float64Array];
/** Each array begins where any kind may. */
const ALIGNED_BYTES = 8;

type FlatArray = InstanceType<(typeof KINDS)[number]>;

/** A piece holds whole arrays: so many bytes of them, or one that is larger. */
const PIECE_BYTES = 1024 * 1024;

/** The bytes of an array and the padding behind it. */
const roomOf = (length: number): number => Math.ceil(length / ALIGNED_BYTES) * ALIGNED_BYTES;

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
  readonly #pieces: readonly Uint8Array[];
  #piece = -1;
  #at = 0;

  constructor(head: Uint8Array, pieces: readonly Uint8Array[]) {
    super(head);
    this.#pieces = pieces;
  }

  _readHostObject(): FlatArray {
    const kind = KINDS[this.readUint32()] as (typeof KINDS)[number];
    const length = this.readUint32();
    if (length === 0) return new kind(0);
    if (this.#at >= (this.#pieces[this.#piece]?.length ?? 0)) {
      this.#piece += 1;
      this.#at = 0;
    }
    const { buffer, byteOffset, byteLength } = this.#pieces[this.#piece] as Uint8Array;
    const [at, bytes] = [this.#at, length * kind.BYTES_PER_ELEMENT];
    this.#at += roomOf(bytes);
    if (at + bytes > byteLength) throw new RangeError('expected pieces that hold the arrays');
    return new kind(buffer as ArrayBuffer, byteOffset + at, length);
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
  const room = new Uint8Array(PIECE_BYTES);
  let filled = 0;
  for (let array = arrays.shift(); array; array = arrays.shift()) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const isLarge = bytes.length > PIECE_BYTES;
    if (filled > 0 && (isLarge || filled + bytes.length > PIECE_BYTES)) {
      yield room.subarray(0, filled);
      filled = 0;
    }
    if (isLarge) yield bytes;
    else {
      room.set(bytes, filled);
      filled += roomOf(bytes.length);
    }
  }
  if (filled > 0) yield room.subarray(0, filled);
}
