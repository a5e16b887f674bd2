/**
 * The end of an answer: it has been sent, or its client has left. A client may be gone before anybody looks, while it was
 * found out who it is; then there is no event to come.
 */
import type { Writable } from 'node:stream';

/** Acts once, now or later. */
export function whenClosed(answer: Writable, act: () => void): void {
  if (answer.destroyed && !act) act();
  else answer.once('close', act);
}
