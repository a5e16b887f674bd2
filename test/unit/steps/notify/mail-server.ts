/** A real mail server of a test, on loopback: keeps what it was sent. */
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { type Certificate, selfSigned } from '../http/certificate.ts';

/** One mail, as it came over the wire. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** Header lines, folded ones joined. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly isSecure: boolean;
  readonly user: unknown;
}

export interface MailServer {
  readonly port: number;
  readonly received: readonly Received[];
  readonly certificate: Certificate;
}

/** @param options what it does other than taking every mail of everybody, by STARTTLS or in the clear */
export async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const certificate = selfSigned('127.0.0.1');
  const received: Received[] = [];
  const server = new SMTPServer({
    key: certificate.key,
    cert: certificate.cert,
    authOptional: true,
    logger: false,
    closeTimeout: 1,
    onAuth({ username, password }, _session, tell) {
      if (username === 'ann' && password === 's3cret pass') tell(null, { user: username });
      else tell(new Error(`no ${username} with ${password}`));
    },
    onData(stream, { envelope, secure, user }, done) {
      let text = '';
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      stream.on('end', () => {
        const [head = '', ...rest] = text.split('\r\n\r\n');
        received.push({
          from: envelope.mailFrom ? envelope.mailFrom.address : '',
          to: envelope.rcptTo.map(({ address }) => address),
          headers: head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n'),
          body: rest.join('\r\n\r\n').trimEnd(),
          isSecure: secure,
          user,
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: (server.server.address() as AddressInfo).port, received, certificate };
}

export const headerOf = ({ headers }: Received, name: string): string | undefined =>
  headers.find((line) => line.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2);
