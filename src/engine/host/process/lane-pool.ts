/**
 * Lanes: persistent shells that start the steps, because a small process forks faster than Node does.
 * Owns their spawning, the pool of idle ones and their end. Knows nothing of status files.
 * 1. A lane runs one attempt at a time, and tells its end exactly once: with a word, or `undefined` when the lane died.
 * 2. A lane lives in a session of its own: no terminal reaches it, and the end of this program only closes its pipe.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import type { ProcessSpec } from '../../core/step-type.ts';
import { attemptText, type LaneShell, prologue, type SharedTerms, sharedText } from './lane-script.ts';
import { hasProcessTable } from './process-table.ts';

/** A lane that nobody needed for this long is ended. */
const IDLE_MS_MAX = 30_000;

type Ended = (word: string | undefined) => void;
type Environment = ProcessSpec['env'];

export interface LaneTerms {
  /** Where lanes work; made before the first lane. */
  readonly folder: string;
  readonly boot: string;
  readonly umask: number;
}

/** The shell that lanes are made of: bash, else sh and setsid; undefined when there is neither. */
export function findLaneShell(path: string): LaneShell | undefined {
  const bash = which('bash', path);
  if (bash !== undefined) return { path: bash, jobControl: true };
  const sh = which('sh', path);
  const setsid = which('setsid', path);
  return sh !== undefined && setsid !== undefined ? { path: sh, jobControl: false, setsid } : undefined;
}

function which(program: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

class Lane {
  readonly #shell: LaneShell;
  readonly #process: ChildProcess;
  #ended: Ended | undefined;
  #dead = false;
  #heard = '';
  #shared: SharedTerms | undefined;
  #last: Environment = {};
  idleSinceMs = 0;

  constructor(shell: LaneShell, terms: LaneTerms, died: (lane: Lane) => void) {
    this.#shell = shell;
    this.#process = spawn(shell.path, shell.jobControl ? ['--norc', '--noprofile'] : [], {
      cwd: terms.folder,
      env: {},
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    });
    const end = () => {
      if (this.#dead) return;
      this.#dead = true;
      died(this);
      this.#tell(undefined);
    };
    this.#process.on('error', end).on('exit', end).unref();
    // A lane that dies while it is written to is noticed by its exit.
    this.#input?.on('error', () => {}).unref();
    const notes = this.#process.stdio?.[3] as Socket | undefined;
    notes
      ?.on('error', () => {})
      .on('data', (bytes) => this.#hear(String(bytes)))
      .unref();
    this.#input?.write(prologue(shell, terms.boot, terms.umask, hasProcessTable));
  }

  /** null: the process could not even be tried. */
  get #input(): Socket | null {
    return (this.#process.stdin ?? null) as Socket | null;
  }

  run(name: string, spec: ProcessSpec, ended: Ended): void {
    this.#ended = ended;
    const news = this.#share(spec);
    this.#input?.write(news + attemptText(this.#shell, name, spec, this.#beyondShared(spec.env)));
  }

  end(): void {
    this.#input?.end();
  }

  /** Steps of one run have most in common: it is sent again only when some of it has changed. */
  #share(spec: ProcessSpec): string {
    const { cwd, shell, env } = spec;
    const shared = this.#shared;
    const last = this.#last;
    this.#last = env;
    const sameShell = shell.join('\0') === shared?.shell.join('\0');
    const sameEnv =
      shared !== undefined && Object.keys(shared.env).every((name) => env[name] === shared.env[name]);
    if (shared?.cwd === cwd && sameShell && sameEnv) return '';
    const common = Object.entries(env).filter(([name, value]) => last[name] === value);
    this.#shared = { cwd, shell, env: shared === undefined ? env : Object.fromEntries(common) };
    return sharedText(this.#shell, this.#shared, shared);
  }

  #beyondShared(env: Environment): Environment {
    return Object.fromEntries(
      Object.entries(env).filter(([name]) => !Object.hasOwn(this.#shared?.env ?? {}, name)),
    );
  }

  #hear(text: string): void {
    this.#heard += text;
    if (!this.#heard.endsWith('\n')) return;
    const word = this.#heard.trim();
    this.#heard = '';
    this.#tell(word);
  }

  #tell(word: string | undefined): void {
    const ended = this.#ended;
    this.#ended = undefined;
    ended?.(word);
  }
}

export class LanePool {
  readonly #shell: LaneShell | undefined;
  readonly #terms: LaneTerms;
  readonly #all = new Set<Lane>();
  #idle: Lane[] = [];
  #sweep: NodeJS.Timeout | undefined;

  constructor(shell: LaneShell | undefined, terms: LaneTerms) {
    this.#shell = shell;
    this.#terms = terms;
  }

  /** Runs the attempt in a free lane; false when no lane can be had. `ended` is called later, once. */
  run(name: string, spec: ProcessSpec, ended: Ended): boolean {
    const lane = this.#idle.pop() ?? this.#open();
    if (lane === undefined) return false;
    lane.run(name, spec, (word) => {
      if (word !== undefined) this.#rest(lane);
      ended(word);
    });
    return true;
  }

  /** Closes every pipe: idle lanes end, busy ones when their step has ended. */
  close(): void {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    for (const lane of this.#all) lane.end();
    this.#all.clear();
    this.#idle = [];
  }

  #open(): Lane | undefined {
    if (this.#shell === undefined) return undefined;
    const lane = new Lane(this.#shell, this.#terms, (dead) => {
      this.#all.delete(dead);
      this.#idle = this.#idle.filter((other) => other !== dead);
    });
    this.#all.add(lane);
    this.#sweep ??= setInterval(() => this.#endIdle(), IDLE_MS_MAX).unref();
    return lane;
  }

  #rest(lane: Lane): void {
    if (!this.#all.has(lane)) return;
    lane.idleSinceMs = performance.now();
    this.#idle.push(lane);
  }

  #endIdle(): void {
    const late = performance.now() - IDLE_MS_MAX;
    for (const lane of this.#idle.filter((each) => each.idleSinceMs < late)) lane.end();
    this.#idle = this.#idle.filter((each) => each.idleSinceMs >= late);
    if (this.#all.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }
}
