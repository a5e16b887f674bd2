/**
 * One connection to another MCP server, in whichever of the two protocol eras it speaks, from its start to its end.
 * Owns how it is opened and closed; why something came to nothing is told in `session-trouble.ts`.
 * 1. `close` leaves neither a process nor a connection, however the call ended.
 */
import { basename } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { Json } from '../../engine/core/model.ts';
import { isTooDeep } from '../../engine/core/value-depth.ts';
import { answerTooDeep, startTooSlow } from './mcp-messages.ts';
import { type Hearing, ServerProcess } from './server-process.ts';
import { requestFailure, startFailure } from './session-trouble.ts';
import { WebTransport } from './web-transport.ts';
import type { Work } from './work.ts';

/** Takes care of what a server may ask or say by itself; `server` is how it is called by then. */
export type Answering = (client: Client, server: () => string) => void;

export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly timeout: number;
}

/** A server that does not answer what only the newer era knows is taken for one of the older, after this share. */
const PROBE_SHARE = 0.5;
/** A timer takes no more. The bounds of a request are kept here, so that the SDK has none of its own. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const NAME_CHARS_MAX = 60;

type Begun = Result<Session, { readonly failure: Failure; readonly mayBeOlder: boolean }>;

export class Session {
  readonly client: Client;
  readonly #work: Work;
  readonly #transport: ServerProcess | WebTransport;

  private constructor(work: Work, answering: Answering) {
    const { server, startMs, repeatable } = work.call;
    const hearing: Hearing = { heard: () => work.silence.heard(), log: (text) => work.log(text) };
    const hasRoots = server.kind === 'program' && server.roots.length > 0;
    this.#work = work;
    this.#transport =
      server.kind === 'program'
        ? new ServerProcess(server, hearing)
        : new WebTransport(server, repeatable, hearing);
    this.client = new Client(
      { name: 'belay', version: '1' },
      {
        capabilities: { elicitation: { form: { applyDefaults: true } }, ...(hasRoots && { roots: {} }) },
        versionNegotiation: {
          mode: 'auto',
          probe: { timeoutMs: Math.min(startMs * PROBE_SHARE, TIMER_MS_MAX) },
        },
      },
    );
    answering(this.client, () => this.label);
  }

  /** Rejects when the signal is given. A server that ends when it hears of the newer era is started once more. */
  static async open(work: Work, answering: Answering): Promise<Result<Session, Failure>> {
    const tooSlow = AbortSignal.timeout(Math.min(work.call.startMs, TIMER_MS_MAX));
    const first = await new Session(work, answering).#begin(tooSlow, false);
    if (first.ok) return first;
    if (!first.error.mayBeOlder) return err(first.error.failure);
    const second = await new Session(work, answering).#begin(tooSlow, true);
    return second.ok ? second : err(second.error.failure);
  }

  async #begin(tooSlow: AbortSignal, isOlder: boolean): Promise<Begun> {
    const { call, signal } = this.#work;
    const stopped = AbortSignal.any([signal, tooSlow]);
    const stop = () => void this.#stop();
    stopped.addEventListener('abort', stop, { once: true });
    try {
      stopped.throwIfAborted();
      const prior = isOlder ? ({ prior: { kind: 'legacy' } } as const) : {};
      await this.client.connect(this.#transport, { timeout: TIMER_MS_MAX, ...prior });
      return ok(this);
    } catch (error) {
      await this.close();
      signal.throwIfAborted();
      if (tooSlow.aborted) return err({ failure: startTooSlow(this.label, call.startMs), mayBeOlder: false });
      const mayBeOlder = !isOlder && this.#endedUnheard;
      return err({ failure: startFailure(this.label, this.#transport, error), mayBeOlder });
    } finally {
      stopped.removeEventListener('abort', stop);
    }
  }

  /** How people are told which server it is: by the name that it gives itself, and by what cannot be made up. */
  get label(): string {
    const { server } = this.#work.call;
    const given = this.client.getServerVersion()?.name.replace(/[^\w .@/-]/g, '');
    const named = given === undefined ? '' : `\`${given.slice(0, NAME_CHARS_MAX)}\` at `;
    if (server.kind === 'program') return `server ${named}\`${basename(server.command)}\``;
    const { origin, pathname } = new URL(server.url);
    return `server ${named}\`${origin}${pathname}\``;
  }

  /** Makes a request. Rejects when the signal of the step is given. */
  async ask<T>(request: (options: RequestOptions) => Promise<T>): Promise<Result<T, Failure>> {
    const { signal: own, silence, call } = this.#work;
    const signal = AbortSignal.any([own, silence.signal]);
    try {
      const answer = await silence.watched(() => request({ signal, timeout: TIMER_MS_MAX }));
      return isTooDeep(answer as Json) ? err(answerTooDeep(this.label)) : ok(answer);
    } catch (error) {
      own.throwIfAborted();
      const isSilent = silence.signal.aborted;
      return err(await requestFailure(this.label, this.#transport, { error, call, isSilent }));
    }
  }

  /** Ends it; a process group is gone when it resolves. Never rejects. */
  async close(): Promise<void> {
    const { signal } = this.#work;
    if (signal.aborted) return this.#stop();
    const stop = () => void this.#stop();
    signal.addEventListener('abort', stop, { once: true });
    const transport = this.#transport;
    await (transport instanceof WebTransport ? transport.leave() : transport.close());
    await this.client.close().catch(() => {});
    signal.removeEventListener('abort', stop);
  }

  async #stop(): Promise<void> {
    const transport = this.#transport;
    await (transport instanceof WebTransport ? transport.close() : transport.close(true));
    await this.client.close().catch(() => {});
  }

  /** A program that ended before it said anything. */
  get #endedUnheard(): boolean {
    const transport = this.#transport;
    if (transport instanceof WebTransport) return false;
    return transport.pid !== undefined && !transport.hasSpoken && transport.trouble === undefined;
  }
}

/** A server that announces none is not asked: the SDK would say so on standard output, which is not ours to write to. */
export const offers = ({ client }: Session, kind: 'tools' | 'prompts' | 'resources'): boolean =>
  client.getServerCapabilities()?.[kind] !== undefined;
