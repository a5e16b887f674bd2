/**
 * What the end of an attempt leaves in the journal and in the memory of each host that drives the run. Counted from
 * the event alone, so that a run that is read anew has the same sum.
 */
import type { JsonObject } from './model.ts';

export interface Kept {
  readonly outputs?: JsonObject;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Bytes as UTF-8, the outputs as JSON. */
export function keptBytes({ outputs, stdout, stderr }: Kept): number {
  const json = outputs === undefined ? 0 : Buffer.byteLength(JSON.stringify(outputs));
  return json + Buffer.byteLength(stdout ?? '') + Buffer.byteLength(stderr ?? '');
}
