/**
 * Runs one script beside the steps of a run: what captures state for a checkpoint, and what gives it back.
 * Unlike a step's process it is no longer looked after when its host dies; whoever comes next runs it again.
 * 1. No two of one name run at once: what a host that died has left of it is ended first.
 */
import { closeSync, openSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Failure, Result } from '../core/failure.ts';
import { err, ok } from '../core/failure.ts';
import { CAPTURE_MS_MAX, KILL_GRACE_MS } from '../core/limits.ts';
import type { ProcessSpec } from '../core/step-type.ts';
import { livingWithMarker, signalEach } from './process/process-table.ts';

const TAIL_CHARS_MAX = 2_000;
const LOOK_MS = 50;
/** A timer takes no more, and rings at once for what is longer. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export interface ScriptRun {
  readonly name: string;
  /** The same whoever runs it. */
  readonly mark: string;
  readonly spec: Pick<ProcessSpec, 'shell' | 'script' | 'env' | 'cwd'>;
  /** Files that stdin comes from and stdout goes to. */
  readonly stdin?: string;
  readonly stdout?: string;
  /** `CAPTURE_MS_MAX` unless said. */
  readonly timeMs?: number | undefined;
  /** Nobody needs it any more: it is ended. */
  readonly signal?: AbortSignal;
}

export async function runScript(run: ScriptRun): Promise<Result<void, Failure>> {
  const { name, mark, spec } = run;
  const [program = 'sh', ...args] = spec.shell;
  await endLeftovers(mark);
  // loaded when asked for: it is a sixth of all that a host loads, and few runs have such scripts
  const { execa } = await import('execa');
  const files = openFiles(run);
  if (!files.ok) return files;
  const { from, to } = files.value;
  const child = execa(program, [...args, spec.script], {
    cwd: spec.cwd,
    env: { ...spec.env, BELAY_SCRIPT: mark },
    extendEnv: false,
    stdin: descriptor(from),
    stdout: descriptor(to),
    stderr: 'pipe',
    buffer: false,
    detached: true,
    cleanup: false,
    reject: false,
  });
  for (const file of [from, to]) if (file !== undefined) closeSync(file);
  let said = '';
  child.stderr.on('data', (piece) => {
    said = wholeTail(`${said}${piece}`);
  });
  const { result, isLate } = await untilOver(child, run);
  // one that was ended may say that all is well, and has written half of it
  if (result.exitCode === 0 && !isLate && !run.signal?.aborted) return ok(undefined);
  const how = isLate ? `it did not end within ${timeOf(run) / 1_000} s` : endOf(result);
  return err({
    code: 'script',
    retry: 'again',
    message: `${name} failed: ${how}${said.trim() === '' ? '' : `: ${said.trim()}`}`,
    hint: 'run it by hand in the directory of the run',
  });
}

/** Not from the middle of a word: the rest of a secret is known to no mask. */
const wholeTail = (text: string): string =>
  text.length <= TAIL_CHARS_MAX ? text : text.slice(-TAIL_CHARS_MAX).replace(/^\S*/, '');

const timeOf = ({ timeMs = CAPTURE_MS_MAX }: ScriptRun): number => timeMs;

/** Ends it where its time is over, or nobody needs it any more. */
async function untilOver<Ended>(
  child: PromiseLike<Ended> & { readonly pid?: number | undefined },
  run: ScriptRun,
): Promise<{ readonly result: Ended; readonly isLate: boolean }> {
  const end = () => killGroup(child.pid);
  let isLate = false;
  const late = () => {
    isLate = true;
    end();
  };
  const timer = globalThis.setTimeout(late, Math.min(timeOf(run), TIMER_MS_MAX));
  run.signal?.addEventListener('abort', end, { once: true });
  if (run.signal?.aborted) end();
  const result = await child;
  clearTimeout(timer);
  run.signal?.removeEventListener('abort', end);
  return { result, isLate };
}

const endOf = ({ exitCode, signal }: { readonly exitCode?: number; readonly signal?: string }): string =>
  exitCode === undefined ? (signal ?? 'it could not start') : `exit code ${exitCode}`;

/** Files themselves, no pipes: a shell whose stdin is a socket takes itself for a remote one. */
function openFiles({
  name,
  stdin,
  stdout,
}: ScriptRun): Result<{ readonly from: number | undefined; readonly to: number | undefined }, Failure> {
  let from: number | undefined;
  try {
    from = stdin === undefined ? undefined : openSync(stdin, 'r');
    return ok({ from, to: stdout === undefined ? undefined : openSync(stdout, 'w', 0o600) });
  } catch (error) {
    if (from !== undefined) closeSync(from);
    return err({
      code: 'script',
      retry: 'again',
      message: `${name} was not run: ${(error as Error).message}`,
      hint: 'look whether the file is there and may be read, and the disk is not full',
    });
  }
}

/** An earlier host may have been killed in the middle of it. */
async function endLeftovers(mark: string): Promise<void> {
  const living = () => livingWithMarker(`BELAY_SCRIPT=${mark}`);
  if (living().length === 0) return;
  signalEach(living(), 'SIGTERM');
  const lastAt = Date.now() + KILL_GRACE_MS;
  while (living().length > 0) {
    if (Date.now() >= lastAt) signalEach(living(), 'SIGKILL');
    await setTimeout(LOOK_MS);
  }
}

/** Any descriptor will do, though the types know only those of one digit. */
const descriptor = (file: number | undefined) => (file ?? 'ignore') as 3 | 'ignore';

/** Everything it started, first asked and then made to end. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  globalThis.setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_GRACE_MS).unref();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}
