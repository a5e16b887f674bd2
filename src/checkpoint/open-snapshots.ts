/**
 * The store of snapshots for one process: hands each call to a worker thread, which starts with the first one.
 * 1. An idle store keeps no process alive; a call under way does.
 * 2. A worker that dies takes its calls with it, as bugs, and the next call starts a new one.
 */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Bug } from '../engine/core/failure.ts';
import type { Snapshots } from './snapshot.ts';
import type { Answered, Asked, Call, End, Method, Reply } from './snapshot-worker.ts';

/** `folder` is made when the first snapshot is taken. What lies beside it is Belay's, and never part of a snapshot. */
export function openSnapshots(folder: string): Snapshots {
  const client = new WorkerClient(folder);
  const captures: string[] = [];
  return {
    take: (request) => client.ask('take', request),
    list: (runId) => client.ask('list', runId),
    collect: (request) => client.ask('collect', request),
    follow: (runId, from) => client.ask('follow', runId, from),
    look: (runId, record) => client.ask('look', runId, record),
    leave: (runId) => client.tell('leave', runId),
    changes: (list, offset, limit) => client.ask('changes', list, offset, limit),
    plan: (target, show) => client.ask('plan', target, show),
    restore: (request) => client.ask('restore', request),
    async capture(snapshot, index) {
      const path = await client.ask('capture', snapshot, index);
      if (path.ok) captures.push(path.value);
      return path;
    },
    async close() {
      await client.close();
      for (const path of captures.splice(0)) rmSync(path, { force: true });
    },
  };
}

/** Scans leave much short-lived garbage; Node would let it grow to six times this before it looks. */
const YOUNG_MB_MAX = 16;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

interface Started {
  readonly worker: Worker;
  /** Calls under way, by number. */
  readonly waiting: Map<number, Waiting>;
}

class WorkerClient {
  readonly #folder: string;
  #started: Started | undefined;
  #calls = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  ask<Name extends Method>(method: Name, ...args: Asked<Name>): Promise<Answered<Name>> {
    this.#started ??= this.#start();
    const { worker, waiting } = this.#started;
    this.#calls += 1;
    const call: Call = { number: this.#calls, method, args };
    return new Promise((resolve, reject) => {
      waiting.set(call.number, { resolve, reject });
      worker.ref();
      worker.postMessage(call);
    });
  }

  /** Expects no answer; a thread that is not there has nothing to be told. */
  tell<Name extends Method>(method: Name, ...args: Asked<Name>): void {
    if (this.#started) this.ask(method, ...args).catch(() => {});
  }

  async close(): Promise<void> {
    const started = this.#started;
    if (!started) return;
    const { worker } = started;
    this.#lose(started, 'it was stopped');
    // it ends by itself after what it has in hand: a thread that is cut off in the middle may take the process with it
    const ended = once(worker, 'exit');
    worker.unref();
    worker.postMessage('end' satisfies End);
    await ended;
  }

  #start(): Started {
    const file = import.meta.url.endsWith('.ts') ? './snapshot-worker.ts' : './snapshot-worker.js';
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: this.#folder,
      // What this process was started with need not suit a thread.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB_MAX },
    });
    const started: Started = { worker, waiting: new Map() };
    worker.on('message', (reply: Reply) => settle(started, reply));
    worker.on('error', (error) => this.#lose(started, error.message));
    worker.on('exit', () => this.#lose(started, 'it was stopped'));
    return started;
  }

  #lose(started: Started, why: string): void {
    if (this.#started === started) this.#started = undefined;
    for (const { reject } of started.waiting.values())
      reject(new Bug(`the thread of the snapshot store ended: ${why}`));
    started.waiting.clear();
  }
}

function settle({ worker, waiting }: Started, reply: Reply): void {
  const call = waiting.get(reply.number);
  waiting.delete(reply.number);
  if (waiting.size === 0) worker.unref();
  if ('bug' in reply) call?.reject(new Bug(`snapshot store: ${reply.bug}`));
  else call?.resolve(reply.value as never);
}
