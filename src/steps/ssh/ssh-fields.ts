/**
 * The fields of `ssh` as a definition writes them. Owns their schema and what contradicts itself in them; a field that
 * may hold `{{ }}` is checked again when it has its value, in `ssh-call.ts`.
 */
import * as z from 'zod';
import { SSH_JUMPS_MAX, SSH_TRANSFERS_MAX } from '../../engine/core/limits.ts';
import { durationField } from '../duration.ts';
import { sizeField } from '../size.ts';
import { HOST_KEY_EXPECTED, isHostKeyRule } from './host-key-rule.ts';

const holdsExpression = (text: string): boolean => text.includes('{{');

/** A secret written down is none: it has to come from a variable. */
const secret = z
  .string()
  .refine(holdsExpression, 'expected an expression such as `{{ env.SSH_PASSWORD }}`')
  .optional();

const auth = z
  .strictObject({
    agent: z.union([z.literal(true), z.string().min(1)]).optional(),
    key_file: z.string().min(1).optional(),
    key: secret,
    passphrase: secret,
    password: secret,
  })
  .refine(
    ({ passphrase, ...ways }) => Object.values(ways).some((way) => way !== undefined),
    'expected `agent`, `key_file`, `key` or `password`',
  )
  .refine(
    ({ passphrase, key, key_file }) => passphrase === undefined || (key ?? key_file) !== undefined,
    'expected `passphrase` beside `key` or `key_file` only',
  );

const transfers = z
  .array(z.strictObject({ from: z.string().min(1), to: z.string().min(1) }))
  .min(1)
  .max(SSH_TRANSFERS_MAX);

/** What `ssh` may be given. */
export const sshFields = z
  .strictObject({
    host: z.string().min(1).describe('Name or address of the machine; may hold {{ }}'),
    port: z
      .union([z.int().min(1).max(65_535), z.string().min(1)])
      .optional()
      .describe('22 unless said'),
    user: z.string().min(1).optional().describe('Who logs in there; the user of the run unless said'),
    auth: auth
      .optional()
      .describe('{agent: true}, {key_file}, {key}, {password}, with {passphrase}; secrets are expressions'),
    host_key: z
      .string()
      .refine((text) => holdsExpression(text) || isHostKeyRule(text), `expected ${HOST_KEY_EXPECTED}`)
      .optional()
      .describe('`strict` unless said, `accept-new`, or the one fingerprint that counts: `SHA256:…`'),
    known_hosts: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(10)])
      .optional()
      .describe('Files of known host keys; those of OpenSSH unless said'),
    jump: z
      .array(z.string().min(1))
      .min(1)
      .max(SSH_JUMPS_MAX)
      .optional()
      .describe('Machines to go through, in order: `user@host:port`'),
    command: z.string().min(1).optional().describe('The script that runs there; may have several lines'),
    shell: z
      .enum(['bash', 'sh', 'dash', 'zsh'])
      .optional()
      .describe('What runs it; bash where it is there, else sh'),
    cwd: z.string().min(1).optional().describe('Directory there; where the login begins unless said'),
    sudo: z
      .union([z.boolean(), z.string().min(1)])
      .optional()
      .describe('Run the command as root, or as that user, by `sudo -n`: it never asks'),
    detach: z
      .boolean()
      .optional()
      .describe('The command goes on when the connection or Belay ends, and is found again'),
    upload: transfers
      .optional()
      .describe(
        'Before the command: files and folders {from: here, to: there}, from the directory of the run',
      ),
    download: transfers
      .optional()
      .describe(
        'After the command: files and folders {from: there, to: here}, into the directory of the run',
      ),
    allow_outside: z
      .boolean()
      .optional()
      .describe('`upload` and `download` may also name files outside of the directory of the run'),
    max_bytes: sizeField
      .optional()
      .describe('What `upload` and `download` may move together; 1GB unless said'),
    output_limit: sizeField.optional().describe('What the command may write, 64MB unless said'),
    on_output_limit: z.enum(['fail', 'truncate']).optional().describe('At the limit: fail, or cut and go on'),
    kill_grace: durationField.optional().describe('Time between TERM and KILL there, 3s unless said'),
  })
  .superRefine((written, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: [], message });
    const { command, upload, download } = written;
    if ((command ?? upload ?? download) === undefined)
      refuse('expected `command`, `upload`, `download` or several of them');
    for (const field of ['shell', 'sudo', 'detach', 'output_limit', 'on_output_limit', 'kill_grace'] as const)
      if (command === undefined && written[field] !== undefined)
        refuse(`expected \`command\` beside \`${field}\``);
  });

export type SshFields = z.infer<typeof sshFields>;
