/**
 * Reads the rows of an evaluation file (JSON Lines, plain or gzip) in the order the protocol asks for:
 * as they stand where times are known, else shuffled with seed 7, exactly as Python's `random` shuffles.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface Row {
  readonly group?: string;
  readonly session: string;
  readonly ts?: string;
  readonly intent?: string;
  readonly commands: readonly string[];
  readonly rc?: readonly (number | null)[];
  readonly desc?: readonly string[];
  readonly cwd?: readonly string[];
}

const SEED = 7;
const SHUFFLED_FROM = 20;

/** The sessions of a file in protocol order; rows without commands are left out, a broken row is an error. */
export function readRows(path: string): readonly Row[] {
  const bytes = readFileSync(path);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  const rows = text.split('\n').flatMap((line, i) => (line.trim() ? [readRow(line, i + 1)] : []));
  const timed = rows.some(({ ts, session }) => ts && ts !== session);
  if (!timed && rows.length > SHUFFLED_FROM) shuffle(rows, twister(SEED));
  return rows.filter(({ commands }) => Array.isArray(commands));
}

function readRow(line: string, number: number): Row {
  let row: Partial<Row> | null;
  try {
    row = JSON.parse(line) as Partial<Row> | null;
  } catch {
    throw new Error(`line ${number}: expected a JSON object, found no JSON`);
  }
  const { commands = [] } = row ?? {};
  if (!row || !Array.isArray(commands) || commands.some((command) => typeof command !== 'string')) {
    throw new Error(`line ${number}: expected an object with \`commands\`, a list of texts`);
  }
  return row as Row;
}

function shuffle(rows: Row[], next: () => number): void {
  for (let i = rows.length - 1; i > 0; i -= 1) {
    const bits = 32 - Math.clz32(i + 1);
    let j = next() >>> (32 - bits);
    while (j > i) j = next() >>> (32 - bits);
    [rows[i], rows[j]] = [rows[j] as Row, rows[i] as Row];
  }
}

/** The Mersenne Twister (Matsumoto and Nishimura 1998), MT19937 with `init_by_array([seed])`. */
function twister(seed: number): () => number {
  const size = 624;
  const state = new Uint32Array(size);
  const at = (i: number): number => state[i] as number;
  const fold = (i: number): number => at(i - 1) ^ (at(i - 1) >>> 30);
  state[0] = 19650218;
  for (let i = 1; i < size; i += 1) state[i] = Math.imul(1812433253, fold(i)) + i;
  let i = 1;
  const wrap = (): void => {
    i += 1;
    if (i < size) return;
    state[0] = at(size - 1);
    i = 1;
  };
  for (let k = 0; k < size; k += 1, wrap()) state[i] = (at(i) ^ Math.imul(fold(i), 1664525)) + seed;
  for (let k = 1; k < size; k += 1, wrap()) state[i] = (at(i) ^ Math.imul(fold(i), 1566083941)) - i;
  state[0] = 0x80000000;
  let index = size;
  return () => {
    if (index === size) {
      for (let k = 0; k < size; k += 1) {
        const y = (at(k) & 0x80000000) | (at((k + 1) % size) & 0x7fffffff);
        state[k] = at((k + 397) % size) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      index = 0;
    }
    let y = at(index);
    index += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}
