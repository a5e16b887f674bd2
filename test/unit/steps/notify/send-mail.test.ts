/** Mails of `notify`, at a real server: what it is told, over what connection, and what becomes of a refusal. */
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../../../src/engine/core/model.ts';
import { fakeCall } from '../fake-call.ts';
import { certificateFile } from '../http/certificate.ts';
import { scratchFolder } from '../http/web.ts';
import { headerOf, type MailServer, mailServer } from './mail-server.ts';
import { refusal, tell, told } from './notifying.ts';

const email = (port: number, smtp: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  message: 'all is {{ how }}',
  email: {
    to: 'bea@example.org',
    from: 'Belay <belay@example.org>',
    smtp: { host: '127.0.0.1', port, tls: 'none', ...smtp },
    ...more,
  },
});
const values = { how: 'well' };

const trusting = ({ certificate }: MailServer): JsonObject => ({
  ca: certificateFile(join(scratchFolder(), 'ca.pem'), certificate),
});

test('a mail in the clear', async () => {
  const { port, received } = await mailServer();
  const { sent } = await told(email(port), { values });
  expect(received).toMatchObject([
    { from: 'belay@example.org', to: ['bea@example.org'], body: 'all is well', isSecure: false },
  ]);
  const [mail] = received;
  expect(headerOf(mail!, 'subject')).toBe('all is well');
  expect(headerOf(mail!, 'from')).toBe('Belay <belay@example.org>');
  expect(headerOf(mail!, 'auto-submitted')).toBe('auto-generated');
  expect(sent).toEqual([{ to: 'email', message_id: headerOf(mail!, 'message-id') }]);
});

test.each([
  ['starttls', {}],
  ['implicit', { secure: true }],
])('over TLS, %s, with a login whose password comes from a variable', async (kind, options) => {
  const server = await mailServer(options);
  const login = { tls: kind, user: 'ann', password_env: 'SMTP_PASSWORD', ...trusting(server) };
  const environment = { SMTP_PASSWORD: 's3cret pass' };
  await told(email(server.port, login), { values, environment });
  expect(server.received).toMatchObject([{ isSecure: true, user: 'ann', body: 'all is well' }]);
});

test.each([
  ['starttls', {}],
  ['implicit', { secure: true }],
])('a certificate that nobody vouches for: nothing is said, %s', async (kind, options) => {
  const server = await mailServer(options);
  const failure = await refusal(email(server.port, { tls: kind }), { values });
  expect(failure).toMatchObject({ code: 'certificate', retry: 'final' });
  expect(server.received).toEqual([]);
});

test('a certificate for another name', async () => {
  const server = await mailServer();
  const smtp = { tls: 'starttls', host: 'localhost', ...trusting(server) };
  const failure = await refusal(email(server.port, smtp), { values });
  expect(failure).toMatchObject({ code: 'certificate', retry: 'final' });
  expect(server.received).toEqual([]);
});

test('TLS is asked for unless said otherwise; a server without it is told nothing', async () => {
  const server = await mailServer({ disabledCommands: ['STARTTLS'] });
  const { email: fields } = email(server.port) as { readonly email: JsonObject };
  const smtp = { host: '127.0.0.1', port: server.port, user: 'ann', password_env: 'P' };
  const config = { message: 'hi', email: { ...fields, smtp } };
  const failure = await refusal(config, { values, environment: { P: 's3cret pass' } });
  expect(failure).toMatchObject({ code: 'tls_refused', retry: 'final' });
  expect(server.received).toEqual([]);
});

test('a login that is refused says so without the password, also where the server repeats it', async () => {
  const server = await mailServer();
  const login = { tls: 'starttls', user: 'ann', password_env: 'P', ...trusting(server) };
  const failure = await refusal(email(server.port, login), { values, environment: { P: 'wrong pass' } });
  expect(failure).toMatchObject({ code: 'login_refused', retry: 'final' });
  expect(failure.message).toContain('no ann with ***');
  expect(server.received).toEqual([]);
});

test('a login that the server does not offer is no mail without one', async () => {
  const server = await mailServer({ disabledCommands: ['AUTH'] });
  const login = { tls: 'starttls', user: 'ann', password_env: 'P', ...trusting(server) };
  const failure = await refusal(email(server.port, login), { values, environment: { P: 's3cret pass' } });
  expect(failure).toMatchObject({ code: 'login_refused' });
  expect(server.received).toEqual([]);
});

test('a password that is not set', async () => {
  const failure = await refusal(email(1, { tls: 'starttls', user: 'ann', password_env: 'P' }), { values });
  expect(failure).toMatchObject({ code: 'request_invalid', message: expect.stringContaining('`P`') });
});

test('several recipients, of a list that an expression gives', async () => {
  const { port, received } = await mailServer();
  const to = ['bea@example.org', 'Cy <cy@example.org>'];
  await told(email(port, {}, { to: '{{ to }}' }), { values: { ...values, to } });
  expect(received).toMatchObject([{ to: ['bea@example.org', 'cy@example.org'] }]);
});

