/** An expected end of a command: an error that is shown to the user and becomes the exit code. Caught in one place. */
import type { ToolError } from '../tools/tool.ts';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly error: ToolError;
  /** What diagnostics in `error.data` are about, when they name no file themselves. */
  readonly subject: string | undefined;

  constructor(error: ToolError, subject?: string) {
    super(error.message);
    this.error = error;
    this.subject = subject;
  }
}

/** Wrong use of the command line. */
export const usage = (message: string, hint?: string): Refusal =>
  new Refusal({ code: 'usage', message, ...(hint !== undefined && { hint }) });
