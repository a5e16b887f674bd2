/**
 * An MCP server as a child process that is spoken to over its standard input and output: a transport of the SDK, with a
 * process group of its own. Lines that are no messages are counted and logged, and end a program that speaks no MCP.
 * 1. When `close` has ended nothing of the group goes on, whatever it was told and whatever it holds open.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  deserializeMessage,
  type JSONRPCMessage,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/client';
import type { Failure } from '../../engine/core/failure.ts';
import {
  MCP_KILL_GRACE_MS,
  MCP_LEAVE_MS,
  MCP_MESSAGE_BYTES_MAX,
  MCP_NOISE_BYTES_MAX,
} from '../../engine/core/limits.ts';
import { hearInOrder } from './hear-in-order.ts';
import type { ProgramServer } from './mcp-call.ts';
import { answerTooLarge, notMcp, quoted } from './mcp-messages.ts';

/** What a process that left the group may hold of its pipes, after its end. */
const DRAIN_MS = 1_000;
const LINE_SHOWN_CHARS_MAX = 200;

export interface Hearing {
  /** A sign of life. */
  heard(): void;
  log(text: string): void;
}

export class ServerProcess implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** With `pid` the mark by which the SDK knows a transport over standard input and output. */
  readonly stderr = null;
  /** Why it was ended from here. */
  trouble: Failure | undefined;
  /** The first line that was no message. */
  noise: string | undefined;
  /** It has sent at least one message. */
  hasSpoken = false;
  readonly #server: ProgramServer;
  readonly #hearing: Hearing;
  readonly #lines: Lines;
  #child: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();
  #how: string | undefined;
  #noiseBytes = 0;
  #ending: Promise<void> | undefined;

  constructor(server: ProgramServer, hearing: Hearing) {
    this.#server = server;
    this.#hearing = hearing;
    this.#lines = new Lines((line) => this.#take(line));
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How it ended; undefined while it runs. */
  get ended(): string | undefined {
    return this.#how;
  }

  /** Rejects when there is no such program. */
  async start(): Promise<void> {
    const { command, args, cwd, env } = this.#server;
    const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#gone = this.#watch(child);
    // whoever reads no input may end before it is written
    child.stdin.on('error', () => {});
    child.stdout.on('data', (piece: Buffer) => {
      this.#hearing.heard();
      if (!this.#lines.add(piece)) this.#giveUp(answerTooLarge('the server', MCP_MESSAGE_BYTES_MAX));
    });
    child.stderr.on('data', (piece: Buffer) => this.#hearing.log(piece.toString('utf8')));
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  }

  /** Resolved when the process is gone and its streams are read; never rejects. */
  #watch(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
      const done = (how: string) => {
        this.#how ??= how;
        resolve();
        this.onclose?.();
      };
      child.on('error', ({ message }) => {
        if (child.pid === undefined) done(message);
      });
      child.on('exit', (code, by) => {
        this.#how = by === null ? `exit code ${code}` : `killed by ${by}`;
        end(child, 'SIGKILL');
        setTimeout(() => {
          for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
        }, DRAIN_MS).unref();
      });
      child.on('close', (code, by) => done(by === null ? `exit code ${code}` : `killed by ${by}`));
    });
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch {
      this.#takeNoise(line);
      return;
    }
    this.hasSpoken = true;
    hearInOrder(message, () => this.onmessage?.(message));
  }

  #takeNoise(line: string): void {
    const shown = line.slice(0, LINE_SHOWN_CHARS_MAX);
    this.noise ??= shown;
    this.#noiseBytes += line.length;
    this.#hearing.log(`no MCP message on standard output: ${shown}\n`);
    if (this.#noiseBytes > MCP_NOISE_BYTES_MAX)
      this.#giveUp(notMcp('the server', `it printed \`${quoted(this.noise)}\` and much more`));
  }

  #giveUp(failure: Failure): void {
    this.trouble ??= failure;
    this.#child?.stdout?.destroy();
    void this.close(true);
  }

  send(message: JSONRPCMessage): Promise<void> {
    const input = this.#child?.stdin;
    return new Promise((resolve, reject) => {
      if (!input?.writable || this.#ending) reject(new Error('the server has ended'));
      else if (input.write(serializeMessage(message))) resolve();
      else {
        input.once('drain', resolve);
        input.once('close', resolve);
      }
    });
  }

  /** @param isUrgent it is not given time to leave by itself */
  close(isUrgent = false): Promise<void> {
    if (isUrgent && this.#child) end(this.#child, 'SIGTERM');
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.stdin?.end();
    if (await isWithin(this.#gone, MCP_LEAVE_MS)) return;
    end(child, 'SIGTERM');
    if (await isWithin(this.#gone, MCP_KILL_GRACE_MS)) return;
    end(child, 'SIGKILL');
    await this.#gone;
  }
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

function isWithin(gone: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void gone.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** Cuts a stream into lines; a line has a bound. */
class Lines {
  readonly #tell: (line: string) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** False when a line is too long. */
  add(piece: Buffer): boolean {
    let start = 0;
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, start)) {
      this.#pieces.push(piece.subarray(start, at));
      const line = Buffer.concat(this.#pieces).toString('utf8');
      this.#pieces = [];
      this.#bytes = 0;
      start = at + 1;
      this.#tell(line);
    }
    const rest = piece.subarray(start);
    if (rest.length > 0) this.#pieces.push(rest);
    this.#bytes += rest.length;
    return this.#bytes <= MCP_MESSAGE_BYTES_MAX;
  }
}