test('what stands in a value is never a header, and never another recipient', async () => {
  const { port, received } = await mailServer();
  const evil = 'x\r\nBcc: eve@example.org\r\n\r\nhello';
  const words = {
    title: '{{ evil }}',
    email: { ...(email(port).email as JsonObject), subject: '{{ evil }}' },
  };
  await told({ message: '{{ evil }}', ...words }, { values: { evil } });
  const [mail] = received;
  expect(mail?.to).toEqual(['bea@example.org']);
  expect(mail?.headers.filter((line) => /^bcc:/i.test(line))).toEqual([]);
  expect(headerOf(mail!, 'subject')).toBe('x Bcc: eve@example.org hello');
  expect(mail?.body).toBe(evil);
});

test.each([
  'bea@example.org, eve@example.org',
  'bea@example.org\r\nBcc: eve@example.org',
  'Bea <bea@example.org>, Eve <eve@example.org>',
  'Bea\r\nBcc: eve@example.org <bea@example.org>',
  'group: a@example.org, b@example.org;',
  '<bea@example.org> SIZE=1',
  'bea',
  '',
])('%j is no address', async (address) => {
  const { port, received } = await mailServer();
  for (const field of ['to', 'from']) {
    const failure = await refusal(email(port, {}, { [field]: '{{ it }}' }), {
      values: { ...values, it: address },
    });
    expect(failure).toMatchObject({
      code: 'request_invalid',
      message: expect.stringContaining(`\`${field}\``),
    });
  }
  expect(received).toEqual([]);
});

test.each([
  [451, 'again'],
  [550, 'final'],
])('a mail that is refused with %i: %s', async (responseCode, retry) => {
  const { port } = await mailServer({
    onRcptTo: (_address, _session, tellIt) => tellIt(Object.assign(new Error('not her'), { responseCode })),
  });
  const failure = await refusal(email(port), { values });
  expect(failure).toMatchObject({ code: 'mail_refused', retry, message: expect.stringContaining('not her') });
});

test('one recipient of two is refused: the step fails and does not send again', async () => {
  const { port, received } = await mailServer({
    onRcptTo: ({ address }, _session, tellIt) =>
      tellIt(address.startsWith('eve') ? new Error('not her') : null),
  });
  const failure = await refusal(email(port, {}, { to: ['bea@example.org', 'eve@example.org'] }), { values });
  expect(failure).toMatchObject({ code: 'mail_refused', retry: 'final' });
  expect(failure.message).toContain('eve@example.org');
  expect(received).toHaveLength(1);
});

test('nobody listens: nothing was sent, and it may be tried again', async () => {
  const { port } = await listening(() => {}, true);
  const failure = await refusal(email(port), { values });
  expect(failure).toMatchObject({ code: 'unreachable', retry: 'again' });
});

test.each([
  [false, 'final'],
  [true, 'again'],
])('the connection breaks before the answer, idempotent %s: %s', async (idempotent, retry) => {
  const { port } = await listening((socket) => {
    socket.write('220 here\r\n');
    socket.on('data', (piece) => {
      if (`${piece}`.endsWith('\r\n.\r\n')) socket.destroy();
      else socket.write(`${piece}`.startsWith('DATA') ? '354 go on\r\n' : '250 well\r\n');
    });
  });
  const failure = await refusal(email(port), { values, step: { idempotent } });
  expect(failure).toMatchObject({ code: 'connection_lost', retry });
});

test('a host that comes from a value is not looked for on this machine, unless that is allowed', async () => {
  const { port, received } = await mailServer();
  const config = email(port, { host: '{{ host }}' });
  for (const host of ['127.0.0.1', 'localhost'])
    expect(await refusal(config, { values: { ...values, host } })).toMatchObject({ code: 'address_refused' });
  expect(received).toEqual([]);
  await told({ ...config, allow_private: true }, { values: { ...values, host: '127.0.0.1' } });
  expect(received).toHaveLength(1);
});

test('told to end while the server says nothing: it ends, and leaves no connection', async () => {
  const abort = new AbortController();
  const closed = Promise.withResolvers<void>();
  const { port } = await listening((socket) => {
    socket.on('close', closed.resolve).on('error', () => {});
    abort.abort(new Error('enough'));
  });
  await expect(tell(email(port), { values, io: fakeCall({ signal: abort.signal }) })).rejects.toThrow(
    'enough',
  );
  await closed.promise;
});

function listening(
  listener: Parameters<typeof createServer>[1] & object,
  isGone = false,
): Promise<{ readonly port: number }> {
  const server: Server = createServer(listener);
  onTestFinished(() => void server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      if (isGone) server.close(() => resolve({ port }));
      else resolve({ port });
    });
  });
}
