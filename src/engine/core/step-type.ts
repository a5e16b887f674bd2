/**
 * The contract of a step type: one file in `src/steps`, found through its catalogue.
 * The engine asks a type to `begin` an attempt and gets an `Action` back; whatever must outlive the host
 * (a process, a sleep, a question) is data in that action, never a promise held in memory.
 * A `call` is the one action that does not outlive it: whether it was made is then unknown, and it is made again only
 * where that does no harm.
 */
import type { FinalStatus } from './events.ts';
import type { Failure, Result } from './failure.ts';
import type { CheckpointSpec, Effects, Json, JsonObject, Step } from './model.ts';
import type { Answerers } from './question-events.ts';

/** What each field of a type's config holds, so that references and quoting are checked before a run. */
export type FieldKind =
  | 'literal'
  /** CEL, bare or in `{{ }}`. */
  | 'expression'
  /** Text with `{{ }}` in it; a value that is one `{{ }}` keeps its type. Also maps and lists of such. */
  | 'template'
  /** A shell script: `{{ }}` becomes an environment reference, never text. */
  | 'shell';

export interface ProcessSpec {
  /** Program and leading arguments; the script is passed as the last argument. `['bash', '-euo', 'pipefail', '-c']` */
  readonly shell: readonly string[];
  readonly script: string;
  /** The whole environment of the process. */
  readonly env: { readonly [name: string]: string };
  /** Absolute; exists. */
  readonly cwd: string;
  /** Absolute path of a file that becomes its standard input; /dev/null unless said. */
  readonly stdin?: string;
  /** Its lane ends it by itself some time after this, should no host live then; hosts keep the timeout itself. */
  readonly timeoutMs?: number;
  /** Streams kept in files of their own, besides the combined log. */
  readonly separate: readonly ('stdout' | 'stderr')[];
  readonly logBytesMax: number;
  /** At `logBytesMax`: end the step with `output_limit`, or keep the first bytes and let it run. */
  readonly onLogLimit: 'fail' | 'truncate';
  readonly killGraceMs: number;
}

export interface ProcessExit {
  /** Absent when a signal ended it or nobody saw its end. */
  readonly code?: number;
  readonly signal?: string;
  /** First bytes (outputs cap) of a separate stream; '' when it was not kept apart. */
  readonly stdout: string;
  readonly stderr: string;
  /** The log was cut at its limit. */
  readonly truncated: boolean;
  /** Why the host ended it, if it did. */
  readonly stopped?: 'timeout' | 'cancelled' | 'output_limit';
}

export interface Ask {
  readonly kind: 'approval' | 'input' | 'agent';
  readonly prompt: string;
  /** Shown with the prompt; at most 32 KB (`QUESTION_CONTEXT_BYTES_MAX`). */
  readonly context?: string;
  readonly schema: JsonObject;
  readonly askedOf: 'human' | 'agent';
  readonly answerers?: Answerers;
  readonly expiresAtMs?: number;
}

/** Since when an attempt sleeps, and how long it may. */
export interface SleepTerms {
  readonly sinceMs: number;
  readonly deadlineMs?: number;
}

/** One who has answered; of several approvals there are as many. */
export interface GivenAnswer {
  readonly by: string;
  readonly answer: Json;
}

/** Something that the host's own process does in the world outside; it ends with the host. */
export interface CallSpec {
  /** All that `perform` needs. Never journaled, so that it may hold secrets. */
  readonly call: JsonObject;
  /** Making it twice does no more than making it once: a later host, and a retry, make it again by themselves. */
  readonly repeatable: boolean;
  /** Where the step has no `timeout`. */
  readonly timeoutMs?: number;
}

/** What a call is given by the host that makes it. */
export interface CallIo {
  /**
   * Aborted when the attempt is to end: the call ends soon after, and leaves nothing half-done. `reason` is `cancelled`,
   * `timeout`, or `leaving` where the host goes and another may make the call again.
   */
  readonly signal: AbortSignal;
  /** Adds to the step's log, which people follow while the call goes on; what is beyond the log's limit is dropped. */
  log(chunk: string | Uint8Array): void;
  /**
   * Keeps what has been done so far in the journal; resolved once it is durable. A call that is made again because its
   * host died finds its notes in the context of `begin`. At most 64 KB a note (`CALL_NOTE_BYTES_MAX`).
   */
  note(note: Json): Promise<void>;
  /** A copy without the secrets of the run; notes and the log are masked anyway, but only what is whole in one of them. */
  masked<T>(value: T): T;
  /** Asks somebody while the call goes on. Undefined: nobody answered in time. */
  ask(ask: Ask): Promise<Json | undefined>;
  /** Tells another run something that a step of it waits for, or will. Undefined: it is told. */
  signalRun(runId: string, name: string, payload: Json): Promise<Failure | undefined>;
}

/** Another run that does the work of a step: of one of the workflows that this one was linked with. */
export interface InnerRunSpec {
  readonly workflow: string;
  readonly inputs: JsonObject;
  /** Absolute. */
  readonly cwd: string;
}

