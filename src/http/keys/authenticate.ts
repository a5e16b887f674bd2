/**
 * Who sends a request. Deny by default: where a key has ever been made, or the server can be reached from elsewhere,
 * whoever brings none is refused; what is brought has to be right, also where none is asked for.
 */
import { err, ok, type Result } from '../../engine/core/failure.ts';
import type { Access } from '../../tools/access.ts';
import type { ToolError } from '../../tools/tool.ts';
import { isKeyOf, keyState, nameInKey } from './access-key.ts';
import type { KeyFolder } from './key-folder.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** Who is on this machine, where there are no keys. */
export const LOCAL_CALLER = 'http:local';

export interface Authentication {
  readonly keys: KeyFolder;
  /** False on a loopback address: there the first key closes the door. */
  readonly keysAlways: boolean;
  /** For tokens that are no keys of ours. */
  readonly verifyToken?: TokenVerifier | undefined;
  readonly now: () => number;
}

/** The caller; undefined for the local user where there are no keys. */
export async function authenticate(
  authentication: Authentication,
  authorization: string | undefined,
): Promise<Result<Access | undefined, ToolError>> {
  const { keys, keysAlways, verifyToken } = authentication;
  if (authorization === undefined)
    return keysAlways || keys.isInUse ? err(refused('a key is needed')) : ok(undefined);
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const name = token === undefined ? undefined : nameInKey(token);
  if (token !== undefined && name !== undefined) return holderOf(authentication, name, token);
  if (token !== undefined && verifyToken) return verifyToken(token);
  return err(refused('what was sent is no key'));
}

function holderOf({ keys, now }: Authentication, name: string, token: string): Result<Access, ToolError> {
  const found = keys.find(name);
  if (!found.ok) return found;
  const key = found.value;
  // one answer for both: whether there is such a name is nobody's business
  if (!key || !isKeyOf(key, token)) return err(refused('the key is not known'));
  const state = keyState(key, now());
  if (state !== 'active') return err(refused(`key \`${name}\` is ${state}`));
  return ok({ caller: `http:${name}`, roles: key.roles });
}

const refused = (message: string): ToolError => ({
  code: 'unauthorized',
  message,
  hint: 'send `Authorization: Bearer KEY`; whoever runs this server makes one with `belay keys add`',
});
