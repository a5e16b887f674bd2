/**
 * One command under way: its global options, the opened Belay, tool calls, and how answers are printed.
 * 1. With `--json` stdout gets exactly one document: the structured answer, or the error.
 * 2. Runs that move are never left to nobody: whoever closes with some hands them to a background host.
 */
import { ok } from '../engine/core/failure.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { Host } from '../engine/host/host.ts';
import type { Belay, OpenBelay } from '../tools/belay.ts';
import { parseArguments } from '../tools/parse-arguments.ts';
import type { FormAsk, FormResponse, Tool, ToolAnswer, ToolContext } from '../tools/tool.ts';
import { askForm } from './form.ts';
import { Refusal } from './refusal.ts';
import type { Terminal } from './terminal.ts';
import type { World } from './world.ts';

export interface GlobalOptions {
  readonly home?: string;
  readonly workflows?: string;
  readonly json?: boolean;
}

export interface Answer {
  readonly structured: JsonObject;
  readonly text: string;
}

export interface CallOptions {
  /** What diagnostics in an error are about, when they name no file themselves. */
  readonly subject?: string;
  /** False: the answer is wanted now. */
  readonly wait?: boolean;
  /** False: the person is asked nothing; nor are they where nothing is waited for. */
  readonly ask?: boolean;
}

/** Runs that move, storage that has failed, or old snapshots that are to be removed. */
const isLeftUndone = (belay: Belay, host: Host): boolean =>
  host.active > 0 || host.problem !== undefined || belay.retentionDue();

export class Cli {
  readonly world: World;
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
  readonly json: boolean;
  #belay: Belay | undefined;
  #opening: ReturnType<OpenBelay> | undefined;
  #needsHost = false;
  #isHost = false;
  #leave: (() => void) | undefined;
  #closed = false;

  constructor(world: World, options: GlobalOptions) {
    this.world = world;
    this.terminal = world.terminal;
    this.options = options;
    this.json = options.json === true;
  }

  /** The opened Belay; the first call says whether this process drives runs. Throws a `Refusal` where it cannot be. */
  async belay(drive = false): Promise<Belay> {
    const opened = await this.open(drive);
    if (!opened.ok) throw new Refusal({ ...opened.error });
    return opened.value;
  }

  /** As `belay`, with the problem as a value; after a problem the next call tries again. */
  async open(drive: boolean): ReturnType<OpenBelay> {
    if (this.#belay) return ok(this.#belay);
    const { home, workflows } = this.options;
    this.#opening ??= this.world.openBelay({
      cwd: this.world.cwd,
      drive,
      ...(home !== undefined && { home }),
      ...(workflows !== undefined && { workflows }),
    });
    const opened = await this.#opening;
    this.#opening = undefined;
    if (opened.ok) this.#belay = opened.value;
    // the command was over before the opening was
    if (this.#closed) this.close();
    return opened;
  }

  /** Calls a tool and, where it asks, the person. Throws a `Refusal` for an error answer. */
  async call(name: Tool['name'], given: JsonObject, options: CallOptions = {}): Promise<Answer> {
    const { subject, wait = true, ask = wait } = options;
    const tool = (await this.world.tools()).find((each) => each.name === name);
    if (!tool) throw new Error(`tool ${name} is not in the catalogue`);
    const input = parseArguments(tool, given);
    if (!input.ok) throw new Refusal(input.error, subject);
    const context = await this.#context(wait, ask && this.terminal.interactive);
    let answer: ToolAnswer = await tool.run(context, input.value);
    while (answer.kind === 'ask') {
      if (!context.canAsk || !tool.resume) answer = answer.otherwise;
      else answer = await tool.resume(context, input.value, answer.state, await this.#ask(answer.asks));
    }
    if (answer.kind === 'error') throw new Refusal(answer.error, subject);
    return answer;
  }

  /** The answer of a command: the document for programs, the text for people. */
  print(structured: object, text: string): void {
    if (this.json) this.terminal.out(`${JSON.stringify(structured, null, 2)}\n`);
    else if (text !== '') this.terminal.out(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Width for tables on stdout: the terminal's, or 0 for no bound where a program reads. */
  get tableColumns(): number {
    return this.terminal.isLive('out') ? this.terminal.columns() : 0;
  }

  /** Something to read besides the answer. */
  note(text: string): void {
    this.terminal.err(`${text}\n`);
  }

  /** Somebody has to drive what this command has set going, and this process does not. */
  needsHost(): void {
    this.#needsHost = true;
  }

  /** This program is the background host: told to end, it leaves its runs to whoever comes. */
  isHost(): void {
    this.#isHost = true;
  }

  /** Told to end, the command takes its leave by itself; `leave` is called each time. */
  takeLeave(leave: () => void): void {
    this.#leave = leave;
  }

  /** This process is told to end. True: the command ends by itself, soon. */
  terminate(): boolean {
    if (this.#leave) this.#leave();
    else this.close();
    return this.#leave !== undefined;
  }

  /** Tells of the runs that this process has ended, where somebody wants to be told. */
  async tell(): Promise<void> {
    await this.#belay?.tell();
  }

  /** Lets go of everything; what still moves gets a background host. */
  close(): void {
    this.#closed = true;
    const belay = this.#belay;
    if (!belay) return;
    this.#belay = undefined;
    // a host whose storage failed has let go of its runs; the next one finds out whether that is over
    const needsHost = this.#needsHost || (belay.host !== undefined && isLeftUndone(belay, belay.host));
    belay.close();
    if (needsHost && !this.#isHost) this.world.startBackgroundHost(belay.home);
  }

  async #context(wait: boolean, canAsk: boolean): Promise<ToolContext> {
    const { caller, cwd, terminal } = this.world;
    return {
      belay: await this.belay(),
      signal: wait ? terminal.gone : AbortSignal.abort(),
      caller,
      human: terminal.human,
      canAsk,
      cwd,
      trace: process.env.TRACEPARENT,
      progress: () => {},
    };
  }

  async #ask(asks: readonly FormAsk[]): Promise<{ readonly [ask: string]: FormResponse }> {
    const responses: { [ask: string]: FormResponse } = {};
    for (const { id, message, schema } of asks) {
      const content = await askForm(this.terminal, message, schema);
      responses[id] = content === undefined ? { action: 'cancel' } : { action: 'accept', content };
    }
    return responses;
  }
}
