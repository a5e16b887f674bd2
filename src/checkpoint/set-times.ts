/**
 * Sets times of modification to the nanosecond. Node passes times as doubles, which end at a quarter of a microsecond,
 * so what is no whole second is handed to `touch`, where that is there and understands fractions.
 * 1. A time is never set to nearly what it should be when `touch` can set it: nobody would see the difference later.
 */
import { spawnSync } from 'node:child_process';
import { lstatSync, lutimesSync } from 'node:fs';
import { fsPath } from './path-text.ts';

/** A path and its time, epoch nanoseconds. */
export interface Stamp {
  /** Byte path. */
  readonly at: string;
  readonly mtimeNs: bigint;
}

const NS = 1_000_000_000n;
/** Each costs a process, for all paths of one time. */
const TOUCHES_MAX = 20_000;
/** Keeps a command below what every system allows. */
const PATHS_MAX = 100;
const TOUCH_TIMEOUT_MS = 60_000;
/**
 * Paths come through stdin, a line each, and behind them the line with their time. What would break a line is written as
 * printf reads it.
 */
const TOUCH_EACH = `while IFS= read -r line; do
  case $line in
    @*) touch -c -h -m -d "$line" -- "$@"; set -- ;;
    *\\\\*) line=$(printf '%b.' "\${line#=}"); set -- "$@" "\${line%.}" ;;
    *) set -- "$@" "\${line#=}" ;;
  esac
done`;

/** A path that cannot be set keeps its time. */
export function setTimes(stamps: readonly Stamp[]): void {
  const touched = stamps.filter(({ mtimeNs }) => mtimeNs % NS !== 0n);
  touch(touched);
  const missed = new Set(touched.filter(({ at, mtimeNs }) => timeOf(at) !== mtimeNs));
  for (const stamp of stamps) if (stamp.mtimeNs % NS === 0n || missed.has(stamp)) setByNode(stamp);
}

function touch(stamps: readonly Stamp[]): void {
  const paths = new Map<bigint, string[]>();
  for (const { at, mtimeNs } of stamps) {
    const same = paths.get(mtimeNs);
    if (same) same.push(at);
    else paths.set(mtimeNs, [at]);
  }
  const touches = [...paths].flatMap(([mtimeNs, all]) => touchesOf(mtimeNs, all)).slice(0, TOUCHES_MAX);
  if (touches.length === 0) return;
  spawnSync('sh', ['-c', TOUCH_EACH], {
    input: Buffer.from(touches.join(''), 'latin1'),
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: TOUCH_TIMEOUT_MS,
  });
}

function touchesOf(mtimeNs: bigint, paths: readonly string[]): readonly string[] {
  const touches: string[] = [];
  for (let at = 0; at < paths.length; at += PATHS_MAX) {
    const lines = paths.slice(at, at + PATHS_MAX).map((path) => `${lineOf(path)}\n`);
    touches.push(`${lines.join('')}@${decimalOf(mtimeNs)}\n`);
  }
  return touches;
}

const timeOf = (at: string): bigint | undefined =>
  lstatSync(fsPath(at), { bigint: true, throwIfNoEntry: false })?.mtimeNs;

function setByNode({ at, mtimeNs }: Stamp): void {
  const path = fsPath(at);
  try {
    // Text, because Node takes a negative number for now.
    lutimesSync(path, String(lstatSync(path).atimeMs / 1000), decimalOf(mtimeNs));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

/** Seconds since the epoch with nine places. */
function decimalOf(ns: bigint): string {
  const digits = String(ns < 0n ? -ns : ns).padStart(10, '0');
  return `${ns < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

const lineOf = (path: string): string => `=${path.replaceAll('\\', '\\0134').replaceAll('\n', '\\0012')}`;
