/**
 * The contract of a workflow_* tool: one file in `src/tools`, found through `catalogue.ts`.
 * MCP, the command line and REST are faces over it: they parse the arguments with `input`, call `run`
 * once and show the answer; none of them shapes it anew.
 * A tool that needs a human's word answers `ask` and goes on in `resume`, so that no face has to hold a call open.
 */
import type { z } from 'zod';
import type { JsonObject } from '../engine/core/model.ts';
import type { Belay } from './belay.ts';

export interface ToolContext {
  readonly belay: Belay;
  /** Ends the waiting, never the run. */
  readonly signal: AbortSignal;
  /** Who calls, for the journal: `mcp:<client name>`, `cli:<user>`. */
  readonly caller: string;
  /** True where a person is surely at the other end (a terminal, an answered elicitation). */
  readonly human: boolean;
  /** What the caller's key allows; absent where there are no keys: whoever calls has the data folder itself. */
  readonly roles?: readonly string[];
  /** A form that the tool asks for will be shown to somebody. */
  readonly canAsk: boolean;
  /** Working directory for runs that name none. */
  readonly cwd: string;
  /** Trace context of the caller (W3C `traceparent`), as it came. */
  readonly trace?: string | undefined;
  /** A step moved on: `done` of `total` tasks and one readable line. */
  progress(done: number, total: number, message: string): void;
}

/** A form for the person behind the client; `schema` is a flat JSON Schema object as MCP elicitation wants it. */
export interface FormAsk {
  readonly id: string;
  readonly message: string;
  readonly schema: JsonObject;
  /** The run that asks: its question may be answered in another way, too. Absent where nothing is on record. */
  readonly runId?: string;
}

export interface FormResponse {
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly content?: JsonObject;
}

export interface ToolError {
  /** Stable word: `unknown_workflow`, `invalid_input`, `conflict`, … */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** What to call next. */
  readonly next?: readonly { readonly tool: string; readonly arguments: JsonObject; readonly why: string }[];
  readonly data?: JsonObject;
}

export interface ResourceLink {
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string;
}

export type ToolResult =
  | {
      readonly kind: 'done';
      /** Fits the tool's `output`. */
      readonly structured: JsonObject;
      /** Short text for a model. */
      readonly text: string;
      readonly links?: readonly ResourceLink[];
    }
  | { readonly kind: 'error'; readonly error: ToolError };

export type ToolAnswer =
  | ToolResult
  | {
      readonly kind: 'ask';
      readonly asks: readonly FormAsk[];
      /** What `resume` needs besides the arguments; a face signs it when it leaves the process. */
      readonly state: JsonObject;
      /** The answer for a client that cannot ask its user. */
      readonly otherwise: ToolResult;
    };

export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: `workflow_${string}`;
  readonly title: string;
  readonly description: string;
  /** Strict object: unknown arguments are refused by name. */
  readonly input: Input;
  readonly output: z.ZodObject;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
  run(context: ToolContext, input: z.output<Input>): Promise<ToolAnswer>;
  /** Goes on after `ask`, with the person's responses by ask id. */
  resume?(
    context: ToolContext,
    input: z.output<Input>,
    state: JsonObject,
    responses: { readonly [ask: string]: FormResponse },
  ): Promise<ToolAnswer>;
}
