/**
 * Hands one mail to its server. Opens the connection itself, so that the rules for addresses of `http` hold for it, and
 * tells what was certainly not sent from what may have been.
 * 1. Without the TLS that was asked for nothing is said to the server, neither password nor mail.
 */
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { NOTIFY_MS_MAX } from '../../engine/core/limits.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import { ADDRESS_REFUSED, checkedLookup, isRefused } from '../http/address-rule.ts';
import { addressRefused } from '../http/http-messages.ts';
import { openRegular } from '../http/regular-file.ts';
import { withoutSecrets } from '../http/without-secrets.ts';
import { NETWORK_TROUBLE } from '../network-trouble.ts';
import type { Mail, MailServer } from './mail.ts';
import {
  caInvalid,
  loginRefused,
  mailLost,
  mailRefused,
  serverUnreachable,
  serverUntrusted,
  tlsRefused,
} from './notify-messages.ts';

const nameOf = ({ host, port }: MailServer): string => `${host}:${port}`;

/** Rejects when the signal is given. */
export async function sendMail(mail: Mail, signal: AbortSignal): Promise<Result<JsonObject, Failure>> {
  const { server } = mail;
  const ca = await caOf(server);
  if (!ca.ok) return ca;
  // loaded with the first mail, and before the connection: nobody listens to that while this waits
  const { createTransport } = await import('nodemailer');
  const trusted = ca.value === undefined ? {} : { ca: ca.value };
  const connected = await connect(server, trusted, signal);
  if (!connected.ok) return connected;
  const connection = connected.value;
  try {
    const info = await createTransport(termsOf(server, trusted, connection)).sendMail({
      from: mail.from,
      to: [...mail.to],
      subject: mail.subject,
      text: mail.text,
      messageId: mail.messageId,
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
      signal,
    });
    if (info.rejected.length === 0) return ok({ message_id: mail.messageId });
    return err(
      mailRefused(nameOf(server), `it refused ${info.rejected.join(', ')}, and took the rest`, false),
    );
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return err(hidden(server, failureOf(mail, error as MailError)));
  } finally {
    connection.destroy();
  }
}

async function caOf({ caFile }: MailServer): Promise<Result<string | undefined, Failure>> {
  if (caFile === undefined) return ok(undefined);
  const file = await openRegular(caFile);
  if (!file.ok) return err(caInvalid(file.error));
  const ca = await file.value.handle.readFile('utf8').finally(() => file.value.handle.close());
  if (ca.includes('-----BEGIN CERTIFICATE-----')) return ok(ca);
  return err(caInvalid(`\`${caFile}\` holds no certificate in PEM form`));
}

type Trusted = { readonly ca?: string };

/** Codes of a certificate that does not hold; OpenSSL's names, as Node hands them on. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH/;

/** A connection on which the server speaks next. */
function connect(
  server: MailServer,
  trusted: Trusted,
  signal: AbortSignal,
): Promise<Result<Socket, Failure>> {
  const { host, port, isChecked } = server;
  signal.throwIfAborted();
  if (isChecked && net.isIP(host) !== 0 && isRefused(host))
    return Promise.resolve(err(addressRefused(host, 'a private address', false)));
  const to = { host, port, ...(isChecked && { lookup: checkedLookup }) };
  return new Promise((resolve, reject) => {
    const isSecure = server.tls === 'implicit';
    const socket = isSecure ? tls.connect({ ...to, ...trusted, ...servernameOf(host) }) : net.connect(to);
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail);
      act();
    };
    const abort = () => {
      socket.destroy();
      settle(() => reject(signal.reason));
    };
    const fail = (error: NodeJS.ErrnoException) => settle(() => resolve(err(connectFailure(server, error))));
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', fail);
    socket.once(isSecure ? 'secureConnect' : 'connect', () => settle(() => resolve(ok(socket))));
  });
}

/** An address is no name that a server could be asked for. */
const servernameOf = (host: string) => (net.isIP(host) === 0 ? { servername: host } : {});

function connectFailure(server: MailServer, { code = 'ERROR', message }: NodeJS.ErrnoException): Failure {
  if (code === ADDRESS_REFUSED) return addressRefused(server.host, message, false);
  if (CERTIFICATE.test(code)) return serverUntrusted(nameOf(server), code.toLowerCase().replaceAll('_', ' '));
  return serverUnreachable(nameOf(server), WHY[code] ?? code);
}

const WHY: { readonly [code: string]: string } = {
  ...NETWORK_TROUBLE,
  ECONNRESET: 'the connection was cut',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS from the start',
};

const ANSWER_BYTES_MAX = 64 * 1024;

function termsOf(server: MailServer, trusted: Trusted, connection: Socket) {
  const { host, port, login } = server;
  const isSecure = server.tls === 'implicit';
  return {
    host,
    port,
    connection,
    secure: isSecure,
    secured: isSecure,
    requireTLS: server.tls === 'starttls',
    ignoreTLS: server.tls === 'none',
    tls: trusted,
    ...(login && { auth: { user: login.user, pass: login.password }, forceAuth: true }),
    connectionTimeout: NOTIFY_MS_MAX,
    socketCloseTimeout: 0,
    maxResponseSize: ANSWER_BYTES_MAX,
  };
}

/** What nodemailer says of an error. */
interface MailError extends NodeJS.ErrnoException {
  readonly response?: string;
  readonly responseCode?: number;
  readonly originalCode?: string;
}

function failureOf(mail: Mail, error: MailError): Failure {
  const { code = '', originalCode = '', response = '', responseCode, message } = error;
  const server = nameOf(mail.server);
  if (CERTIFICATE.test(originalCode) || (code === 'ETLS' && /certificate|altnames/i.test(message)))
    return serverUntrusted(server, originalCode.toLowerCase().replaceAll('_', ' ') || message);
  if (code === 'ETLS') return tlsRefused(server);
  const isPassing = responseCode !== undefined && responseCode < 500;
  if (code === 'EAUTH') return loginRefused(server, response || message, isPassing);
  if (responseCode !== undefined) return mailRefused(server, response, isPassing);
  return mailLost(server, WHY[originalCode] ?? message, mail.repeatable);
}

/** A server may say again what it was told. */
function hidden({ login }: MailServer, failure: Failure): Failure {
  if (!login) return failure;
  const { user, password } = login;
  const forms = [password, btoa8(password), btoa8(`\0${user}\0${password}`)];
  return { ...failure, message: withoutSecrets(failure.message, forms) };
}

const btoa8 = (text: string): string => Buffer.from(text).toString('base64');
