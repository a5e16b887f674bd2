/**
 * Where an ssh call goes, by which way, and what it takes there for true: as data, from a step's fields. Two steps with the
 * same target may share a connection. Does not touch the network or the disk.
 */
import { resolve } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { HOST_KEY_EXPECTED, isHostKeyRule } from './host-key-rule.ts';
import { authOf, type SshAuth } from './ssh-auth.ts';
import type { SshFields } from './ssh-fields.ts';
import type { SshHop } from './ssh-hop.ts';
import { requestInvalid } from './ssh-messages.ts';

/** A type, not an interface, so that it counts as JSON. */
export type SshTarget = {
  readonly hop: SshHop;
  readonly jumps: readonly SshHop[];
  readonly auth: SshAuth;
  readonly hostKey: string;
  /** Absolute. */
  readonly knownHosts: readonly string[];
};

/** A rendered text that may stand in a path or a command line's word; undefined stays so. */
export function textOf(
  context: StepContext,
  field: string,
  template: string | undefined,
): Result<string | undefined, Failure> {
  if (template === undefined) return ok(undefined);
  const text = context.renderText(template);
  if (!text.ok) return text;
  if (text.value === '' || text.value.includes('\0'))
    return err(requestInvalid(`\`${field}\` is empty or holds a NUL character`));
  return text;
}

const HOST = /^[A-Za-z0-9._:%-]{1,255}$/;
/** It becomes a word of a command line there, and must not be taken for an option. */
export const USER = /^[A-Za-z0-9_][\w.@\\+-]{0,254}\$?$/;

function hopOf(host: string, port: string, user: string): Result<SshHop, Failure> {
  const bare = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  if (!HOST.test(bare) || bare.startsWith('-'))
    return err(requestInvalid(`\`${host}\` is no name or address of a machine`));
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    return err(requestInvalid(`\`${port}\` is no port`));
  if (!USER.test(user)) return err(requestInvalid(`\`${user}\` is no name of a user`));
  return ok({ host: bare, port: Number(port), user });
}

const HOP = /^(?:([^@\s]+)@)?(\[[^\]\s]+\]|[^:@\s]+)(?::(\d+))?$/;

function jumpOf(text: string, user: string): Result<SshHop, Failure> {
  const parts = HOP.exec(text);
  if (!parts) return err(requestInvalid(`\`jump\`: expected \`user@host:port\`, found \`${text}\``));
  return hopOf(parts[2] as string, parts[3] ?? '22', parts[1] ?? user);
}

/** Failure `request_invalid`, or what an expression says. */
export function targetOf(context: StepContext, fields: SshFields): Result<SshTarget, Failure> {
  const environment = context.environment();
  if (!environment.ok) return environment;
  const { HOME: home, USER: local, LOGNAME = local } = environment.value;
  const host = textOf(context, 'host', fields.host);
  const port = textOf(context, 'port', String(fields.port ?? 22));
  const user = textOf(context, 'user', fields.user ?? LOGNAME);
  for (const text of [host, port, user]) if (!text.ok) return text;
  if (!host.ok || !port.ok || !user.ok) throw new Error('unreachable');
  if (user.value === undefined) return err(requestInvalid('expected `user`: the run has no user of its own'));
  const hop = hopOf(host.value as string, port.value as string, user.value);
  if (!hop.ok) return hop;
  const jumps: SshHop[] = [];
  for (const template of fields.jump ?? []) {
    const text = textOf(context, 'jump', template);
    if (!text.ok) return text;
    const jump = jumpOf(text.value as string, hop.value.user);
    if (!jump.ok) return jump;
    jumps.push(jump.value);
  }
  const auth = authOf(context, fields, environment.value);
  if (!auth.ok) return auth;
  const hostKey = context.renderText(fields.host_key ?? 'strict');
  if (!hostKey.ok) return hostKey;
  if (!isHostKeyRule(hostKey.value))
    return err(requestInvalid(`\`host_key\`: expected ${HOST_KEY_EXPECTED}, found \`${hostKey.value}\``));
  const knownHosts = knownHostsOf(context, fields, home);
  if (!knownHosts.ok) return knownHosts;
  return ok({
    hop: hop.value,
    jumps,
    auth: auth.value,
    hostKey: hostKey.value,
    knownHosts: knownHosts.value,
  });
}

function knownHostsOf(
  context: StepContext,
  { known_hosts: written }: SshFields,
  home: string | undefined,
): Result<readonly string[], Failure> {
  if (written === undefined) {
    const own = home === undefined ? [] : [`${home}/.ssh/known_hosts`];
    return ok([...own, '/etc/ssh/ssh_known_hosts']);
  }
  const files: string[] = [];
  for (const template of typeof written === 'string' ? [written] : written) {
    const file = textOf(context, 'known_hosts', template);
    if (!file.ok) return file;
    files.push(localPath(context, file.value as string, home));
  }
  return ok(files);
}

/** From the directory of the run; `~/` is the home of the run. */
const localPath = ({ cwd }: StepContext, path: string, home: string | undefined): string =>
  home !== undefined && path.startsWith('~/') ? resolve(home, path.slice(2)) : resolve(cwd, path);
