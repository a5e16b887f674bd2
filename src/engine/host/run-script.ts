/**
 * Runs one script beside the steps of a run: what captures state for a checkpoint, and what gives it back.
 * Unlike a step's process it ends with its host; whoever comes next runs it again.
 */
import { closeSync, openSync } from 'node:fs';
import { execa } from 'execa';
import type { Failure, Result } from '../core/failure.ts';
import { err, ok } from '../core/failure.ts';
import { CAPTURE_MS_MAX, KILL_GRACE_MS } from '../core/limits.ts';
import type { ProcessSpec } from '../core/step-type.ts';

const TAIL_CHARS_MAX = 2_000;

export interface ScriptRun {
  readonly name: string;
  readonly spec: Pick<ProcessSpec, 'shell' | 'script' | 'env' | 'cwd'>;
  /** Files that stdin comes from and stdout goes to. */
  readonly stdin?: string;
  readonly stdout?: string;
}

export async function runScript({ name, spec, stdin, stdout }: ScriptRun): Promise<Result<void, Failure>> {
  const [program = 'sh', ...args] = spec.shell;
  // files themselves, no pipes: a shell whose stdin is a socket takes itself for a remote one
  const from = stdin === undefined ? undefined : openSync(stdin, 'r');
  const to = stdout === undefined ? undefined : openSync(stdout, 'w', 0o600);
  const child = execa(program, [...args, spec.script], {
    cwd: spec.cwd,
    env: spec.env,
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
    said = `${said}${piece}`.slice(-TAIL_CHARS_MAX);
  });
  const timer = setTimeout(() => killGroup(child.pid), CAPTURE_MS_MAX);
  const result = await child;
  clearTimeout(timer);
  if (result.exitCode === 0) return ok(undefined);
  const how =
    result.exitCode === undefined ? (result.signal ?? 'it could not start') : `exit code ${result.exitCode}`;
  return err({
    code: 'script',
    retry: 'again',
    message: `${name} failed: ${how}${said.trim() === '' ? '' : `: ${said.trim()}`}`,
    hint: 'run it by hand in the directory of the run',
  });
}

/** Any descriptor will do, though the types know only those of one digit. */
const descriptor = (file: number | undefined) => (file ?? 'ignore') as 3 | 'ignore';

/** Everything it started, first asked and then made to end. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_GRACE_MS).unref();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}
