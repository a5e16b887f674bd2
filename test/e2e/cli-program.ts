/**
 * `bin/belay.js` as people run it: a scratch folder with a data folder in it, commands with and without a terminal.
 * What is left at the end is found by its working directory and ended by pid.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/belay.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program under way, with what it has written so far. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves when stdout and stderr together hold the text. */
  seen(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

export class Scratch {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'belay-cli-')));
  readonly home = join(this.folder, 'home');

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Without a terminal: stdin is empty. */
  start(...args: readonly string[]): Running {
    return this.#watch(process.execPath, [BIN, ...args], {});
  }

  run(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** The one document that `--json` gives. */
  async json(...args: readonly string[]): Promise<Ended & { readonly answer: Answer }> {
    const ended = await this.run(...args, '--json');
    return { ...ended, answer: JSON.parse(ended.stdout) as Answer };
  }

  /** On a pseudo-terminal; what it shows is in `stdout`. */
  onTerminal(...args: readonly string[]): Running {
    const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
    return this.#watch('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** With an open stdin, which is no terminal. */
  serve(...args: readonly string[]): Running {
    return this.#watch(process.execPath, [BIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** A line of bash in which `belay` is the program. */
  shell(line: string): Promise<Ended> {
    const belay = `belay() { '${process.execPath}' '${BIN}' "$@"; }`;
    return this.#watch('bash', ['-c', `${belay}\n${line}`], {}).ended;
  }

  /** Ends what is left, and removes the folder. */
  async end(): Promise<void> {
    for (const pid of this.#pids()) kill(pid);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  #watch(program: string, args: readonly string[], options: SpawnOptions): Running {
    const env = { ...process.env, BELAY_HOME: this.home, NO_COLOR: '1' };
    const stdio = options.stdio ?? ['ignore', 'pipe', 'pipe'];
    return watched(spawn(program, args, { cwd: this.folder, env, stdio }));
  }

  /** Everything that was started here works in the folder: commands, background hosts, steps. */
  #pids(): readonly number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid && cwdOf(pid).startsWith(this.folder));
  }
}

/** What the tests read of the answers; every field is there only where it belongs. */
export interface Answer {
  readonly run_id: string;
  readonly status: string;
  readonly steps: readonly { readonly id: string; readonly status: string; readonly attempts: number }[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly questions: readonly { readonly question_id: string }[];
  readonly runs: readonly { readonly run_id: string; readonly workflow: string; readonly status: string }[];
  readonly valid: boolean;
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly findings: readonly { readonly name: string; readonly status: string; readonly detail: string }[];
}

function watched(child: ChildProcess): Running {
  const written = { stdout: '', stderr: '' };
  const waiters = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      written[stream] += text;
      for (const waiter of waiters) waiter();
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status) => resolve({ status, ...written }));
  });
  const seen = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => (written.stdout + written.stderr).includes(text) && resolve();
      waiters.add(look);
      look();
      void ended.then(() =>
        reject(new Error(`ended without \`${text}\`:\n${written.stdout}${written.stderr}`)),
      );
    });
  return { child, seen, ended };
}

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
