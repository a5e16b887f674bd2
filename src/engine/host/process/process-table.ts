/**
 * What the kernel tells about processes, read from /proc; where there is none, only what signals tell.
 * A pid alone is never trusted: it goes with its start time.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether this platform has /proc as Linux knows it. */
export const hasProcessTable: boolean = existsSync('/proc/self/stat');

interface ProcessStat {
  readonly state: string;
  readonly group: number;
  /** In clock ticks since the machine started. */
  readonly startTime: string;
}

/** Reads a line of /proc/PID/stat, see proc_pid_stat(5); undefined when it is none. */
export function parseStat(line: string): ProcessStat | undefined {
  // The command name may hold blanks and parentheses itself; what follows it does not.
  const nameEnd = line.lastIndexOf(') ');
  if (nameEnd === -1) return undefined;
  const fields = line.slice(nameEnd + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' };
}

const entry = (pid: number | string): ProcessStat | undefined => parseStat(read(`/proc/${pid}/stat`) ?? '');

const isDead = (found: ProcessStat): boolean => found.state === 'Z' || found.state === 'X';

/** Whether this very process lives; a zombie does not. */
export function isAlive(process: { readonly pid: number; readonly startTime: string }): boolean {
  if (!hasProcessTable) return signal(process.pid, 0);
  const found = entry(process.pid);
  return found !== undefined && !isDead(found) && found.startTime === process.startTime;
}

/** Whether some process has this pid now. */
export const pidExists = (pid: number): boolean => signal(pid, 0);

/** Living processes that the step started: itself, its group, and whatever carries its marker in its environment. */
export function livingMembers(
  step: { readonly pid: number; readonly startTime: string },
  marker: string,
): readonly number[] {
  if (!hasProcessTable) return signal(-step.pid, 0) ? [step.pid] : [];
  return processes()
    .filter((name) => {
      const found = entry(name);
      if (found === undefined || isDead(found)) return false;
      if (found.group === step.pid || hasMarker(name, marker)) return true;
      return Number(name) === step.pid && found.startTime === step.startTime;
    })
    .map(Number);
}

/** Living processes with this assignment in their environment; none where the platform cannot tell. */
export function livingWithMarker(marker: string): readonly number[] {
  if (!hasProcessTable) return [];
  const isLiving = (name: string) => {
    const found = entry(name);
    return found !== undefined && !isDead(found);
  };
  return processes()
    .filter((name) => isLiving(name) && hasMarker(name, marker))
    .map(Number);
}

const processes = (): readonly string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** Whether the process was started with this assignment in its environment. */
export function hasMarker(pid: number | string, marker: string): boolean {
  return `\0${read(`/proc/${pid}/environ`) ?? ''}`.includes(`\0${marker}\0`);
}

/** Signals each; those that are gone already are no matter. */
export function signalEach(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) signal(pid, name);
}

/** Signals the step's group and each member; those that are gone already are no matter. */
export function signalAll(group: number, members: readonly number[], name: NodeJS.Signals): void {
  signalEach([-group, ...members], name);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** undefined: the process has gone, or is not ours to read. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
