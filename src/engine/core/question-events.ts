/**
 * Events about questions and signals: what is asked, who may answer and who works on it, what was said, and what
 * somebody outside tells a run. Part of the journal's vocabulary (`events.ts`): names and fields are stored forever.
 */
import type { Json, JsonObject, StepKey } from './model.ts';

/** Who may answer; what is absent allows everybody whom `asked_of` allows. One of the names or roles is enough. */
export interface Answerers {
  /** Callers: `cli:ann`, or `ann` for whoever bears that name at a face that knows people. */
  readonly by?: readonly string[];
  readonly roles?: readonly string[];
  /** Not whoever created the run. */
  readonly not_requester?: true;
  /** Different people who have to approve; absent: one. */
  readonly approvals?: number;
  /** What an agent that takes it must be able to do: all of them. */
  readonly capabilities?: readonly string[];
}

export interface QuestionAsked {
  readonly type: 'question.asked';
  /** Unique in the run. */
  readonly question: string;
  readonly step: StepKey;
  readonly kind: 'approval' | 'input' | 'agent';
  readonly prompt: string;
  /** What is shown with it: a diff, a log, a plan. */
  readonly context?: string;
  /** JSON Schema of the answer. */
  readonly schema: JsonObject;
  readonly asked_of: 'human' | 'agent';
  readonly answerers?: Answerers;
  /** Epoch ms. */
  readonly expires_at?: number;
  /** Order of the instruction of a manual rollback that is ticked off by the answer. */
  readonly instruction?: number;
  /** A call under way asks: the step goes on running and takes the answer itself. */
  readonly call?: true;
}

interface Answer {
  readonly question: string;
  readonly answer: Json;
  readonly by: string;
  /** The way it came: a form that a client showed, a person's terminal, or a tool call. */
  readonly via?: 'form' | 'terminal' | 'tool';
  /** sha256 of what was answered: prompt, context and schema; hex. */
  readonly digest?: string;
}

export type QuestionEvent =
  | QuestionAsked
  /** One of several approvals, but not the last: that one is `question.answered`, like a rejection. */
  | ({ readonly type: 'question.approved' } & Answer)
  | ({ readonly type: 'question.answered' } & Answer)
  | { readonly type: 'question.expired'; readonly question: string }
  /** An agent works on it until then (epoch ms); nobody else may answer meanwhile. Again by the same: until later. */
  | {
      readonly type: 'question.claimed';
      readonly question: string;
      readonly by: string;
      readonly until: number;
      /** What it says it can do, where the question wants that. */
      readonly capabilities?: readonly string[];
    }
  /** Free for others again. */
  | {
      readonly type: 'question.released';
      readonly question: string;
      /** Who had claimed it. */
      readonly by: string;
      readonly why?: 'expired';
    };

/** Told to a run from outside; kept until a step takes it, each once, in order. */
export interface SignalReceived {
  readonly type: 'signal.received';
  readonly name: string;
  readonly payload: Json;
  readonly by: string;
}

/** It looked whether it may go on, and looks again then (epoch ms). */
export interface StepSleeping {
  readonly type: 'step.sleeping';
  readonly step: StepKey;
  readonly attempt: number;
  readonly wake_at: number;
}
