/**
 * Cuts a byte stream into lines without ever holding more than one line's limit.
 * Knows nothing of JSON. A line over the limit is dropped while it arrives; only its two ends are kept,
 * because a request's id stands at one of them.
 */

const LINE_FEED = 0x0a;
const END_BYTES = 256;

/** What remains of a line over the limit. */
export interface LongLine {
  readonly bytes: number;
  readonly head: string;
  readonly tail: string;
}

interface LineSink {
  line(text: string): void;
  longLine(line: LongLine): void;
}

/** Feeds `sink` with each complete line, its line ending removed; blank lines are left out. */
export class LineReader {
  readonly #bytesMax: number;
  readonly #sink: LineSink;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Ends of the line that is being dropped; `head` is undefined while the line still fits. */
  #head: Buffer | undefined;
  #tail: Buffer = Buffer.alloc(0);

  constructor(bytesMax: number, sink: LineSink) {
    this.#bytesMax = bytesMax;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.#take(chunk.subarray(start, end));
      this.end();
      start = end + 1;
    }
    this.#take(chunk.subarray(start));
  }

  /** Takes what has arrived as a whole line: at a line feed, or at the end of the stream. */
  end(): void {
    const bytes = this.#bytes;
    if (this.#head !== undefined) {
      this.#sink.longLine({ bytes, head: this.#head.toString(), tail: this.#tail.toString() });
    } else {
      const text = Buffer.concat(this.#parts).toString().trim();
      if (text !== '') this.#sink.line(text);
    }
    this.#parts = [];
    this.#bytes = 0;
    this.#head = undefined;
    this.#tail = Buffer.alloc(0);
  }

  #take(part: Buffer): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#head === undefined) {
      this.#parts.push(part);
      if (this.#bytes <= this.#bytesMax) return;
      const all = Buffer.concat(this.#parts);
      this.#head = Buffer.from(all.subarray(0, END_BYTES));
      this.#tail = Buffer.from(all.subarray(-END_BYTES));
      this.#parts = [];
    } else {
      this.#tail = Buffer.from(Buffer.concat([this.#tail, part.subarray(-END_BYTES)]).subarray(-END_BYTES));
    }
  }
}
