/**
 * One mail as data: what the fields become when their expressions have values. Made anew for each attempt and never
 * journaled, because it holds the password.
 * 1. One entry is one address: no value adds a recipient or a header.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { NOTIFY_RECIPIENTS_MAX } from '../../engine/core/limits.ts';
import type { Json } from '../../engine/core/model.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { requestInvalid } from '../http/http-messages.ts';
import { type MailAddress, mailAddress } from './mail-address.ts';
import type { EmailFields } from './notify-fields.ts';
import { addressInvalid, hostInvalid, passwordMissing } from './notify-messages.ts';
import { oneLine, type Words } from './words.ts';

/** How the mail reaches its server. */
export type MailServer = {
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'implicit' | 'none';
  /** Absolute. */
  readonly caFile?: string;
  readonly login?: { readonly user: string; readonly password: string };
  /** The definition does not name the host itself: its address is checked. */
  readonly isChecked: boolean;
};

export type Mail = {
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly server: MailServer;
  readonly repeatable: boolean;
};

export function mailOf(
  context: StepContext,
  fields: EmailFields,
  words: Words,
  allowPrivate: boolean,
): Result<Mail, Failure> {
  const from = senderOf(context, fields.from);
  if (!from.ok) return from;
  const to = recipientsOf(context, fields.to);
  if (!to.ok) return to;
  const subject = context.renderText(fields.subject ?? '');
  if (!subject.ok) return subject;
  const server = serverOf(context, fields.smtp, allowPrivate);
  if (!server.ok) return server;
  const usual = words.title ?? oneLine(words.message.split('\n', 1)[0] as string);
  return ok({
    from: from.value,
    to: to.value,
    subject: oneLine(subject.value) || usual,
    text: words.message,
    messageId: messageIdOf(context, from.value, to.value),
    server: server.value,
    repeatable: context.step.idempotent,
  });
}

function senderOf(context: StepContext, written: string): Result<MailAddress, Failure> {
  const text = context.renderText(written);
  if (!text.ok) return text;
  const address = mailAddress(text.value);
  return address ? ok(address) : err(addressInvalid('from'));
}

function recipientsOf(context: StepContext, written: EmailFields['to']): Result<MailAddress[], Failure> {
  const rendered = context.render(written);
  if (!rendered.ok) return rendered;
  const entries = [rendered.value].flat() as readonly Json[];
  if (entries.length === 0) return err(requestInvalid('`email.to` is empty'));
  if (entries.length > NOTIFY_RECIPIENTS_MAX)
    return err(
      requestInvalid(
        `\`email.to\` has ${entries.length} addresses, expected at most ${NOTIFY_RECIPIENTS_MAX}`,
      ),
    );
  const addresses: MailAddress[] = [];
  for (const entry of entries) {
    const address = typeof entry === 'string' ? mailAddress(entry) : undefined;
    if (!address) return err(addressInvalid('to'));
    addresses.push(address);
  }
  return ok(addresses);
}

const USUAL_PORT = { starttls: 587, implicit: 465, none: 25 } as const;
const HOST = /^[\w.:-]+$/;

function serverOf(
  context: StepContext,
  smtp: EmailFields['smtp'],
  allowPrivate: boolean,
): Result<MailServer, Failure> {
  const host = context.renderText(smtp.host);
  if (!host.ok) return host;
  if (!HOST.test(host.value)) return err(hostInvalid());
  const login = loginOf(context, smtp);
  if (!login.ok) return login;
  const caFile = context.renderText(smtp.ca ?? '');
  if (!caFile.ok) return caFile;
  const tls = smtp.tls ?? (smtp.port === USUAL_PORT.implicit ? 'implicit' : 'starttls');
  return ok({
    host: host.value,
    port: smtp.port ?? USUAL_PORT[tls],
    tls,
    isChecked: smtp.host.includes('{{') && !allowPrivate,
    ...(smtp.ca !== undefined && { caFile: resolve(context.cwd, caFile.value) }),
    ...(login.value && { login: login.value }),
  });
}

function loginOf(
  context: StepContext,
  { user: written, password_env: variable }: EmailFields['smtp'],
): Result<MailServer['login'], Failure> {
  if (written === undefined || variable === undefined) return ok(undefined);
  const user = context.renderText(written);
  if (!user.ok) return user;
  const environment = context.environment();
  if (!environment.ok) return environment;
  const password = environment.value[variable];
  return password ? ok({ user: user.value, password }) : err(passwordMissing(variable));
}

/** The same where a mail is sent again because its host died: then its readers may see it once. */
function messageIdOf(context: StepContext, from: MailAddress, to: readonly MailAddress[]): string {
  const { performance } = context;
  const recipients = to.map(({ address }) => address);
  const digest = createHash('sha256')
    .update(JSON.stringify([performance, recipients]))
    .digest('hex');
  return `<${digest.slice(0, 32)}@${from.address.split('@')[1]}>`;
}
