/**
 * The words of every failure that a step type meets, and whether another attempt may help.
 * Owns wording only: lower case, the object in backticks, found and expected, no full stop, then a hint.
 */
import type { Failure } from '../engine/core/failure.ts';
import type { Json } from '../engine/core/model.ts';
import type { ProcessExit } from '../engine/core/step-type.ts';

const SEE_LOG = 'workflow_status shows its log';

export const cwdMissing = (cwd: string, found: 'nothing' | 'a file'): Failure => ({
  code: 'cwd_missing',
  retry: 'final',
  message: `\`cwd\` is no directory: found ${found} at \`${cwd}\``,
  hint: 'create the directory in an earlier step, or correct `cwd`; it is taken from the directory of the run',
  data: { cwd },
});

export const shellMissing = (program: string): Failure => ({
  code: 'shell_missing',
  retry: 'final',
  message: `shell \`${program}\` is not on the PATH of the run`,
  hint: 'install it, or leave `shell` out: then bash is taken where it is there, else sh',
  data: { shell: program },
});

export const exitFailure = (code: number): Failure => ({
  code: 'exit',
  retry: 'again',
  message: `exit code ${code}`,
  hint: code === 127 ? `exit code 127 means that a command was not found; ${SEE_LOG}` : SEE_LOG,
  data: { exit_code: code },
});

export const killedFailure = (signal: string | undefined): Failure => ({
  code: 'killed',
  retry: 'again',
  message: signal ? `killed by ${signal}` : 'ended without leaving an exit status',
  hint: `something outside of this run ended it (out of memory, a kill); ${SEE_LOG}`,
  ...(signal ? { data: { signal } } : {}),
});

export const stoppedFailure = (
  why: NonNullable<ProcessExit['stopped']>,
  limits: { readonly timeoutMs: number | undefined; readonly logBytesMax: number },
): Failure => {
  if (why === 'timeout') {
    const after = limits.timeoutMs === undefined ? '' : ` after ${limits.timeoutMs / 1_000} s`;
    return {
      code: 'timeout',
      retry: 'again',
      message: `timed out${after}`,
      hint: `raise \`timeout\`; ${SEE_LOG}`,
    };
  }
  if (why === 'output_limit') {
    return {
      code: 'output_limit',
      retry: 'final',
      message: `wrote more than ${limits.logBytesMax} bytes`,
      hint: 'raise `output_limit`, or set `on_output_limit: truncate` to keep the first bytes and go on',
      data: { limit_bytes: limits.logBytesMax },
    };
  }
  return { code: 'cancelled', retry: 'final', message: 'cancelled' };
};

/** Characters of one value in a message; a log read by an assertion must not fill the journal. */
const SHOWN_CHARS_MAX = 200;

/** A value as a message shows it: JSON, cut at `SHOWN_CHARS_MAX`. */
export function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`;
}

/** One assertion that does not hold, with the values that it read, as `shown`. */
export interface Violation {
  readonly that: string;
  readonly found: string;
  readonly message?: string;
  readonly values: { readonly [reference: string]: string };
}

/** One violation in words. */
export function violationText(one: Violation): string {
  const values = Object.entries(one.values).map(([name, value]) => `${name} = ${value}`);
  const read = values.length > 0 ? ` with ${values.join(', ')}` : '';
  return `${one.message ? `${one.message}: ` : ''}\`${one.that}\` ${one.found}${read}`;
}

export function assertionFailure(violated: readonly Violation[], message: string | undefined): Failure {
  // `false` is there to fail: what it means is all there is to say
  const listed = violated.filter(({ that }) => that !== 'false' || !message).map(violationText);
  const head = message ?? 'assertion does not hold';
  return {
    code: 'assertion',
    retry: 'final',
    message: listed.length > 0 ? `${head}: ${listed.join('; ')}` : head,
    data: {
      violated: violated.map(({ that, found, message: says, values }) => ({
        that,
        found,
        ...(says !== undefined && { message: says }),
        values,
      })),
    },
  };
}

export const waitInvalid = (field: string, found: Json, expected: string): Failure => ({
  code: 'wait_invalid',
  retry: 'final',
  message: `\`${field}\`: expected ${expected}, found \`${shown(found)}\``,
  hint: 'workflow_validate checks the definition; correct the value and start the step again with workflow_resume',
});

export const waitExpired = (step: string, what: string): Failure => ({
  code: 'expired',
  retry: 'final',
  message: `\`${step}\` waited in vain: ${what}`,
  hint: 'workflow_resume with `from_step` waits again; give it more time, or `on_expire: continue`',
});

export const showFailed = (path: string, why: string): Failure => ({
  code: 'show_failed',
  retry: 'final',
  message: `\`show\`: file \`${path}\` is not shown: ${why}`,
  hint: 'paths start at the directory of the run; let an earlier step write the file there',
  data: { path },
});

export const rejected = (step: string, reason: string): Failure => ({
  code: 'rejected',
  retry: 'final',
  message: `\`${step}\` was rejected${reason ? `: ${reason}` : ''}`,
  hint: 'workflow_resume with `from_step` asks again',
  ...(reason ? { data: { reason } } : {}),
});

export const expired = (step: string): Failure => ({
  code: 'expired',
  retry: 'final',
  message: `nobody answered \`${step}\` in time`,
  hint: 'workflow_resume with `from_step` asks again; raise `expires` to give more time',
});

export const answerInvalid = (step: string, problems: readonly string[]): Failure => ({
  code: 'answer_invalid',
  retry: 'final',
  message: `the answer to \`${step}\` does not fit its schema: ${problems.join('; ')}`,
  hint: 'workflow_resume with `from_step` asks again',
  data: { problems: [...problems] },
});
