/**
 * Connections that steps of this process share: a login costs a hundred milliseconds, a command on a kept one two.
 * 1. Two steps share one only where target, credentials and the rule for host keys are the same.
 * 2. An idle connection keeps no process alive, and is closed after a while.
 */
import { hash } from 'node:crypto';
import { type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { SSH_CHANNELS_MAX, SSH_IDLE_MS_MAX } from '../../engine/core/limits.ts';
import { type Connection, openConnection } from './connection.ts';
import type { SshTarget } from './ssh-target.ts';

export interface Lease {
  readonly connection: Connection;
  /** It was opened for this lease. */
  readonly isFresh: boolean;
  release(): void;
}

interface Shared {
  readonly opened: Promise<Result<Connection, Failure>>;
  /** Once it is open: a kept one is had at once. */
  connection?: Connection;
  leases: number;
  idle?: NodeJS.Timeout;
}

/** By the digest of what they share. */
const pool = new Map<string, Shared[]>();

/** Rejects when the signal is given; a login under way goes on for whoever else waits for it. */
export async function leaseConnection(
  target: SshTarget,
  signal: AbortSignal,
  mustBeFresh = false,
): Promise<Result<Lease, Failure>> {
  const key = hash('sha256', JSON.stringify(target));
  const all = pool.get(key) ?? [];
  pool.set(key, all);
  const kept = mustBeFresh ? undefined : all.find(({ leases }) => leases < SSH_CHANNELS_MAX);
  const shared = kept ?? open(target, key, all);
  shared.leases += 1;
  clearTimeout(shared.idle);
  try {
    signal.throwIfAborted();
    const opened = shared.connection ? ok(shared.connection) : await orAborted(shared.opened, signal);
    if (!opened.ok) return opened;
    const connection = opened.value;
    connection.hold(true);
    let isReleased = false;
    const release = () => {
      if (!isReleased) letGo(shared, connection);
      isReleased = true;
    };
    return ok({ connection, isFresh: !kept, release });
  } catch (error) {
    shared.opened.then(
      (opened) => opened.ok && letGo(shared, opened.value),
      () => {},
    );
    throw error;
  }
}

/** One login after the other: servers turn away who knocks many times at once. */
function open(target: SshTarget, key: string, all: Shared[]): Shared {
  const before = all.at(-1)?.opened ?? Promise.resolve();
  const connect = () => openConnection(target);
  const opened = before.then(connect, connect);
  const shared: Shared = { opened, leases: 0 };
  all.push(shared);
  const forget = () => {
    clearTimeout(shared.idle);
    if (all.includes(shared)) all.splice(all.indexOf(shared), 1);
    if (all.length === 0 && pool.get(key) === all) pool.delete(key);
  };
  opened.then((result) => {
    if (!result.ok || result.value.gone.aborted) return forget();
    shared.connection = result.value;
    result.value.gone.addEventListener('abort', forget, { once: true });
  }, forget);
  return shared;
}

function letGo(shared: Shared, connection: Connection): void {
  shared.leases -= 1;
  if (shared.leases > 0) return;
  connection.hold(false);
  shared.idle = setTimeout(() => connection.close(), SSH_IDLE_MS_MAX).unref();
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
