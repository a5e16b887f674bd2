/**
 * How an ssh call logs in, as data: from the field `auth`, or, without it, what the `ssh` program would try first.
 * Reads no file and asks no agent: that is done when the connection is made.
 */
import { resolve } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import type { SshFields } from './ssh-fields.ts';
import { requestInvalid } from './ssh-messages.ts';

export type SshAuth = {
  /** Socket of an agent. */
  readonly agent?: string;
  /** Text of a private key. */
  readonly key?: string;
  /** Absolute. */
  readonly keyFile?: string;
  readonly passphrase?: string;
  readonly password?: string;
  /** Nobody has asked for these by name: the ones that are there are tried. */
  readonly usualKeyFiles?: readonly string[];
};

type Environment = { readonly [name: string]: string };

const USUAL_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** Failure `request_invalid`, or what an expression says. */
export function authOf(
  context: StepContext,
  { auth }: SshFields,
  { HOME: home, SSH_AUTH_SOCK: socket }: Environment,
): Result<SshAuth, Failure> {
  if (!auth) {
    const usualKeyFiles = home === undefined ? [] : USUAL_KEYS.map((name) => `${home}/.ssh/${name}`);
    return ok({ usualKeyFiles, ...(socket && { agent: socket }) });
  }
  const texts: { [name: string]: string } = {};
  const { agent, ...written } = { ...auth, ...(typeof auth.agent === 'string' && { socket: auth.agent }) };
  for (const [name, template] of Object.entries(written)) {
    if (template === undefined) continue;
    const text = context.renderText(template);
    if (!text.ok) return text;
    if (text.value === '') return err(requestInvalid(`\`auth.${name}\` is empty`));
    texts[name] = text.value;
  }
  if (agent === true && !socket) {
    const hint =
      'declare it with `prerequisites: [{ env: SSH_AUTH_SOCK }]`, or name its socket: `agent: /path`';
    return err(requestInvalid('`auth.agent`: the run is given no `SSH_AUTH_SOCK`', hint));
  }
  const { key, key_file: file, passphrase, password, socket: named = socket } = texts;
  const isHome = file?.startsWith('~/') && home !== undefined;
  return ok({
    ...(agent !== undefined && named && { agent: resolve(context.cwd, named) }),
    ...(key !== undefined && { key }),
    ...(file !== undefined && {
      keyFile: isHome ? resolve(home, file.slice(2)) : resolve(context.cwd, file),
    }),
    ...(passphrase !== undefined && { passphrase }),
    ...(password !== undefined && { password }),
  });
}
