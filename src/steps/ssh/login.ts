/**
 * Logging in to one machine over a socket that is there already: its key is judged, then the ways of `auth` are tried.
 * 1. A new key is written down only when the server has proved that it holds it.
 * 2. The key that was taken at first holds for the whole connection.
 */
import type { Duplex } from 'node:stream';
import type { AnyAuthMethod, Client } from 'ssh2';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { SSH_CONNECT_MS_MAX } from '../../engine/core/limits.ts';
import type { Credentials } from './credentials.ts';
import { keyTypeOf } from './host-key.ts';
import { judgeHostKey } from './host-key-rule.ts';
import { addKnownKey, type KnownKeys, knownKeys, knownName } from './known-hosts.ts';
import type { SshHop } from './ssh-hop.ts';
import { authFailed, requestInvalid, unreachable } from './ssh-messages.ts';

/** In order of preference; a type that is known for the machine comes first. Without SHA-1. */
const KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

export interface LoginTerms {
  readonly hop: SshHop;
  readonly credentials: Credentials;
  /** `strict`, `accept-new` or a fingerprint. */
  readonly hostKey: string;
  readonly knownHosts: readonly string[];
}

/** A client that is ready; it lives as long as the socket, which is closed when this fails. */
export async function login(terms: LoginTerms, sock: Duplex): Promise<Result<Client, Failure>> {
  const { hop } = terms;
  const name = knownName(hop.host, hop.port);
  let known: KnownKeys;
  try {
    known = knownKeys(terms.knownHosts, name);
  } catch (error) {
    sock.destroy();
    return err(requestInvalid(`\`known_hosts\` cannot be read: ${(error as Error).message}`));
  }
  // loaded here: most runs never log in anywhere
  const { Client } = (await import('ssh2')).default;
  const entry = new KeyEntry(terms, name, known);
  const client = new Client();
  const ready = await readiness(client, terms, entry, sock, known);
  if (!ready.ok) sock.destroy();
  return ready;
}

function readiness(
  client: Client,
  { hop, credentials }: LoginTerms,
  entry: KeyEntry,
  sock: Duplex,
  known: KnownKeys,
): Promise<Result<Client, Failure>> {
  return new Promise((resolve) => {
    let tries = 0;
    const refuse = (failure: Failure) => resolve(err(entry.failure ?? failure));
    client.on('ready', () => resolve(entry.failure ? err(entry.failure) : ok(client)));
    client.on('handshake', () => entry.proved());
    client.on('error', ({ level, message }) => {
      // one key or agent that does not work: the next way is tried
      if (level === 'agent' || message.startsWith('Error signing')) return;
      if (level !== 'client-authentication') refuse(unreachable(hop, lowered(message)));
      else refuse(authFailed(hop, credentials.ways.slice(0, tries), credentials.problem));
    });
    client.on('close', () => refuse(unreachable(hop, 'it closed the connection')));
    try {
      client.connect({
        sock,
        username: hop.user,
        readyTimeout: SSH_CONNECT_MS_MAX,
        algorithms: { serverHostKey: algorithmsFor(known) },
        hostVerifier: (key: Buffer) => entry.takes(key),
        authHandler: (_left, _isPartial, next) => {
          const method = credentials.methods[tries];
          tries += 1;
          // ssh2 takes false for: no more ways
          next((method === undefined ? false : { ...method, username: hop.user }) as AnyAuthMethod);
        },
      });
    } catch (error) {
      refuse(unreachable(hop, lowered((error as Error).message)));
    }
  });
}

const lowered = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1);

/** A server that has several keys should show one that can be compared. */
function algorithmsFor({ keys }: KnownKeys): (typeof KEY_ALGORITHMS)[number][] {
  const types = new Set(keys.map(keyTypeOf));
  const isKnown = (algorithm: string) => types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
  return [...KEY_ALGORITHMS.filter(isKnown), ...KEY_ALGORITHMS.filter((each) => !isKnown(each))];
}

/** What becomes of the key that one server shows. */
class KeyEntry {
  failure: Failure | undefined;
  readonly #terms: LoginTerms;
  readonly #name: string;
  readonly #known: KnownKeys;
  #key: Buffer | undefined;
  #isNew = false;

  constructor(terms: LoginTerms, name: string, known: KnownKeys) {
    this.#terms = terms;
    this.#name = name;
    this.#known = known;
  }

  takes(key: Buffer): boolean {
    if (this.#key) return this.#key.equals(key);
    const verdict = judgeHostKey(this.#terms.hostKey, this.#name, key, this.#known);
    if (verdict.kind === 'refused') this.failure = verdict.failure;
    else this.#key = Buffer.from(key);
    this.#isNew = verdict.kind === 'new';
    return verdict.kind !== 'refused';
  }

  proved(): void {
    const [file] = this.#terms.knownHosts;
    if (!this.#isNew || !this.#key || file === undefined) return;
    this.#isNew = false;
    try {
      addKnownKey(file, this.#name, this.#key);
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      this.failure = requestInvalid(`the new host key cannot be added to \`${file}\`: ${why}`);
    }
  }
}
