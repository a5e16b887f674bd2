/**
 * A pretended remote system, and a step type whose calls reach it: they are under way until a test says how they end.
 * It takes the place of `http`, so that definitions can name it. GET may be repeated.
 */
import type { Json } from '../../../../src/engine/core/model.ts';
import type { CallIo, Outcome, StepType } from '../../../../src/engine/core/step-type.ts';
import { stepType } from '../../../../src/steps/catalogue.ts';

interface PretendedCall {
  readonly to: string;
  /** What the type knew when it began. */
  readonly performance: string;
  readonly notes: readonly Json[];
  readonly io: CallIo;
  readonly signal: AbortSignal;
  readonly answer: (outcome: Outcome) => void;
  readonly fail: (error: Error) => void;
}

export class Remote {
  /** Every call that was ever made, in order. */
  readonly calls: PretendedCall[] = [];
  /** False: it does not listen when a call is to end. */
  heeds = true;

  /** Where calls went. */
  get made(): readonly string[] {
    return this.calls.map(({ to }) => to);
  }

  /** The last call. */
  get last(): PretendedCall {
    const call = this.calls.at(-1);
    if (!call) throw new Error('no call was made');
    return call;
  }

  /** For a host. */
  readonly stepType = (name: string): StepType => (name === 'http' ? this.#type : stepType(name)!);

  readonly #type: StepType = {
    type: 'http',
    summary: 'call the remote system',
    schema: undefined,
    fields: {},
    effects: 'remote',
    begin: ({ step, performance, notes }) => ({
      ok: true,
      value: {
        kind: 'call',
        call: { to: step.config.url ?? '', performance, notes },
        repeatable: step.config.method !== 'POST',
        timeoutMs: 30_000,
      },
    }),
    perform: (call, io) => {
      const { signal } = io;
      const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
      const { to, performance, notes } = call as unknown as PretendedCall;
      this.calls.push({ to, performance, notes, io, signal, answer: resolve, fail: reject });
      if (this.heeds) signal.addEventListener('abort', () => reject(new Error('aborted')));
      return promise;
    },
  };
}

/** A step that calls it; only a GET may be repeated. */
export const calling = (url: string, more: object = {}): object => ({
  id: url,
  type: 'http',
  url,
  method: 'POST',
  ...more,
});
