/**
 * The files of one attempt, `HOME/runs/<run>/<seq>.<kind>`, and what its status file says.
 * Who decides whether an attempt runs:
 * 1. Whoever creates `.status` (exclusively) owns the attempt: its lane, or a later host that gives it up.
 * 2. The step's process writes its first line there BEFORE it looks for `.gone`, and only then becomes the step.
 * 3. A host that finds `.status` without a first line creates `.gone` BEFORE it looks again. One of the two
 *    sees the other, so "no first line after `.gone`" proves that the step never runs.
 * 4. A line counts only with its newline: each is a single small write. `timeout` stands before `exit <code>` when the
 *    lane ended the step for want of a host.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AttemptRef } from '../../core/ports.ts';
import { parseStat } from './process-table.ts';

type FileKind = 'status' | 'gone' | 'log' | 'out' | 'err' | 'marks';

/** Name of an attempt, and value of its `BELAY_ATTEMPT`: path below `HOME/runs` without the file's kind. */
export const attemptName = (attempt: AttemptRef): string => `${attempt.runId}/${attempt.seq}`;

/** The attempt of that name; undefined for what is no name of one. */
export function attemptOf(name: string): AttemptRef | undefined {
  const [, runId, seq] = /^([^/]+)\/(\d+)$/.exec(name) ?? [];
  return runId === undefined ? undefined : { runId, seq: Number(seq) };
}

/** `HOME/runs`: where lanes work. */
export const runsFolder = (home: string): string => join(home, 'runs');

export const attemptPath = (home: string, attempt: AttemptRef, kind: FileKind): string =>
  join(runsFolder(home), `${attemptName(attempt)}.${kind}`);

export interface StepIdentity {
  readonly pid: number;
  /** From the kernel; '' where the platform gives none. */
  readonly startTime: string;
  readonly boot: string;
  readonly lanePid: number;
}

export type Status =
  /** Nobody has decided yet. */
  | { readonly kind: 'undecided' }
  /** Decided, but no process has shown itself. */
  | { readonly kind: 'silent' }
  /** A host, or the process itself, has given it up. */
  | { readonly kind: 'given_up' }
  | { readonly kind: 'running'; readonly process: StepIdentity }
  | {
      readonly kind: 'ended';
      readonly code: number;
      /** Its lane ended it, because no host did. */
      readonly timedOut: boolean;
      readonly process: StepIdentity;
    };

/** The boot id as one word of a status line. */
export const bootWord = (bootId: string): string => encodeURIComponent(bootId) || '-';

export function readStatus(home: string, attempt: AttemptRef): Status {
  let text: string;
  try {
    text = readFileSync(attemptPath(home, attempt, 'status'), 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'undecided' };
    throw error;
  }
  const lines = text.split('\n').slice(0, -1);
  const first = lines[0];
  if (first === undefined) return { kind: 'silent' };
  if (lines.some((line) => line.startsWith('given_up'))) return { kind: 'given_up' };
  const process = identity(first);
  // Never take a pid from a damaged line: signals to 0 or -1 would reach everybody.
  if (!(process.pid > 1)) return { kind: 'silent' };
  const code = /^exit (\d+)$/.exec(lines.at(-1) ?? '')?.[1];
  if (code === undefined) return { kind: 'running', process };
  return { kind: 'ended', code: Number(code), timedOut: lines.includes('timeout'), process };
}

/** `<what the kernel says of the process, or only its pid> <boot> <pid of the lane>`, written by the process itself. */
function identity(line: string): StepIdentity {
  const words = line.split(' ');
  const said = words.slice(0, -2).join(' ');
  return {
    pid: Number(words[0]),
    startTime: parseStat(said)?.startTime ?? '',
    boot: words.at(-2) ?? '',
    lanePid: Number(words.at(-1)),
  };
}

/** Decides that the attempt never runs, if nobody has decided yet; false when somebody had. */
export function giveUp(home: string, attempt: AttemptRef, hostId: string): boolean {
  const path = attemptPath(home, attempt, 'status');
  makeFolder(dirname(path));
  const fd = createExclusively(path);
  if (fd === undefined) return false;
  writeSync(fd, `given_up ${hostId}\n`);
  closeSync(fd);
  return true;
}

/** Tells the process of a silent attempt, should it still come, that it must not become the step. */
export function markGone(home: string, attempt: AttemptRef): void {
  const fd = createExclusively(attemptPath(home, attempt, 'gone'));
  if (fd !== undefined) closeSync(fd);
}

/** For nobody but the owner; made with its parents. */
export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

function createExclusively(path: string): number | undefined {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}
