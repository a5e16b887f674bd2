/**
 * The end of an answer: it has been sent, or its client has left.
 * 1. A client may be gone before anybody looks, while it was found out who it is; then there is no event to come.
 * 2. An answer that waits for its turn behind others on one connection is told nothing when that breaks.
 */
import { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** Acts once, now or later. */
export function whenClosed(answer: Writable, act: () => void): void {
  const socket = answer instanceof ServerResponse ? answer.req.socket : undefined;
  if (answer.destroyed || socket?.destroyed) {
    act();
    return;
  }
  const end = () => {
    answer.off('close', end);
    socket?.off('close', end);
    act();
  };
  answer.once('close', end);
  // as many as the client sends at once
  socket?.setMaxListeners(0).once('close', end);
}
