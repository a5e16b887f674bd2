/**
 * The words of every failure that an HTTP call meets, and whether another attempt may help. Owns wording only.
 * 1. No message shows a query, a user, a password or a header: these may be secret.
 */
import type { Failure } from '../../engine/core/failure.ts';

/** A URL as a message shows it. */
export const shownUrl = ({ origin, pathname }: URL): string => `\`${origin}${pathname}\``;

export const requestInvalid = (what: string, hint?: string): Failure => ({
  code: 'request_invalid',
  retry: 'final',
  message: what,
  hint: hint ?? 'correct the definition or the inputs, and start the step again with workflow_resume',
});

export const addressRefused = (host: string, found: string, isRedirect: boolean): Failure => ({
  code: 'address_refused',
  retry: 'final',
  message: `\`${host}\` is ${found}, and ${
    isRedirect ? 'an answer leads there' : 'the host comes from an expression'
  }: such addresses are reached only by a URL that names them literally`,
  hint: 'write the host into `url`, or allow it with `allow_private: true` where whoever gives the value may reach this network',
});

export const unreachable = (url: URL, why: string): Failure => ({
  code: 'unreachable',
  retry: 'again',
  message: `${shownUrl(url)} cannot be reached: ${why}`,
  hint: 'nothing was sent; check the host, the port and the network',
});

export const certificateRefused = (url: URL, why: string): Failure => ({
  code: 'certificate',
  retry: 'final',
  message: `the certificate of \`${url.host}\` is not trusted: ${why}`,
  hint: 'name the authority with `tls: { ca: file.pem }`; `tls: { insecure: true }` takes any certificate',
});

/** The request went out, and no whole answer came back. */
export const connectionLost = (url: URL, why: string, repeatable: boolean): Failure => ({
  code: 'connection_lost',
  retry: repeatable ? 'again' : 'final',
  message: `the connection to ${shownUrl(url)} ended before the answer did: ${why}`,
  hint: repeatable
    ? 'it may be made again; `retry` does so by itself'
    : 'whether it was done is unknown; where it may be made again, say `idempotency_key: true` or `idempotent: true`',
});

export const tooLarge = (url: URL, bytesMax: number): Failure => ({
  code: 'response_too_large',
  retry: 'final',
  message: `the answer of ${shownUrl(url)} has more than ${bytesMax} bytes`,
  hint: 'raise `max_bytes`; `save_to` writes a large answer to a file',
  data: { limit_bytes: bytesMax },
});

export const redirectRefused = (url: URL, what: string, hint: string): Failure => ({
  code: 'redirect',
  retry: 'final',
  message: `${shownUrl(url)} ${what}`,
  hint,
});

/** Statuses that pass by themselves. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export const statusFailure = (
  url: URL,
  status: number,
  expect: readonly (number | string)[],
  retryAfterMs: number | undefined,
): Failure => ({
  code: 'status',
  retry: PASSING.has(status) ? 'again' : 'final',
  message: `${shownUrl(url)} answered with status ${status}, expected ${expect.join(' or ')}`,
  hint: hintOf(status),
  data: { status, ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }) },
});

function hintOf(status: number): string {
  if (status === 401 || status === 403) return 'check `auth`, and that its variable is set and declared';
  if (PASSING.has(status)) return '`retry` tries again by itself, and waits as long as `Retry-After` asks';
  if (status >= 300 && status < 400) return 'give the new URL, or name the status in `expect`';
  return 'the outputs of the step show the answer; name the status in `expect` where it is a success';
}

export const notJson = (url: URL, type: string, start: string): Failure => ({
  code: 'not_json',
  retry: 'final',
  message: `\`outputs\` reads \`outputs.json\`, and the answer of ${shownUrl(url)} is none: found ${type}, ${start}`,
  hint: 'read `outputs.body`, or ask for JSON with `headers: { accept: application/json }`',
});

export const fileFailure = (field: 'file' | 'tls.ca' | 'save_to', what: string): Failure => ({
  code: field === 'save_to' ? 'save_failed' : 'request_invalid',
  retry: 'final',
  message: `\`${field}\`: ${what}`,
  hint: 'paths start at the directory of the run',
});
