/**
 * What comes back over one channel: before the mark it is the login's own noise, after it the command's output. Owns the
 * search for the mark, the log, the first bytes that outputs may read, and the limit.
 */
import { StringDecoder } from 'node:string_decoder';
import { OUTPUT_BYTES_MAX, SSH_GREETING_BYTES_MAX } from '../../engine/core/limits.ts';

/** Of it in a message. */
const NOISE_CHARS_MAX = 300;

export type StreamName = 'stdout' | 'stderr';

export interface OutputTerms {
  /** What stands before the word that a program says. */
  readonly mark: string;
  readonly bytesMax: number;
  log(text: string): void;
  /** The limit was reached; what follows is dropped. */
  full(): void;
}

interface Stream {
  noise: Buffer;
  word: string | undefined;
  kept: Buffer[];
  keptBytes: number;
  bytes: number;
  readonly decoder: StringDecoder;
}

const newStream = (): Stream => ({
  noise: Buffer.alloc(0),
  word: undefined,
  kept: [],
  keptBytes: 0,
  bytes: 0,
  decoder: new StringDecoder('utf8'),
});

export class RemoteOutput {
  readonly #terms: OutputTerms;
  readonly #streams = { stdout: newStream(), stderr: newStream() };
  #left: number;
  isTruncated = false;

  constructor(terms: OutputTerms) {
    this.#terms = terms;
    this.#left = terms.bytesMax;
  }

  /** What the program said: `go`, or why it did not; undefined where it never came to that. */
  get word(): string | undefined {
    return this.#streams.stdout.word ?? this.#streams.stderr.word;
  }

  /** The login's noise, for a message. */
  get noise(): string {
    const { stdout, stderr } = this.#streams;
    const lines = [stdout, stderr].flatMap(({ noise, word }) =>
      word === undefined ? noise.toString('utf8').split('\n') : [],
    );
    return lines
      .map((line) => line.replace(/\p{Cc}/gu, '').trim())
      .filter((line) => line !== '')
      .join('; ')
      .slice(0, NOISE_CHARS_MAX);
  }

  /** Bytes of the command's own output so far. */
  bytesOf(name: StreamName): number {
    return this.#streams[name].bytes;
  }

  /** The first bytes of it. */
  textOf(name: StreamName): string {
    return Buffer.concat(this.#streams[name].kept).toString('utf8');
  }

  /** False: the login prints without end, and the mark does not come. */
  write(name: StreamName, chunk: Buffer): boolean {
    const stream = this.#streams[name];
    if (stream.word !== undefined) {
      this.#take(stream, chunk);
      return true;
    }
    stream.noise = Buffer.concat([stream.noise, chunk]);
    const start = stream.noise.indexOf(this.#terms.mark);
    const end = start < 0 ? -1 : stream.noise.indexOf(0x0a, start);
    if (end < 0) return stream.noise.length <= SSH_GREETING_BYTES_MAX;
    stream.word = stream.noise.toString('utf8', start + this.#terms.mark.length, end);
    const rest = stream.noise.subarray(end + 1);
    stream.noise = Buffer.alloc(0);
    this.#take(stream, rest);
    return true;
  }

  /** The last bytes of what ends in the middle of a character. */
  end(): void {
    for (const { decoder } of Object.values(this.#streams)) {
      const rest = decoder.end();
      if (rest !== '') this.#terms.log(rest);
    }
  }

  #take(stream: Stream, chunk: Buffer): void {
    const bytes = chunk.subarray(0, this.#left);
    stream.bytes += bytes.length;
    this.#left -= bytes.length;
    const wanted = bytes.subarray(0, OUTPUT_BYTES_MAX - stream.keptBytes);
    if (wanted.length > 0) stream.kept.push(wanted);
    stream.keptBytes += wanted.length;
    const text = stream.decoder.write(bytes);
    if (text !== '') this.#terms.log(text);
    if (bytes.length === chunk.length || this.isTruncated) return;
    this.isTruncated = true;
    this.#terms.full();
  }
}
