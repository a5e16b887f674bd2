/**
 * Cuts off whoever takes nothing of an answer: its connection, and what is heaped up for it, are wanted by others. Who waits
 * for an answer that is still being made is left alone, and what a client sends meanwhile counts for nothing.
 */
import type { ServerResponse } from 'node:http';
import { whenClosed } from './when-closed.ts';

/** @param stallMs without a byte that was taken */
export function cutStalled(answer: ServerResponse, stallMs: number): void {
  let before = -1;
  const look = () => {
    const { socket } = answer;
    const left = socket?.writableLength ?? 0;
    const taken = (socket?.bytesWritten ?? 0) - left;
    if (left > 0 && taken === before) answer.destroy();
    before = taken;
  };
  const timer = setInterval(look, stallMs).unref();
  whenClosed(answer, () => clearInterval(timer));
}
