/**
 * The words of every failure that a call of another MCP server meets, and whether another attempt may help.
 * Owns wording only.
 * 1. What a server has said about itself is cut: it may be long, and is none of our words.
 */
import type { Failure } from '../../engine/core/failure.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { TOO_DEEP } from '../../engine/core/value-depth.ts';

const QUOTED_CHARS_MAX = 2_000;
const NAMES_SHOWN_MAX = 10;

/** Characters that are not seen, or turn what is seen around, as their numbers: somebody may hide words in them. */
export const visible = (text: string): string =>
  text.replace(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`);

/** What a server says, as a message or a question shows it. */
export const quoted = (text: string): string =>
  visible(text.length <= QUOTED_CHARS_MAX ? text : `${text.slice(0, QUOTED_CHARS_MAX)}…`);

const SEE_LOG = 'workflow_status shows what it wrote to its log';

export const programMissing = (command: string): Failure => ({
  code: 'server_not_started',
  retry: 'final',
  message: `program \`${command}\` of the server is not on the PATH of the run`,
  hint: 'install it, or give its path; a package that is not installed runs as `npx` with `args: ["-y", "<package>"]`',
});

export const startFailed = (server: string, why: string): Failure => ({
  code: 'server_not_started',
  retry: 'again',
  message: `${server} did not start: ${why}`,
  hint: `nothing was called; check \`args\`, \`env\` and \`cwd\`; ${SEE_LOG}`,
});

export const startTooSlow = (server: string, ms: number): Failure => ({
  code: 'server_not_started',
  retry: 'again',
  message: `${server} did not speak MCP within ${ms / 1_000} s`,
  hint: `nothing was called; raise \`start_timeout\` where it needs longer, or check that it is an MCP server; ${SEE_LOG}`,
});

/** It ended, or the connection did, before the answer was there. */
export const serverExited = (server: string, how: string, isRepeatable: boolean): Failure => ({
  code: 'server_exited',
  retry: isRepeatable ? 'again' : 'final',
  message: `${server} ended before it answered: ${how}`,
  hint: isRepeatable
    ? `it may be called again; \`retry\` does so by itself; ${SEE_LOG}`
    : `whether it was done is unknown; where it may be called again, say \`idempotent: true\`; ${SEE_LOG}`,
});

export const notMcp = (server: string, what: string): Failure => ({
  code: 'not_mcp',
  retry: 'final',
  message: `${server} does not speak MCP: ${quoted(what)}`,
  hint: 'check that it is an MCP server, and that a program writes nothing but messages to its standard output',
});

export const silent = (server: string, ms: number, isRepeatable: boolean): Failure => ({
  code: 'timeout',
  retry: isRepeatable ? 'again' : 'final',
  message: `${server} said nothing for ${ms / 1_000} s`,
  hint: 'set `timeout` on the step to give it more time; progress that it reports counts as a sign of life',
});

export const answerTooLarge = (server: string, bytesMax: number): Failure => ({
  code: 'response_too_large',
  retry: 'final',
  message: `${server} sent more than ${bytesMax} bytes at once`,
  hint: 'ask it for less: a smaller part, a page, or a file that it writes itself',
  data: { limit_bytes: bytesMax },
});

export const answerTooDeep = (server: string): Failure => ({
  code: 'response_too_large',
  retry: 'final',
  message: `what ${server} answered is ${TOO_DEEP}`,
  hint: 'ask it for less, or for a file that it writes itself',
});

export const authRefused = (server: string, status: number): Failure => ({
  code: 'auth_failed',
  retry: 'final',
  message: `${server} refuses who asks: status ${status}`,
  hint: 'give what it asks for in `server.headers`, and check that the variable is set and declared',
  data: { status },
});

/** Statuses that pass by themselves. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export const statusRefused = (server: string, status: number): Failure => ({
  code: PASSING.has(status) ? 'status' : 'not_mcp',
  retry: PASSING.has(status) ? 'again' : 'final',
  message: `${server} answered with status ${status}`,
  hint: PASSING.has(status)
    ? '`retry` tries again by itself'
    : 'check that the URL is that of an MCP server; many end in `/mcp`',
  data: { status },
});

/** An error of the protocol in place of a result. */
export const refusedByServer = (server: string, code: number, message: string): Failure => ({
  code: 'mcp_refused',
  retry: 'final',
  message: `${server} refused: ${quoted(message)}`,
  hint: `correct \`arguments\`, or ask whoever runs the server; ${SEE_LOG}`,
  data: { mcp_code: code },
});

