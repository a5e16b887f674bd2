/**
 * Whether a process that once owned runs is certainly gone. Unknown is never dead: the lease decides then.
 * Linux tells all through /proc; elsewhere only the existence of the pid is known.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import type { HostIdentity } from '../engine/core/ports.ts';

/** Kernel start time of a live process, in ticks since boot; '' when it is gone or the platform does not tell. */
export function processStartTime(pid: number): string {
  // The second field, the program's name in parentheses, may hold anything; see proc(5).
  const fields = text(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  const state = fields[0];
  return state === 'Z' || state === 'X' ? '' : (fields[19] ?? '');
}

/**
 * The boot this process lives in, and the pid namespace in which pids mean what they say (containers that share
 * a data folder share the boot, not the pids): `<boot id>/<namespace>`; '' where the platform does not tell.
 */
export function bootId(): string {
  const boot = text('/proc/sys/kernel/random/boot_id').trim();
  return boot === '' ? '' : `${boot}/${link('/proc/self/ns/pid')}`;
}

/** True only when no process of that identity can be alive on this machine. */
export function isDead(identity: HostIdentity): boolean {
  const here = bootId();
  if (here === '' || identity.bootId === '') return !exists(identity.pid);
  if (identity.bootId !== here) return identity.bootId.split('/')[0] !== here.split('/')[0];
  return processStartTime(identity.pid) !== identity.startTime;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
