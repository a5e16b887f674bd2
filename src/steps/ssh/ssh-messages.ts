/**
 * The words of every failure that an ssh step meets, and whether another attempt may help. Owns wording only.
 * 1. No message shows a password, a passphrase, a key or the value of a variable.
 */
import type { Failure } from '../../engine/core/failure.ts';
import { type SshHop, shownHop } from './ssh-hop.ts';

export const requestInvalid = (what: string, hint?: string): Failure => ({
  code: 'request_invalid',
  retry: 'final',
  message: what,
  hint: hint ?? 'correct the definition or the inputs, and start the step again with workflow_resume',
});

export const unreachable = (hop: SshHop, why: string): Failure => ({
  code: 'unreachable',
  retry: 'again',
  message: `${shownHop(hop)} cannot be reached: ${why}`,
  hint: 'nothing was done there; check the host, the port, the jump hosts and the network',
});

export const authFailed = (hop: SshHop, tried: readonly string[], why?: string): Failure => ({
  code: 'auth_failed',
  retry: 'final',
  message: `${shownHop(hop)} refused the login: ${why ?? `tried ${tried.join(', ') || 'nothing'}`}`,
  hint: 'check `user` and `auth`, and that the public key is in `authorized_keys` there; a variable that `auth` reads has to be declared under `prerequisites`',
});

interface FoundKey {
  readonly name: string;
  readonly type: string;
  readonly fingerprint: string;
}

const keyData = ({ name, type, fingerprint }: FoundKey) => ({ host: name, key_type: type, fingerprint });

export const hostKeyUnknown = (found: FoundKey, hasAuthority: boolean): Failure => ({
  code: 'host_key_unknown',
  retry: 'final',
  message: `\`${found.name}\` is not known: it shows the ${found.type} key \`${found.fingerprint}\`${
    hasAuthority ? ', and a certificate of its authority is not read here' : ''
  }`,
  hint: `ask whoever runs it whether this is its key; then set \`host_key: ${found.fingerprint}\`, or add the key to \`known_hosts\`; \`host_key: accept-new\` takes the first key that a machine shows`,
  data: keyData(found),
});

export const hostKeyChanged = (
  found: FoundKey,
  expected: readonly string[],
  where: 'known_hosts' | 'host_key',
): Failure => ({
  code: 'host_key_changed',
  retry: 'final',
  message: `\`${found.name}\` shows the ${found.type} key \`${found.fingerprint}\`, and \`${where}\` says ${expected
    .slice(0, 5)
    .map((each) => `\`${each}\``)
    .join(' or ')}: it is another machine, or somebody stands in between`,
  hint: `only when whoever runs it confirms the new key: ${
    where === 'host_key' ? 'correct `host_key`' : `remove the old one with \`ssh-keygen -R '${found.name}'\``
  }`,
  data: { ...keyData(found), expected: [...expected.slice(0, 5)] },
});

export const hostKeyRevoked = (found: FoundKey): Failure => ({
  code: 'host_key_changed',
  retry: 'final',
  message: `\`${found.name}\` shows the ${found.type} key \`${found.fingerprint}\`, which \`known_hosts\` calls revoked`,
  hint: 'do not use this machine until whoever runs it has given it a new key',
  data: { ...keyData(found), revoked: true },
});

/** The connection went before the command could have begun. */
export const lostBefore = (hop: SshHop): Failure => ({
  code: 'connection_lost',
  retry: 'again',
  message: `the connection to ${shownHop(hop)} ended before the command began`,
  hint: 'nothing was run; `retry` tries again by itself',
});

/** It is there, and takes no command. */
export const sessionRefused = (hop: SshHop): Failure => ({
  code: 'unreachable',
  retry: 'again',
  message: `${shownHop(hop)} opens no session`,
  hint: 'nothing was done there; it has too many sessions, or the login may not run commands',
});

export const lostWhile = (hop: SshHop, repeatable: boolean): Failure => ({
  code: 'connection_lost',
  retry: repeatable ? 'again' : 'final',
  message: `the connection to ${shownHop(hop)} ended before the command did`,
  hint: repeatable
    ? 'it may be made again; `retry` does so by itself'
    : 'how far it got is unknown, and the machine was told to end it; `detach: true` lets a command go on, `idempotent: true` says that it may be run again',
});

export const lostDetached = (hop: SshHop, folder: string): Failure => ({
  code: 'connection_lost',
  retry: 'final',
  message: `${shownHop(hop)} could not be reached again while its command was running`,
  hint: `the command may still go on there: its output and its exit code are in \`${folder}\``,
  data: { folder },
});

export const remoteCwdMissing = (hop: SshHop, cwd: string): Failure => ({
  code: 'cwd_missing',
  retry: 'final',
  message: `\`cwd\` is no directory that can be entered on ${shownHop(hop)}: \`${cwd}\``,
  hint: 'create the directory in an earlier step, or correct `cwd`; it is taken from where the login begins',
  data: { cwd },
});

export const remoteShellMissing = (hop: SshHop, shell: string, found: string): Failure => ({
  code: 'shell_missing',
  retry: 'final',
  message: `${shownHop(hop)} does not run \`${shell}\`${found === '' ? '' : `: ${found}`}`,
  hint: 'a POSIX `sh` is needed there, and a login that may run commands',
});

export const remoteFolderFailed = (hop: SshHop, found: string): Failure => ({
  code: 'detach_failed',
  retry: 'final',
  message: `a command cannot be detached on ${shownHop(hop)}: ${found}`,
  hint: 'it needs a home directory that can be written to, and `mkdir`, `tail`, `head`, `wc` and `sleep`',
});

export const sudoRefused = (hop: SshHop, user: string, found: string): Failure => ({
  code: 'sudo_refused',
  retry: 'final',
  message: `\`sudo\` on ${shownHop(hop)} does not run commands as \`${user}\`${found === '' ? '' : `: ${found}`}`,
  hint: 'it never asks for a password here: allow `/bin/sh` with NOPASSWD in sudoers, or leave `sudo` out',
});

export const transferFailed = (
  direction: 'upload' | 'download',
  what: string,
  retry: Failure['retry'] = 'final',
): Failure => ({
  code: `${direction}_failed`,
  retry,
  message: `\`${direction}\`: ${what}`,
  hint:
    direction === 'upload'
      ? '`from` starts at the directory of the run, `to` where the login begins there (`cwd`, if it is said)'
      : '`from` starts where the login begins there (`cwd`, if it is said), `to` at the directory of the run',
});

export const transferTooLarge = (direction: 'upload' | 'download', what: string, bound: string): Failure => ({
  code: 'transfer_too_large',
  retry: 'final',
  message: `\`${direction}\`: ${what}`,
  hint: bound,
});