type Kind = 'tool' | 'prompt' | 'resource';

/** `known`: the nearest first. */
export function missing(kind: Kind, name: string, server: string, known: readonly string[]): Failure {
  const shown = known.slice(0, NAMES_SHOWN_MAX).map((each) => `\`${quoted(each)}\``);
  const left = known.length - shown.length;
  const all = `${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
  return {
    code: `${kind}_missing`,
    retry: 'final',
    message: `${server} has no ${kind} \`${quoted(name)}\`; ${shown.length > 0 ? `it has ${all}` : `it has none`}`,
    hint: `correct \`${kind}\`; where it was there before, the server has changed, and may offer it under another name`,
    data: { [kind]: quoted(name), known: known.slice(0, NAMES_SHOWN_MAX) },
  };
}

export const argumentsInvalid = (tool: string, problems: readonly string[]): Failure => ({
  code: 'arguments_invalid',
  retry: 'final',
  message: `the arguments do not fit tool \`${tool}\`: ${quoted(problems.join('; '))}`,
  hint: 'nothing was called; the log shows the input schema of the tool; correct `arguments`',
  data: { problems: problems.slice(0, NAMES_SHOWN_MAX).map(quoted) },
});

export const definitionChanged = (
  tool: string,
  {
    pinned,
    found,
    changed,
  }: { readonly pinned: string; readonly found: string; readonly changed: readonly string[] },
  pin: string,
): Failure => ({
  code: 'definition_changed',
  retry: 'final',
  message: `tool \`${tool}\` is not as it was pinned${
    changed.length > 0 ? `: its ${changed.join(', ')} changed` : ''
  }; pinned \`${pinned}\`, found \`${found}\``,
  hint: `nothing was called; read its definition in the log, then pin the new one: \`pin: ${pin}\`; \`on_change: ask\` asks a person`,
  data: { pinned, found, changed: [...changed], definition_pin: pin },
});

export const definitionRejected = (tool: string, reason: string): Failure => ({
  code: 'rejected',
  retry: 'final',
  message: `the definition of tool \`${tool}\` was rejected${reason === '' ? '' : `: ${reason}`}`,
  hint: 'nothing was called; workflow_resume with `from_step` asks again',
  ...(reason !== '' && { data: { reason } }),
});

export const definitionUnanswered = (tool: string): Failure => ({
  code: 'expired',
  retry: 'final',
  message: `nobody approved the definition of tool \`${tool}\` in time`,
  hint: 'nothing was called; workflow_resume with `from_step` asks again; raise `expires` to give more time',
});

export const toolError = (tool: string, text: string, structured: Json | undefined): Failure => ({
  code: 'tool_error',
  retry: 'again',
  message: `tool \`${tool}\` failed: ${quoted(text.trim() === '' ? 'it gave no reason' : text)}`,
  hint: `the outputs of the step show its whole answer; ${SEE_LOG}`,
  ...(isObject(structured) &&
    JSON.stringify(structured).length <= QUOTED_CHARS_MAX && { data: { structured } }),
});

export const answerMisfits = (tool: string, problems: readonly string[]): Failure => ({
  code: 'schema_mismatch',
  retry: 'final',
  message: `the answer of tool \`${tool}\` does not fit its own output schema: ${quoted(problems.join('; '))}`,
  hint: 'the call was made, and the outputs of the step show its text; tell whoever makes the server',
  data: { problems: problems.slice(0, NAMES_SHOWN_MAX).map(quoted) },
});

/** The call was made. */
export const saveFailed = (what: string): Failure => ({
  code: 'save_failed',
  retry: 'final',
  message: `\`save_to\`: ${what}`,
  hint: 'the call was made; the folder must lie in the directory of the run, and be writable',
});

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null;
