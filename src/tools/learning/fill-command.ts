/**
 * Commands that nobody ran yet in just this form: a likely template, its slots filled with the values that are likely now,
 * or left open where nothing is likely. Values come from the log of this data folder only.
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
/** A template this likely is worth showing with a place left open. */
const OPEN_CHANCE_MIN = 0.3;
/** Needs no quotes in a shell. */
const PLAIN = /^[\w@%+=:,./~^-]+$/;
const HIDDEN = '***';

export interface FilledCommand {
  readonly command: string;
  /** Of the template and of all its values. */
  readonly confidence: number;
  readonly reasons: readonly string[];
  readonly template: string;
  /** A place of it is left open. */
  readonly isOpen: boolean;
}

/** `before`: the commands that were run just before, oldest first; likelier templates first. `place`: the directory now. */
export function fillCommands(
  model: SlotModel,
  templates: readonly Suggestion[],
  before: readonly string[],
  intent: string | undefined,
  place?: string,
): readonly FilledCommand[] {
  const session = new SlotSession();
  for (const command of before) {
    const { stub, template } = readCommand(command);
    model.follow(session, { stub, template, ...readSlots(command) });
  }
  return templates.slice(0, TEMPLATES_MAX).flatMap(({ label, confidence, example }) => {
    if (confidence < CHANCE_MIN || example.length > COMMAND_CHARS_MAX || example.includes('\n')) return [];
    return filled(model, session, { label, example, confidence, intent, place });
  });
}

interface Template {
  readonly label: string;
  readonly example: string;
  readonly confidence: number;
  readonly intent: string | undefined;
  readonly place: string | undefined;
}

function filled(
  model: SlotModel,
  session: SlotSession,
  { label, example, confidence, intent, place }: Template,
): readonly FilledCommand[] {
  const { slots } = readSlots(example);
  const form = readCommand(example);
  const known = { stub: form.stub, template: form.template, intent, place };
  const done: SlotValue[] = [];
  const reasons: string[] = [];
  let command: string | undefined = example;
  let chance = confidence;
  for (const { slot, type, value } of slots) {
    const best = usable(model.predict(session, { ...known, slot, type, filled: done }, PROPOSALS_MAX));
    if (!best || chance * best.confidence < CHANCE_MIN) {
      command = confidence < OPEN_CHANCE_MIN ? undefined : opened(command, value, type);
      if (command === undefined) return [];
      reasons.push(`\`<${type}>\` is left open: what stands there changes`);
      continue;
    }
    chance *= best.confidence;
    command = replaced(command, value, best.value);
    if (command === undefined) return [];
    done.push({ slot, type, value: best.value });
    reasons.push(`\`${best.value}\` (${Math.round(best.confidence * 100)} %): ${best.reason}`);
  }
  const isOpen = done.length < slots.length;
  return slots.length > 0 ? [{ command, confidence: chance, reasons, template: label, isOpen }] : [];
}

const usable = ([best]: readonly SlotProposal[]): SlotProposal | undefined =>
  best?.value.includes(HIDDEN) ? undefined : best;

/** What commands of one template have in common, with `<type>` in the place of each value that is not the same in all. */
export function openedForm([first = '', ...others]: readonly string[]): string | undefined {
  const rest = others.map((command) => readSlots(command).slots);
  let form: string | undefined = first;
  for (const [at, { type, value }] of readSlots(first).slots.entries()) {
    if (rest.every((slots) => slots[at]?.value === value)) continue;
    form = opened(form, value, type);
    if (form === undefined) return undefined;
  }
  return form;
}

/** With `<type>` in the place of the value; undefined where it does not stand there once. */
function opened(command: string, value: string, type: string): string | undefined {
  for (const written of [`"${value}"`, `'${value}'`]) {
    const [before, after, ...more] = command.split(written);
    if (after !== undefined && more.length === 0) return `${before}<${type}>${after}`;
  }
  return replacedWord(command, value, `<${type}>`);
}

/** Undefined where the value is not there as one plain word, once, or the new one is none. */
function replaced(command: string, value: string, by: string): string | undefined {
  if (value === by) return command;
  return PLAIN.test(value) && PLAIN.test(by) ? replacedWord(command, value, by) : undefined;
}

function replacedWord(command: string, value: string, by: string): string | undefined {
  const places = [...command.matchAll(/[^\s=]+/g)].filter(([word]) => word === value);
  const [place] = places;
  if (!place || places.length > 1) return undefined;
  return command.slice(0, place.index) + by + command.slice(place.index + value.length);
}
