/**
 * Whether this process was started by a step of some run: then nobody human sits at its terminal, however much like
 * one it looks (`script` makes a terminal for anybody). The marker is looked for in the process and its ancestors.
 */
import { readFileSync } from 'node:fs';

const MARKER = 'BELAY_ATTEMPT=';
/** No real chain of processes is longer. */
const ANCESTORS_MAX = 64;

export function isInsideStep(): boolean {
  if (process.env.BELAY_ATTEMPT !== undefined) return true;
  let pid: number | undefined = process.pid;
  for (let depth = 0; pid !== undefined && pid > 1 && depth < ANCESTORS_MAX; depth += 1) {
    if (hasMarker(pid)) return true;
    pid = parentOf(pid);
  }
  return false;
}

/** The environment a process began with: it cannot take that back. */
const hasMarker = (pid: number): boolean =>
  readProc(pid, 'environ')
    .split('\0')
    .some((entry) => entry.startsWith(MARKER));

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
