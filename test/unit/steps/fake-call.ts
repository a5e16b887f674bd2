/** What a call is given by its host, for tests: remembers its log and notes, answers its questions as told. */
import type { Json } from '../../../src/engine/core/model.ts';
import type { Ask, CallIo } from '../../../src/engine/core/step-type.ts';

export interface FakeCall extends CallIo {
  /** All that was logged. */
  readonly written: { text: string };
  readonly notes: Json[];
  readonly asked: Ask[];
  /** What other runs were told. */
  readonly signals: { readonly runId: string; readonly name: string; readonly payload: Json }[];
}

/** @param answers to its questions, one after the other; then nobody answers */
export function fakeCall({
  signal = new AbortController().signal,
  answers = [],
  masked = (value) => value,
}: {
  readonly signal?: AbortSignal;
  readonly answers?: readonly Json[];
  readonly masked?: CallIo['masked'];
} = {}): FakeCall {
  const written = { text: '' };
  const notes: Json[] = [];
  const asked: Ask[] = [];
  const signals: FakeCall['signals'] = [];
  return {
    signal,
    written,
    notes,
    asked,
    signals,
    masked,
    log(chunk) {
      written.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    },
    async note(note) {
      notes.push(note);
    },
    async ask(ask) {
      asked.push(ask);
      return answers[asked.length - 1];
    },
    async signalRun(runId, name, payload) {
      signals.push({ runId, name, payload });
      return undefined;
    },
  };
}
