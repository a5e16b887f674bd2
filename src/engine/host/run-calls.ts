/**
 * The calls of one driven run that this process makes: begins them, tells them to end, lets go of them, and carries
 * what they note and ask to the journal and back. Knows no journal; what comes of a call is told to whoever began it.
 * 1. Of each call one end is told, and none after `leave`.
 * 2. A call that was told to end and goes on regardless is given up after the grace: what it says then counts no more.
 */
import { CALL_NOTE_BYTES_MAX, KILL_GRACE_MS } from '../core/limits.ts';
import type { Json } from '../core/model.ts';
import type { AttemptRef, Clock } from '../core/ports.ts';
import type { RunState } from '../core/state.ts';
import type { Ask, CallIo, Outcome } from '../core/step-type.ts';
import { CallLog } from './process/call-log.ts';

/** How a call ended; `bug`: it threw. */
export type CallEnd =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'stopped'; readonly why: 'cancelled' | 'timeout' }
  | { readonly kind: 'bug'; readonly message: string };

/** What a call wants of the journal while it goes on. */
export type CallWish =
  | { readonly kind: 'noted'; readonly note: Json; readonly durable: () => void }
  /** `asked` is told the name of the question. */
  | { readonly kind: 'asking'; readonly ask: Ask; readonly asked: (question: string) => void };

export interface CallPorts {
  readonly clock: Clock;
  readonly dataFolder: string;
  /** A copy without the secrets of the run. */
  masked<T>(value: T): T;
  signalRun: CallIo['signalRun'];
}

interface Asking {
  question?: string;
  readonly answered: (answer: Json | undefined) => void;
}

interface UnderWay {
  readonly abort: AbortController;
  readonly log: CallLog;
  readonly asking: Set<Asking>;
  readonly end: (how: CallEnd) => void;
  stopped?: 'cancelled' | 'timeout';
}

export interface CallRequest {
  readonly attempt: AttemptRef;
  perform(io: CallIo): Promise<Outcome>;
  wish(wish: CallWish): void;
  ended(how: CallEnd): void;
}

export class RunCalls {
  readonly #ports: CallPorts;
  /** By the sequence number of the attempt. */
  readonly #underWay = new Map<number, UnderWay>();

  constructor(ports: CallPorts) {
    this.#ports = ports;
  }

  begin(request: CallRequest): void {
    const { attempt } = request;
    const end = (how: CallEnd) => {
      call.log.close();
      if (this.#underWay.get(attempt.seq) !== call) return;
      this.#underWay.delete(attempt.seq);
      request.ended(how);
    };
    const log = new CallLog(this.#ports.dataFolder, attempt);
    const call: UnderWay = { abort: new AbortController(), log, asking: new Set(), end };
    this.#underWay.set(attempt.seq, call);
    void endOf(request, this.#ioOf(call, request)).then((how) => end(asStopped(call, how)));
  }

  #ioOf({ abort, log, asking }: UnderWay, { wish }: CallRequest): CallIo {
    const { signal } = abort;
    return {
      signal,
      signalRun: this.#ports.signalRun,
      masked: (value) => this.#ports.masked(value),
      log: (chunk) => log.write(typeof chunk === 'string' ? this.#ports.masked(chunk) : chunk),
      note: (note) =>
        untilAborted(signal, (durable) => wish({ kind: 'noted', note: bounded(note), durable })),
      ask: (ask) =>
        untilAborted(signal, (answered) => {
          const entry: Asking = { answered };
          asking.add(entry);
          const asked = (question: string) => {
            entry.question = question;
          };
          wish({ kind: 'asking', ask, asked });
        }),
    };
  }

  /** Gives the calls what has been answered meanwhile. */
  answer({ questions }: RunState): void {
    for (const { asking } of this.#underWay.values()) {
      for (const entry of asking) {
        const question = questions.get(entry.question ?? '');
        if (!question || question.status === 'open') continue;
        asking.delete(entry);
        entry.answered(question.status === 'answered' ? question.answer : undefined);
      }
    }
  }

  /** One that has ended already is left as it is. */
  stop(seq: number, why: 'cancelled' | 'timeout'): void {
    const call = this.#underWay.get(seq);
    if (!call) return;
    const { clock } = this.#ports;
    call.stopped = why;
    clock.at(clock.now() + KILL_GRACE_MS, () => call.end({ kind: 'stopped', why }));
    call.abort.abort(why);
  }

  /** Ends all of them; nobody here records what becomes of them. */
  leave(): void {
    const calls = [...this.#underWay.values()];
    this.#underWay.clear();
    for (const { abort } of calls) abort.abort('leaving');
  }
}

/** Like a promise of its own; a call that is told to end waits no longer. */
function untilAborted<T>(signal: AbortSignal, begin: (resolve: (value: T) => void) => void): Promise<T> {
  const promise = new Promise<T>((resolve, reject) => {
    signal.throwIfAborted();
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    begin((value) => {
      signal.removeEventListener('abort', aborted);
      resolve(value);
    });
  });
  // a call that no longer waits for it must not bring the whole process down
  promise.catch(() => {});
  return promise;
}

function bounded(note: Json): Json {
  const bytes = Buffer.byteLength(JSON.stringify(note));
  if (bytes > CALL_NOTE_BYTES_MAX)
    throw new Error(`a note has ${bytes} bytes, expected at most ${CALL_NOTE_BYTES_MAX}`);
  return note;
}

async function endOf({ perform }: CallRequest, io: CallIo): Promise<CallEnd> {
  try {
    return { kind: 'outcome', outcome: await perform(io) };
  } catch (error) {
    return { kind: 'bug', message: error instanceof Error ? error.message : String(error) };
  }
}

/** It may have done its work before it heard that it should end; any other end is what it was told to do. */
function asStopped({ stopped }: UnderWay, how: CallEnd): CallEnd {
  const isDone = how.kind === 'outcome' && how.outcome.ok;
  return stopped && !isDone ? { kind: 'stopped', why: stopped } : how;
}