/** How such a run ended. */
export interface InnerRunEnd {
  readonly runId: string;
  readonly status: FinalStatus;
  readonly reason?: string;
  readonly outputs: JsonObject;
}

export type Outcome =
  | {
      readonly ok: true;
      readonly outputs?: JsonObject;
      /** More that the step's own `outputs:` may read beside `outputs`; not kept. */
      readonly names?: JsonObject;
      readonly exitCode?: number;
      readonly stdout?: string;
      readonly stderr?: string;
      readonly warnings?: readonly string[];
    }
  | {
      readonly ok: false;
      readonly failure: Failure;
      readonly outputs?: JsonObject;
      readonly exitCode?: number;
      readonly stdout?: string;
      readonly stderr?: string;
    };

export type Action =
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'process'; readonly process: ProcessSpec }
  | ({ readonly kind: 'call' } & CallSpec)
  /** `deadlineMs`: of a type that goes on sleeping, the end of that; it is told again when it wakes. */
  | { readonly kind: 'sleep'; readonly untilMs: number; readonly deadlineMs?: number }
  /** Waits for a signal from outside, until then at most. */
  | { readonly kind: 'signal'; readonly name: string; readonly untilMs?: number }
  | { readonly kind: 'ask'; readonly ask: Ask }
  | ({ readonly kind: 'run' } & InnerRunSpec)
  /** Takes back the run that the step which is undone has started. */
  | { readonly kind: 'roll_back' };

export interface StepContext {
  readonly step: Step;
  readonly key: string;
  readonly runId: string;
  readonly attempt: number;
  /**
   * Names what the step does this time, for whoever must not do it twice: the same when an attempt begins again because
   * its host died, another for a retry. Safe in a file name.
   */
  readonly performance: string;
  /** What a call noted before its host died, oldest first; empty where the step begins anew. */
  readonly notes: readonly Json[];
  /** Epoch ms at the start of the attempt. */
  readonly nowMs: number;
  /** The run's directory, absolute. */
  readonly cwd: string;
  evaluate(expression: string): Result<Json, Failure>;
  /** A template; one whole `{{ }}` keeps its type, maps and lists are rendered inside. */
  render(template: Json): Result<Json, Failure>;
  renderText(template: string): Result<string, Failure>;
  /** The script with references in place of `{{ }}`, and the variables they refer to. */
  shell(
    script: string,
  ): Result<{ readonly script: string; readonly env: { readonly [name: string]: string } }, Failure>;
  /** Allow-listed environment plus `env:` of the workflow and the step. */
  environment(): Result<{ readonly [name: string]: string }, Failure>;
  /** Where the program is on the run's PATH; undefined when it is not there. */
  which(program: string): string | undefined;
}

/** A line of a dry run: what the step would do, and what cannot be known yet. */
export interface PlannedAction {
  readonly does: string;
  readonly command?: string;
  readonly cwd?: string;
  readonly unknown?: string;
}

/** `Schema` is the zod object of the type's own fields; the core does not look inside. */
export interface StepType<Schema = unknown> {
  readonly type: string;
  readonly summary: string;
  readonly schema: Schema;
  readonly fields: { readonly [field: string]: FieldKind };
  /** What an attempt may change: nothing, files under its cwd, or the world outside this machine. */
  readonly effects: Effects;
  /** Where its config tells more exactly; else `effects` holds. */
  effectsOf?(config: JsonObject): Effects;
  /** Where a step does not say `on_failure` itself; `continue`: its failure is a soft one. */
  readonly onFailure?: 'continue';
  /** A checkpoint that is taken before each step of this type, from its config; its scripts are read by the loader. */
  checkpoint?(config: JsonObject): Omit<CheckpointSpec, 'capture' | 'restore'>;
  /** A step without an `undo` is taken back by a step of the same type that has no fields. */
  readonly undoesItself?: true;
  begin(context: StepContext): Result<Action, Failure>;
  /** After `process`. */
  exited?(context: StepContext, exit: ProcessExit): Outcome;
  /** Carries out a `call`, once its start is durable. Keeps nothing between calls; rejects only on a bug, or when aborted. */
  perform?(call: JsonObject, io: CallIo): Promise<Outcome>;
  /** After `sleep` (absent: success), and after `signal` when none came in time. It may go on sleeping. */
  woke?(context: StepContext, sleep: SleepTerms): Outcome | { readonly sleepUntilMs: number };
  /** After `signal`. */
  signalled?(context: StepContext, payload: Json): Outcome;
  /** After `run`, and after `roll_back`: then it was rolled back, or is stuck. */
  ran?(context: StepContext, end: InnerRunEnd): Outcome;
  /** After `ask`. */
  answered?(context: StepContext, answer: Json, given?: readonly GivenAnswer[]): Outcome;
  /** After `ask`, when nobody answered in time. */
  expired?(context: StepContext): Outcome;
  plan?(context: StepContext): PlannedAction;
}
