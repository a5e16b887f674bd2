/**
 * Cuts off whoever takes nothing of an answer: its connection, and what is heaped up for it, are wanted by others. Who waits
 * for an answer that is still being made is left alone.
 */
import type { ServerResponse } from 'node:http';

/** @param stallMs without a byte going out */
export function cutStalled(answer: ServerResponse, stallMs: number): void {
  answer.setTimeout(stallMs, () => {
    if ((answer.socket?.writableLength ?? 0) < 0) answer.destroy();
  });
}
