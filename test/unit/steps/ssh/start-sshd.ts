/**
 * A real OpenSSH server on a loopback port, with keys, a home and a configuration of its own. Whoever logs in is the user
 * who starts it. Ended by whoever started it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../../src/engine/core/model.ts';

const PROGRAM = '/usr/sbin/sshd';

/** False: tests that need a server say that they are skipped. */
export const hasSshd = existsSync(PROGRAM) && existsSync('/usr/bin/ssh-keygen');
if (!hasSshd) console.warn(`skipped: ssh tests need ${PROGRAM} and ssh-keygen (Debian: openssh-server)`);

export const USER = userInfo().username;

export interface SshServer {
  readonly port: number;
  /** All of it lies here. */
  readonly folder: string;
  /** Home of whoever logs in. */
  readonly home: string;
  /** Programs here come first on the PATH of whoever logs in. */
  readonly programs: string;
  /** A private key that may log in. */
  readonly keyFile: string;
  /** As `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  /** `[127.0.0.1]:port type base64`. */
  readonly knownLine: string;
  readonly knownHosts: string;
  /** Fields that every step with this server has. */
  readonly fields: JsonObject;
  /** How many have logged in so far. */
  logins(): number;
  /** Cuts every connection that there is; new ones are taken. */
  cut(): void;
  /** They go on existing, and say nothing any more. */
  freeze(): void;
  stop(): Promise<void>;
}

export interface ServerTerms {
  /** Lines of its configuration; they come first, and so they count. */
  readonly config?: readonly string[];
  readonly keyTypes?: readonly string[];
  /** The same keys, folder and port as a server that has stopped. */
  readonly like?: SshServer;
}

export const keygen = (...args: readonly string[]): string =>
  execFileSync('/usr/bin/ssh-keygen', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Listening; whoever starts it stops it. */
export async function startSshd(terms: ServerTerms & { readonly folder: string }): Promise<SshServer> {
  const { folder, like, keyTypes = ['ed25519'], config = [] } = terms;
  const port = like?.port ?? (await freePort());
  const [home, programs] = [join(folder, 'home'), join(folder, 'programs')];
  const hostKeys = keyTypes.map((type) => join(folder, `host_${type}`));
  const keyFile = join(folder, 'user_key');
  if (!like) prepare(folder, keyTypes);
  const lines = [
    ...config,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${keyFile}.pub`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PidFile none',
    'LogLevel INFO',
    'Subsystem sftp internal-sftp',
    `SetEnv HOME=${home} PATH=${programs}:/usr/bin:/bin`,
  ];
  writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`);
  const server = await listening(join(folder, 'config'));
  const { child, log } = server;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    signalChildren(child, 'SIGKILL');
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  };
  const [type = '', base64 = ''] = readFileSync(`${hostKeys[0]}.pub`, 'utf8').split(' ');
  const knownHosts = join(folder, 'known_hosts');
  const knownLine = `[127.0.0.1]:${port} ${type} ${base64}`;
  writeFileSync(knownHosts, `${knownLine}\n`);
  return {
    ...{ port, folder, home, programs, keyFile, knownHosts, knownLine, stop },
    fingerprint: keygen('-lf', `${hostKeys[0]}.pub`).split(' ')[1] as string,
    fields: {
      ...{ host: '127.0.0.1', port, user: USER, known_hosts: knownHosts, auth: { key_file: keyFile } },
    },
    logins: () => log.text.split('Accepted publickey').length - 1,
    cut: () => signalChildren(child, 'SIGKILL'),
    freeze: () => signalChildren(child, 'SIGSTOP'),
  };
}

function prepare(folder: string, keyTypes: readonly string[]): void {
  for (const name of ['home', 'programs']) mkdirSync(join(folder, name));
  for (const type of keyTypes) keygen('-q', '-t', type, '-N', '', '-f', join(folder, `host_${type}`));
  keygen('-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'user_key'));
  // where it separates its privileges; packages make it at boot
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
}

function listening(
  config: string,
): Promise<{ readonly child: ChildProcess; readonly log: { text: string } }> {
  const child = spawn(PROGRAM, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = { text: '' };
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`sshd ended: ${log.text}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log.text += text;
      if (log.text.includes('Server listening on')) resolve({ child, log });
    });
  });
}

/** The processes that serve its connections. */
function signalChildren({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return;
  for (const child of readFileSync(path, 'utf8').split(' ').filter(Boolean)) {
    try {
      process.kill(Number(child), signal);
    } catch {
      // it has ended by itself
    }
  }
}
