/**
 * A program as a child process: no shell, no terminal, bounded in time and in what it prints.
 * 1. It has a process group of its own, and when this ends, for whatever reason, nothing of the group goes on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { KILL_GRACE_MS } from '../../engine/core/limits.ts';

export interface ProgramSpec {
  /** Program and arguments. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
  /** Its standard input; none unless said. */
  readonly input?: string;
  /** Of each stream; what is beyond is not kept. */
  readonly bytesMax: number;
  readonly timeoutMs?: number;
}

export interface ProgramEnd {
  /** Absent when a signal ended it. */
  readonly code?: number;
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly isCut: boolean;
  readonly timedOut: boolean;
}

/** What a process that left the group may hold of its pipes, after its end. */
const DRAIN_MS = 1_000;

/** Rejects when it cannot be started, and with the reason of the signal once it is gone. */
export async function runProgram(spec: ProgramSpec, signal: AbortSignal): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const [program = '', ...rest] = spec.argv;
  const child = spawn(program, rest, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: [spec.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  // whoever does not read its input may end before it is written
  child.stdin?.on('error', () => {}).end(spec.input);
  const stdout = new Kept(child.stdout, spec.bytesMax);
  const stderr = new Kept(child.stderr, spec.bytesMax);
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      stop(child);
    },
    spec.timeoutMs ?? 2 ** 31 - 1,
  );
  const aborted = () => stop(child);
  signal.addEventListener('abort', aborted, { once: true });
  try {
    const { code, by } = await endOf(child);
    signal.throwIfAborted();
    return {
      ...(code === null ? {} : { code }),
      ...(by === null ? {} : { signal: by }),
      stdout: stdout.text,
      stderr: stderr.text,
      isCut: stdout.isCut || stderr.isCut,
      timedOut,
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
  }
}

function endOf(child: ChildProcess): Promise<{ readonly code: number | null; readonly by: string | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      if (child.pid === undefined) reject(error);
    });
    child.on('exit', () => {
      end(child, 'SIGKILL');
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS).unref();
    });
    child.on('close', (code, by) => resolve({ code, by }));
  });
}

/** Asks it to end, and makes it. */
function stop(child: ChildProcess): void {
  end(child, 'SIGTERM');
  const last = setTimeout(() => end(child, 'SIGKILL'), KILL_GRACE_MS / 2);
  child.once('exit', () => clearTimeout(last));
}

/** All of its group. */
function end({ pid }: ChildProcess, by: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, by);
  } catch {
    // there is nobody left
  }
}

class Kept {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  isCut = false;

  constructor(stream: NodeJS.ReadableStream | null, bytesMax: number) {
    stream?.on('data', (piece: Buffer) => {
      const kept = piece.subarray(0, bytesMax - this.#bytes);
      if (kept.length < piece.length) this.isCut = true;
      if (kept.length === 0) return;
      this.#bytes += kept.length;
      this.#pieces.push(kept);
    });
    stream?.on('error', () => {});
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}
