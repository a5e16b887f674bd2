/** Begins a manual rollback: plans it, saves the instructions with the run, and gives the event that names them. */
import type { Snapshots } from '../../checkpoint/snapshot.ts';
import type { EventOf } from '../core/events.ts';
import { unwindItems } from '../core/unwind.ts';
import { INSTRUCTION_DIFF_BYTES_MAX, writeInstructions } from './instructions.ts';
import { planUnwind } from './plan-unwind.ts';
import type { RunSource } from './run-source.ts';

export async function instructionsEvent(
  source: RunSource,
  snapshots: Snapshots,
): Promise<EventOf<'unwind.started'>> {
  const plan = await planUnwind(source, unwindItems(source.run), snapshots, INSTRUCTION_DIFF_BYTES_MAX);
  const text = JSON.stringify(writeInstructions(source.run, plan));
  return { type: 'unwind.started', instructions: { blob: source.putBlob(Buffer.from(text)) } };
}
