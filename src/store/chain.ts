/**
 * The checksum chain: each event's checksum covers the one before it, so that an event that was changed,
 * removed or moved is found, and everything before it still proves itself.
 */
import { hash } from 'node:crypto';

/** An event as its row has it. */
export interface StoredEvent {
  readonly seq: number;
  readonly at: number;
  readonly host: string;
  readonly epoch: number;
  /** Version of the event format. */
  readonly v: number;
  /** JSON of the event. */
  readonly payload: string;
}

/** What the first event links to; binds the chain to its run. */
export const chainStart = (runId: string): string => runId;

/** sha256, hex, over the previous checksum and the stored fields, one a line, the payload last. */
export function chainNext(previous: string, e: StoredEvent): string {
  return hash('sha256', `${previous}\n${e.seq}\n${e.at}\n${e.host}\n${e.epoch}\n${e.v}\n${e.payload}`);
}
