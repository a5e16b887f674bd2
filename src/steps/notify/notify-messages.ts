/**
 * The words of every failure that only a notification meets; those of its HTTP calls are in `http/http-messages.ts`.
 * 1. What a server has said is cut, and holds no secret of the call.
 */
import type { Failure } from '../../engine/core/failure.ts';
import { ADDRESS_EXPECTED } from './mail-address.ts';

/** Characters of what somebody else has said. */
const SAID_CHARS_MAX = 200;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be shown
const CONTROL = /[\u0000-\u001f\u007f]+/g;

const said = (text: string): string => text.replace(CONTROL, ' ').trim().slice(0, SAID_CHARS_MAX);

export const passwordMissing = (name: string): Failure => ({
  code: 'request_invalid',
  retry: 'final',
  message: `\`password_env\`: the variable \`${name}\` is not set, or the run was not given it`,
  hint: `set it where Belay runs, and declare it: \`prerequisites: [{ env: ${name} }]\``,
});

export const addressInvalid = (field: string): Failure => ({
  code: 'request_invalid',
  retry: 'final',
  message: `\`${field}\` is no mail address: ${ADDRESS_EXPECTED}`,
  hint: 'several addresses are a list',
});

export const hostInvalid = (): Failure => ({
  code: 'request_invalid',
  retry: 'final',
  message: '`smtp.host` is no name or address of a host',
  hint: 'correct the definition or the inputs, and start the step again with workflow_resume',
});

/** @param server `host:port` */
export const serverUnreachable = (server: string, why: string): Failure => ({
  code: 'unreachable',
  retry: 'again',
  message: `mail server \`${server}\` cannot be reached: ${why}`,
  hint: 'nothing was sent; check the host, the port and the network',
});

export const serverUntrusted = (server: string, why: string): Failure => ({
  code: 'certificate',
  retry: 'final',
  message: `the certificate of mail server \`${server}\` is not trusted: ${said(why)}`,
  hint: 'nothing was sent; name the authority with `smtp: { ca: file.pem }`',
});

export const caInvalid = (what: string): Failure => ({
  code: 'request_invalid',
  retry: 'final',
  message: `\`smtp.ca\`: ${what}`,
  hint: 'paths start at the directory of the run',
});

export const tlsRefused = (server: string): Failure => ({
  code: 'tls_refused',
  retry: 'final',
  message: `mail server \`${server}\` does not go over to TLS`,
  hint: 'nothing was sent; `tls: implicit` is for servers that speak TLS from the start, `tls: none` for those without',
});

export const loginRefused = (server: string, answer: string, isPassing: boolean): Failure => ({
  code: 'login_refused',
  retry: isPassing ? 'again' : 'final',
  message: `mail server \`${server}\` refused the login: ${said(answer)}`,
  hint: 'check `user` and the variable of `password_env`',
});

export const mailRefused = (server: string, answer: string, isPassing: boolean): Failure => ({
  code: 'mail_refused',
  retry: isPassing ? 'again' : 'final',
  message: `mail server \`${server}\` did not take the mail: ${said(answer)}`,
  hint: 'check `from`, `to`, and what the server lets this user send',
});

export const mailLost = (server: string, why: string, repeatable: boolean): Failure => ({
  code: 'connection_lost',
  retry: repeatable ? 'again' : 'final',
  message: `the connection to mail server \`${server}\` ended before it had answered: ${said(why)}`,
  hint: repeatable
    ? 'it may be sent again; `retry` does so by itself'
    : 'whether it was sent is unknown; where it may be sent twice, say `idempotent: true`',
});

export const desktopMissing = (): Failure => ({
  code: 'desktop_missing',
  retry: 'final',
  message: 'neither `notify-send` nor `osascript` is on the PATH of the run',
  hint: 'install one of them (libnotify-bin has notify-send), or notify somebody by `slack`, `webhook` or `email`',
});

export const desktopFailed = (program: string, why: string): Failure => ({
  code: 'desktop_failed',
  retry: 'again',
  message: `\`${program}\` could not show it: ${said(why)}`,
  hint: 'there has to be a desktop session on the machine that runs the step',
});

/** Of several targets; those that were reached are not notified again. */
export const someFailed = (
  failed: readonly (readonly [string, Failure])[],
  sent: readonly string[],
): Failure => ({
  code: 'notify_failed',
  retry: sent.length === 0 && failed.every(([, { retry }]) => retry === 'again') ? 'again' : 'final',
  message: `${failed.length} of ${failed.length + sent.length} notifications failed: ${failed
    .map(([name, { message }]) => `${name}: ${message}`)
    .join('; ')}`,
  hint:
    sent.length === 0 ? 'nobody was notified' : `notified were ${sent.join(', ')}: do not send to them again`,
  data: { failed: failed.map(([to, { code, message }]) => ({ to, code, message })), sent: [...sent] },
});
