/**
 * The marker of the step that this process belongs to, looked for in the process and its ancestors: the environment
 * that a process began with is nothing it can take back.
 */
import { readFileSync } from 'node:fs';

const NAME = 'BELAY_ATTEMPT';
/** No real chain of processes is longer. */
const ANCESTORS_MAX = 64;

/** The name of the attempt that has started this process, directly or not; undefined outside of any step. */
export function attemptMarker(): string | undefined {
  if (process.env[NAME] !== undefined) return process.env[NAME];
  let pid: number | undefined = process.pid;
  for (let depth = 0; pid !== undefined && pid > 1 && depth < ANCESTORS_MAX; depth += 1) {
    const marker = markerOf(pid);
    if (marker !== undefined) return marker;
    pid = parentOf(pid);
  }
  return undefined;
}

const markerOf = (pid: number): string | undefined =>
  readProc(pid, 'environ')
    .split('\0')
    .find((entry) => entry.startsWith(`${NAME}=`))
    ?.slice(NAME.length + 1);

/** The fourth field of `stat`; the second, the program's name, may hold anything up to its last parenthesis. */
function parentOf(pid: number): number | undefined {
  const fields = readProc(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields[1] === undefined ? undefined : Number(fields[1]);
}

/** Empty where there is no /proc, the process has gone, or belongs to somebody else. */
function readProc(pid: number, file: 'environ' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
