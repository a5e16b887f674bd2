/**
 * Values for inputs of a workflow that nobody has named, from earlier runs of the same user: only where they are likely
 * enough to be what is wanted, and with how likely that is.
 */
import type { InputSpec, Json, JsonObject } from '../../engine/core/model.ts';
import type { SlotValue } from '../../learning/shell/read-command.ts';
import type { SlotModel } from '../../learning/slots/slot-model.ts';
import { SlotSession } from '../../learning/slots/slot-session.ts';

/** A wrong value costs more than a missing one, which is asked for. */
const CONFIDENCE_MIN = 0.85;
const CANDIDATES_MAX = 3;
const VALUE_CHARS_MAX = 500;

export interface FilledInput {
  readonly value: Json;
  readonly how: string;
}

/** What a workflow's inputs are kept under; no command of a shell has such a stub. */
export const workflowStub = (workflow: string): string => `workflow\n${workflow}`;

/** Inputs as the slots of a command: plain values only. */
export function inputSlots(inputs: JsonObject): readonly SlotValue[] {
  return Object.entries(inputs).flatMap(([slot, value]) => {
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    const text = isPlain ? String(value) : '';
    // one type for all: values of inputs stand for themselves, whatever they look like
    return text !== '' && text.length <= VALUE_CHARS_MAX ? [{ slot, type: 'word', value: text }] : [];
  });
}

/** The open inputs that have a likely value, given those that have one. */
export function fillInputs(
  slots: SlotModel,
  workflow: string,
  open: readonly (readonly [name: string, spec: InputSpec])[],
  given: JsonObject,
  fits: (spec: InputSpec, value: Json) => boolean,
): ReadonlyMap<string, FilledInput> {
  const filled = new Map<string, FilledInput>();
  const session = new SlotSession();
  const known = [...inputSlots(given)];
  for (const [slot, spec] of open) {
    const asked = { stub: workflowStub(workflow), slot, type: 'word', filled: known } as const;
    const [best] = slots.predict(session, asked, CANDIDATES_MAX);
    if (!best || best.confidence < CONFIDENCE_MIN) continue;
    const value = typed(best.value, spec);
    if (value === undefined || !fits(spec, value)) continue;
    known.push({ slot, type: 'word', value: best.value });
    const sure = Math.round(best.confidence * 100);
    filled.set(slot, { value, how: `as in earlier runs (${sure} %)` });
  }
  return filled;
}

function typed(text: string, { type }: InputSpec): Json | undefined {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (type !== 'integer' && type !== 'number') return text;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
