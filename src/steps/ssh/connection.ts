/**
 * One kept connection: the way through jump hosts, and the client at its end. Owns the sockets, and notices when the
 * other side is gone without a word.
 */
import { connect as connectSocket, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { SSH_ALIVE_MS, SSH_CONNECT_MS_MAX } from '../../engine/core/limits.ts';
import { NETWORK_TROUBLE } from '../network-trouble.ts';
import { credentialsOf } from './credentials.ts';
import { login } from './login.ts';
import type { SshHop } from './ssh-hop.ts';
import { unreachable } from './ssh-messages.ts';
import type { SshTarget } from './ssh-target.ts';

export interface Connection {
  readonly client: Client;
  /** Aborted when it is gone, whoever ended it. */
  readonly gone: AbortSignal;
  /** Whether it keeps the process alive, and is asked from time to time whether it still is. */
  hold(isHeld: boolean): void;
  close(): void;
}

/** Through each jump host in turn. Failures say which machine it was. */
export async function openConnection(target: SshTarget): Promise<Result<Connection, Failure>> {
  const credentials = await credentialsOf(target.auth);
  if (!credentials.ok) return credentials;
  const hops = [...target.jumps, target.hop];
  const socket = await reach(hops[0] as SshHop);
  if (!socket.ok) return socket;
  let way: Duplex = socket.value;
  let client: Client | undefined;
  for (const hop of hops) {
    if (client) {
      const next = await forward(client, hop);
      if (!next.ok) {
        socket.value.destroy();
        return next;
      }
      way = next.value;
    }
    // a fingerprint is that of the last machine only
    const isLast = hop === target.hop;
    const hostKey = isLast || target.hostKey === 'accept-new' ? target.hostKey : 'strict';
    const ready = await login({ ...target, hop, hostKey, credentials: credentials.value }, way);
    if (!ready.ok) {
      socket.value.destroy();
      return ready;
    }
    client = ready.value;
  }
  return ok(kept(client as Client, socket.value));
}

function reach(hop: SshHop): Promise<Result<Socket, Failure>> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host: hop.host, port: hop.port });
    const fail = (code: string) => {
      socket.destroy();
      resolve(err(unreachable(hop, NETWORK_TROUBLE[code] ?? code)));
    };
    // without it the kernel keeps small packets back: forty milliseconds for each command
    socket.setNoDelay(true);
    socket.setTimeout(SSH_CONNECT_MS_MAX, () => fail('ETIMEDOUT'));
    // stays there: a socket without it would end the process
    socket.on('error', ({ code = 'ERROR' }: NodeJS.ErrnoException) => fail(code));
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(ok(socket));
    });
  });
}

function forward(client: Client, hop: SshHop): Promise<Result<Duplex, Failure>> {
  return new Promise((resolve) => {
    const fail = (why: string) => resolve(err(unreachable(hop, why)));
    client.once('close', () => fail('the connection to the jump host ended'));
    client.forwardOut('127.0.0.1', 0, hop.host, hop.port, (error, channel) => {
      if (error) fail(`the jump host cannot get there: ${error.message}`);
      else resolve(ok(channel));
    });
  });
}

function kept(client: Client, socket: Socket): Connection {
  const gone = new AbortController();
  let watch: NodeJS.Timeout | undefined;
  const close = () => {
    clearInterval(watch);
    gone.abort();
    client.end();
    socket.destroySoon();
  };
  client.on('error', close).on('end', close).on('close', close);
  socket.on('close', close);
  return {
    client,
    gone: gone.signal,
    close,
    hold(isHeld) {
      if (gone.signal.aborted) return;
      if (isHeld) {
        socket.ref();
        watch ??= watchOver(client, () => socket.destroy());
      } else {
        socket.unref();
        clearInterval(watch);
        watch = undefined;
      }
    },
  };
}

/** Asks for something that every server answers with no; one that does not answer at all is gone. */
function watchOver(client: Client, isGone: () => void): NodeJS.Timeout {
  let isAnswered = true;
  const ask = () => {
    if (!isAnswered) return isGone();
    isAnswered = false;
    try {
      client.unforwardIn('127.0.0.1', 1, () => {
        isAnswered = true;
      });
    } catch {
      isGone();
    }
  };
  return setInterval(ask, SSH_ALIVE_MS).unref();
}
