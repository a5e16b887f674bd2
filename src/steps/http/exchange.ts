/**
 * One request and the head of its answer, over a connection of its own. Owns what goes wrong on the way there and who
 * may be talked to; neither follows redirects nor reads the answer's body.
 */
import type { FileHandle } from 'node:fs/promises';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { NETWORK_TROUBLE } from '../network-trouble.ts';
import { ADDRESS_REFUSED, checkedLookup, isRefused, literalAddress } from './address-rule.ts';
import type { HttpCall } from './http-call.ts';
import {
  addressRefused,
  certificateRefused,
  connectionLost,
  fileFailure,
  tooLarge,
  unreachable,
} from './http-messages.ts';
import { openRegular } from './regular-file.ts';

/** Where a call has got to: its own URL, or one that an answer has led to. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: HttpCall['headers'];
  readonly sendsBody: boolean;
  /** Nobody who may be trusted has named the host. */
  readonly isChecked: boolean;
  readonly isRedirect: boolean;
}

/** What the body of a request is made of, ready to be sent. */
interface Sending {
  readonly bytes: number;
  readonly text?: string;
  readonly file?: FileHandle;
}

type Tls = Pick<https.RequestOptions, 'ca' | 'rejectUnauthorized'>;

/** The answer's head, its body still to be read. Rejects when the signal is given. */
export async function exchange(
  call: HttpCall,
  hop: Hop,
  signal: AbortSignal,
): Promise<Result<IncomingMessage, Failure>> {
  const address = literalAddress(hop.url);
  if (hop.isChecked && address !== undefined && isRefused(address))
    return err(addressRefused(hop.url.hostname, 'a private address', hop.isRedirect));
  const tls = await tlsOf(call, hop);
  if (!tls.ok) return tls;
  const sending = await sendingOf(call, hop);
  if (!sending.ok) return sending;
  return send(call, hop, { ...tls.value, signal }, sending.value);
}

async function tlsOf({ caFile, insecure }: HttpCall, { url }: Hop): Promise<Result<Tls, Failure>> {
  if (url.protocol !== 'https:') return ok({});
  if (caFile === undefined) return ok({ rejectUnauthorized: !insecure });
  const file = await openRegular(caFile);
  if (!file.ok) return err(fileFailure('tls.ca', file.error));
  const ca = await file.value.handle.readFile('utf8').finally(() => file.value.handle.close());
  if (!ca.includes('-----BEGIN CERTIFICATE-----'))
    return err(fileFailure('tls.ca', `\`${caFile}\` holds no certificate in PEM form`));
  return ok({ ca, rejectUnauthorized: !insecure });
}

async function sendingOf(call: HttpCall, hop: Hop): Promise<Result<Sending | undefined, Failure>> {
  if (!hop.sendsBody) return ok(undefined);
  if (call.text !== undefined) return ok({ text: call.text, bytes: Buffer.byteLength(call.text) });
  if (call.file === undefined) return ok(undefined);
  const file = await openRegular(call.file);
  return file.ok
    ? ok({ file: file.value.handle, bytes: file.value.bytes })
    : err(fileFailure('file', file.error));
}

function send(
  call: HttpCall,
  hop: Hop,
  options: RequestOptions & Tls & { readonly signal: AbortSignal },
  sending: Sending | undefined,
): Promise<Result<IncomingMessage, Failure>> {
  const { url, method, headers } = hop;
  const isSecure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const request = (isSecure ? https : http).request(url, {
      ...options,
      method,
      headers: { ...headers, ...(sending && { 'content-length': sending.bytes }) },
      agent: false,
      ...(hop.isChecked && { lookup: checkedLookup }),
    });
    request.on('socket', (socket) =>
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        isConnected = true;
      }),
    );
    request.on('response', (response) => resolve(ok(response)));
    // stays there after the answer: what goes wrong then is seen by whoever reads the body
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (options.signal.aborted) reject(error);
      else resolve(err(failureOf(call, hop, error, isConnected)));
    });
    sendBody(request, sending);
  });
}

/** No more of a file goes out than was announced: it may be growing. The stream closes the file. */
function sendBody(request: http.ClientRequest, sending: Sending | undefined): void {
  const { file, text, bytes = 0 } = sending ?? {};
  if (!file || bytes === 0) {
    request.end(text);
    void file?.close();
  } else pipeline(file.createReadStream({ start: 0, end: bytes - 1 }), request, () => {});
}

/** Codes of a certificate that does not hold; OpenSSL's names, as Node hands them on. */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECODE|DECRYPT)|INVALID_(?:CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH/;

const WHY: { readonly [code: string]: string } = {
  ...NETWORK_TROUBLE,
  ECONNRESET: 'the connection was cut',
  EPROTO: 'it does not speak TLS',
  Z_DATA_ERROR: 'it is not encoded as it says',
};

function failureOf(
  call: HttpCall,
  { url, isRedirect }: Hop,
  { code = 'ERROR', message }: NodeJS.ErrnoException,
  isConnected: boolean,
): Failure {
  if (code === ADDRESS_REFUSED) return addressRefused(url.hostname, message, isRedirect);
  if (code === 'HPE_HEADER_OVERFLOW') return tooLarge(url, http.maxHeaderSize);
  if (CERTIFICATE.test(code)) return certificateRefused(url, code.toLowerCase().replaceAll('_', ' '));
  const why = WHY[code] ?? code;
  // an earlier hop of the same call may have done its work
  if (isConnected || isRedirect) return connectionLost(url, why, call.repeatable);
  return unreachable(url, why);
}

/** Why the connection ended while the answer was read. */
export const lostWhile = (call: HttpCall, url: URL, error: NodeJS.ErrnoException): Failure =>
  connectionLost(url, WHY[error.code ?? ''] ?? error.code ?? 'it was cut', call.repeatable);
