/**
 * The fields of `notify` as a definition writes them. Owns their schema and what contradicts itself in them; what may
 * hold `{{ }}` is checked again when it has its value.
 */
import * as z from 'zod';
import { NOTIFY_TARGETS_MAX } from '../../engine/core/limits.ts';
import { httpFields } from '../http/http-fields.ts';
import { ADDRESS_EXPECTED, mailAddress } from './mail-address.ts';

const { headers, auth, tls } = httpFields.shape;
const url = z.string().min(1);

const slack = z.union([url, z.strictObject({ url, json: z.record(z.string(), z.json()).optional() })]);

const webhook = z.strictObject({
  url,
  method: z.enum(['POST', 'PUT']).optional(),
  headers,
  auth,
  tls,
  json: z.json().optional(),
});

const smtp = z
  .strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).optional(),
    user: z.string().min(1).optional(),
    password_env: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable')
      .optional(),
    tls: z.enum(['starttls', 'implicit', 'none']).optional(),
    ca: z.string().min(1).optional(),
  })
  .refine(
    ({ user, password_env }) => (user === undefined) === (password_env === undefined),
    'expected `user` and `password_env` together, or neither',
  )
  .refine(
    ({ user, tls: kind }) => user === undefined || kind !== 'none',
    'expected no `user` where `tls` is `none`: the password would be sent in the clear',
  );

/** What holds an expression is looked at when it has its value. */
const address = z
  .string()
  .min(1)
  .refine((text) => text.includes('{{') || mailAddress(text) !== undefined, ADDRESS_EXPECTED);
const email = z.strictObject({
  to: z.union([address, z.array(address).min(1)]),
  from: address,
  subject: z.string().min(1).optional(),
  smtp,
});

const signal = z.strictObject({
  run_id: z.string().min(1),
  name: z.string().min(1),
  payload: z.json().optional(),
});

const target = {
  slack: slack
    .optional()
    .describe('URL of a Slack-compatible webhook, or {url, json}: `json` holds more members of the message'),
  webhook: webhook
    .optional()
    .describe(
      '{url, method, headers, auth, tls, json}: POST of {title, message, run_id, step}, or of `json`',
    ),
  email: email.optional().describe('{to, from, subject, smtp: {host, port, user, password_env, tls, ca}}'),
  signal: signal.optional().describe('{run_id, name, payload}: what a `wait` step of another run waits for'),
  desktop: z.literal(true).optional().describe('Shown on the desktop of the machine that runs the step'),
};
const oneTarget = z.strictObject(target);

export type TargetFields = z.infer<typeof oneTarget>;
export type SlackFields = z.infer<typeof slack>;
export type WebhookFields = z.infer<typeof webhook>;
export type EmailFields = z.infer<typeof email>;
export type SignalFields = z.infer<typeof signal>;

const KINDS = Object.keys(target) as (keyof typeof target)[];
const EXPECTED = 'expected exactly one of `slack`, `webhook`, `email`, `signal` and `desktop`';

/** Of its target. */
export const kindsOf = (fields: TargetFields) => KINDS.filter((kind) => fields[kind] !== undefined);

/** What `notify` may be given. */
export const notifyFields = z
  .strictObject({
    message: z.string().min(1).optional().describe('What to say'),
    title: z.string().min(1).optional().describe('A headline, and the subject of a mail'),
    ...target,
    to: z
      .array(oneTarget)
      .min(1)
      .max(NOTIFY_TARGETS_MAX)
      .optional()
      .describe('Several of them, each with one of `slack`, `webhook`, `email`, `signal` and `desktop`'),
    allow_private: z
      .boolean()
      .optional()
      .describe('Also go to private, loopback and link-local addresses that are not named literally'),
  })
  .superRefine((written, context) => {
    const refuse = (message: string, path: (string | number)[] = []) =>
      context.addIssue({ code: 'custom', path, message });
    const kinds = kindsOf(written);
    if (kinds.length + (written.to ? 1 : 0) !== 1) refuse(`${EXPECTED}, or a list of them in \`to\``);
    for (const [index, one] of (written.to ?? []).entries())
      if (kindsOf(one).length !== 1) refuse(EXPECTED, ['to', index]);
    const needsWords = targetsOf(written).some(
      ({ webhook: own, signal: told }) => own?.json === undefined && told?.payload === undefined,
    );
    if (written.message === undefined && needsWords) refuse('expected a `message`');
  });

export type NotifyFields = z.infer<typeof notifyFields>;

/** Where it goes to, one after the other. */
export function targetsOf(fields: NotifyFields): readonly TargetFields[] {
  if (fields.to) return fields.to;
  const { slack, webhook, email, signal: told, desktop } = fields;
  return [{ slack, webhook, email, signal: told, desktop }];
}
