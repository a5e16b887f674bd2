/**
 * Commands that nobody ran yet in just this form: a likely template, its slots filled with the values that are likely now.
 * Values come from the log of this data folder only.
 */
import type { Suggestion } from '../../learning/command-model.ts';
import { readCommand, readSlots, type SlotValue } from '../../learning/shell/read-command.ts';
import type { SlotModel, SlotProposal } from '../../learning/slots/slot-model.ts';
import { SlotSession } from '../../learning/slots/slot-session.ts';

const TEMPLATES_MAX = 8;
const COMMAND_CHARS_MAX = 400;
const PROPOSALS_MAX = 5;
/** Less likely ones come true far less often than they say. */
const CHANCE_MIN = 0.2;
/** Needs no quotes in a shell. */
const PLAIN = /^[\w@%+=:,./~^-]+$/;
const HIDDEN = '***';

export interface FilledCommand {
  readonly command: string;
  /** Of the template and of all its values. */
  readonly confidence: number;
  readonly reasons: readonly string[];
}

/** `before`: the commands that were run just before, oldest first; likelier templates first. */
export function fillCommands(
  model: SlotModel,
  templates: readonly Suggestion[],
  before: readonly string[],
  intent: string | undefined,
): readonly FilledCommand[] {
  const session = new SlotSession();
  for (const command of before)
    model.follow(session, { stub: readCommand(command).stub, ...readSlots(command) });
  return templates.slice(0, TEMPLATES_MAX).flatMap(({ confidence, example }) => {
    if (confidence < CHANCE_MIN || example.length > COMMAND_CHARS_MAX || example.includes('\n')) return [];
    return filled(model, session, { example, confidence, intent });
  });
}

interface Template {
  readonly example: string;
  readonly confidence: number;
  readonly intent: string | undefined;
}

function filled(
  model: SlotModel,
  session: SlotSession,
  { example, confidence, intent }: Template,
): readonly FilledCommand[] {
  const { slots } = readSlots(example);
  const { stub } = readCommand(example);
  const done: SlotValue[] = [];
  const reasons: string[] = [];
  let command: string | undefined = example;
  let chance = confidence;
  for (const { slot, type, value } of slots) {
    const best = usable(model.predict(session, { stub, slot, type, filled: done, intent }, PROPOSALS_MAX));
    if (!best) return [];
    chance *= best.confidence;
    command = replaced(command, value, best.value);
    if (command === undefined || chance < CHANCE_MIN) return [];
    done.push({ slot, type, value: best.value });
    reasons.push(`\`${best.value}\` (${Math.round(best.confidence * 100)} %): ${best.reason}`);
  }
  return slots.length > 0 ? [{ command, confidence: chance, reasons }] : [];
}

const usable = ([best]: readonly SlotProposal[]): SlotProposal | undefined =>
  best?.value.includes(HIDDEN) ? undefined : best;

/** Undefined where the value is not there as one plain word, once, or the new one is none. */
function replaced(command: string, value: string, by: string): string | undefined {
  if (value === by) return command;
  if (!PLAIN.test(value) || !PLAIN.test(by)) return undefined;
  const places = [...command.matchAll(/[^\s=]+/g)].filter(([word]) => word === value);
  const [place] = places;
  if (!place || places.length > 1) return undefined;
  return command.slice(0, place.index) + by + command.slice(place.index + value.length);
}
