/**
 * The ways of `auth`, ready to be tried: keys are read and parsed here, in the process that logs in.
 * 1. What a key file holds never gets into a message.
 */
import { readFile, stat } from 'node:fs/promises';
import type {
  AgentAuthMethod,
  KeyboardInteractiveAuthMethod,
  PasswordAuthMethod,
  PublicKeyAuthMethod,
} from 'ssh2';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { SshAuth } from './ssh-auth.ts';
import { requestInvalid } from './ssh-messages.ts';

type Way =
  | Omit<AgentAuthMethod, 'username'>
  | Omit<PublicKeyAuthMethod, 'username'>
  | Omit<PasswordAuthMethod, 'username'>
  | Omit<KeyboardInteractiveAuthMethod, 'username'>;

export interface Credentials {
  readonly methods: readonly Way[];
  /** What each method is called in a message. */
  readonly ways: readonly string[];
  /** Why there is nothing that could be tried. */
  readonly problem?: string;
}

/** Larger than any private key. */
const KEY_BYTES_MAX = 64 * 1024;

/** Failure `request_invalid` where a key that was asked for cannot be used. */
export async function credentialsOf(auth: SshAuth): Promise<Result<Credentials, Failure>> {
  const methods: Way[] = [];
  const ways: string[] = [];
  const add = (method: Way, way: string) => {
    methods.push(method);
    ways.push(way);
  };
  if (auth.key !== undefined) {
    const key = await privateKey(auth.key, auth.passphrase, '`auth.key`');
    if (!key.ok) return key;
    add(key.value, 'the key of `auth.key`');
  }
  if (auth.keyFile !== undefined) {
    const text = await keyText(auth.keyFile);
    if (!text.ok) return err(requestInvalid(`\`auth.key_file\`: ${text.error}`));
    const key = await privateKey(text.value, auth.passphrase, `\`${auth.keyFile}\``);
    if (!key.ok) return key;
    add(key.value, `\`${auth.keyFile}\``);
  }
  if (auth.agent !== undefined) add({ type: 'agent', agent: auth.agent }, 'the agent');
  for (const file of auth.usualKeyFiles ?? []) {
    const text = await keyText(file);
    if (!text.ok) continue;
    const key = await privateKey(text.value, undefined, file);
    if (key.ok) add(key.value, `\`${file}\``);
  }
  const { password } = auth;
  if (password !== undefined) {
    add({ type: 'password', password }, 'the password');
    add({ type: 'keyboard-interactive', prompt: answerWith(password) }, 'the password');
  }
  const problem = 'there is no key: neither `auth`, nor an agent, nor an unlocked key in `~/.ssh`';
  return ok({ methods, ways, ...(methods.length === 0 && { problem }) });
}

/** A server may ask for the password as a question; other questions get no answer. */
const answerWith =
  (password: string): KeyboardInteractiveAuthMethod['prompt'] =>
  (_name, _instructions, _language, prompts, finish) =>
    finish(prompts.map(({ echo }) => (echo ? '' : password)));

async function keyText(path: string): Promise<Result<string, string>> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile() || stats.size > KEY_BYTES_MAX)
    return err(`expected a private key, found ${stats ? 'something else' : 'nothing'} at \`${path}\``);
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    return err(`\`${path}\` cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

async function privateKey(
  text: string,
  passphrase: string | undefined,
  shown: string,
): Promise<Result<Way, Failure>> {
  const { utils } = (await import('ssh2')).default;
  // a variable may have lost the last line's end, which the format wants
  const parsed: unknown = utils.parseKey(`${text.trim()}\n`, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!(key instanceof Error) && key?.isPrivateKey()) return ok({ type: 'publickey', key });
  const why = key instanceof Error ? key.message : '';
  if (/no passphrase/i.test(why))
    return err(
      requestInvalid(
        `${shown} is encrypted`,
        'give its passphrase: `passphrase: "{{ env.SSH_PASSPHRASE }}"`',
      ),
    );
  if (/passphrase|integrity|decrypt/i.test(why))
    return err(
      requestInvalid(`${shown} cannot be decrypted: the passphrase is wrong, or the file is damaged`),
    );
  return err(requestInvalid(`${shown} is no private key in OpenSSH or PEM form`));
}
