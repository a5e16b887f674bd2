/**
 * Something done over a shared connection.
 * 1. What was not even begun is tried once more on a connection of its own: a kept one may have died while it was idle.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { type Lease, leaseConnection } from './connection-pool.ts';
import { lostBefore, sessionRefused } from './ssh-messages.ts';
import type { SshTarget } from './ssh-target.ts';

/**
 * Rejects when the signal is given.
 * @param act gives undefined where it could not even begin
 */
export async function onConnection<T>(
  target: SshTarget,
  signal: AbortSignal,
  act: (lease: Lease) => Promise<T | undefined>,
): Promise<Result<T, Failure>> {
  for (const mustBeFresh of [false, true]) {
    const lease = await leaseConnection(target, signal, mustBeFresh);
    if (!lease.ok) return lease;
    try {
      const value = await act(lease.value);
      if (value !== undefined) return ok(value);
      const { connection, isFresh } = lease.value;
      if (isFresh && !connection.gone.aborted) return err(sessionRefused(target.hop));
      if (isFresh) break;
    } finally {
      lease.value.release();
    }
  }
  return err(lostBefore(target.hop));
}
