/**
 * What the slots of a command are filled beside: what one session held, wrote and filled in so far, and what is filled
 * already in the same command. Bounded, and never part of a snapshot: a session ends with its process.
 */
import { CountTable } from '../rank/count-table.ts';
import { hashText, mixHash } from '../rank/hash.ts';
import { RecentMap } from '../rank/recent-map.ts';
import type { SlotValue } from '../shell/read-command.ts';
import { typeWord } from '../shell/type-word.ts';
import { type Beside, besideOf, joined } from './value-company.ts';

export const VALUE_CHARS_MAX = 1000;
const ROWS_MAX = 4_000;
const ROW_VALUES_MAX = 40;
const HELD_MAX = 2_000;
const HELD_OF_TYPE_MAX = 24;
const EARLIER_COMMANDS = 4;
const EARLIER_OF_STUB = 6;
const STUBS_MAX = 500;
const NEWEST_MAX = 16;
const SLOT_VALUES_MAX = 4;

/** A command's stub with the slots it filled and the files it wrote. */
export interface FilledCommand {
  readonly stub: string;
  /** Of the whole line. Where it is known, values are counted for commands of this form too. */
  readonly template?: string | undefined;
  readonly slots: readonly SlotValue[];
  readonly written: readonly string[];
  readonly intent?: string | undefined;
  /** The directory it ran in, where that is known. */
  readonly place?: string | undefined;
}

/** A slot to fill, and the slots of the same command that are filled. */
export interface OpenSlot {
  readonly stub: string;
  /** Of the whole line, where it is known before its values are: what stands behind a slot says much of its value. */
  readonly template?: string | undefined;
  readonly slot: string;
  readonly type: SlotValue['type'];
  readonly filled: readonly SlotValue[];
  /** The words told with the step; values that they name are proposed, or trusted more. */
  readonly intent?: string | undefined;
  readonly place?: string | undefined;
}

/** A value that the session held or wrote. */
export interface HeldValue {
  readonly value: string;
  /** How many values the session had held before it came. */
  readonly order: number;
  /** How often it stood in a slot. */
  count: number;
  /** Commands that were before the last one that had it, and that wrote it; -1 where none has written it. */
  lastAt: number;
  writtenAt: number;
  isRemoved: boolean;
  /** The slot it was in last; empty for a written file. */
  slot: string;
  source: number;
  /** What its last commands held in all, newest first. */
  company: readonly Beside[];
}

export interface EarlierCommand extends FilledCommand {
  readonly ids: readonly number[];
  readonly hash: number;
}

/** A value's number in all tables. */
export const idOf = (value: string): number => hashText(value) | 0;

/** What one session filled in. Kept by the caller, changed by `learn` and `follow` of the model. */
export class SlotSession {
  /** What followed which context in this session. */
  readonly counts = new CountTable(ROWS_MAX, ROW_VALUES_MAX);
  readonly held = new RecentMap<number, HeldValue>(HELD_MAX);
  /** Newest first. */
  readonly ofType = new Map<string, readonly number[]>();
  readonly newest: number[] = [];
  readonly commands: EarlierCommand[] = [];
  /** The different values of a slot, newest first, and its last two, which may be the same. */
  readonly slotValues = new RecentMap<number, readonly number[]>(HELD_MAX);
  readonly slotSequence = new RecentMap<number, readonly number[]>(HELD_MAX);
  /** How many commands were before a slot had a value last. */
  readonly slotValueAt = new RecentMap<number, number>(2 * HELD_MAX);
  readonly #ofStub = new RecentMap<string, readonly EarlierCommand[]>(STUBS_MAX);
  steps = 0;
  lastWritten = 0;
  #order = 0;

  /** The session's last commands of that stub, newest first. */
  commandsOf(stub: string): readonly EarlierCommand[] {
    return this.#ofStub.get(stub) ?? [];
  }

  /** Takes in what a slot was filled with. */
  fill(key: number, id: number): void {
    const values = this.slotValues.get(key) ?? [];
    this.slotValues.set(key, [id, ...values.filter((other) => other !== id)].slice(0, SLOT_VALUES_MAX));
    this.slotSequence.set(key, [id, ...(this.slotSequence.get(key) ?? [])].slice(0, 2));
    this.slotValueAt.set(mixHash(key, id), this.steps);
  }

  /** Takes in a whole command, whose slots are taken in already. */
  add(command: FilledCommand): void {
    this.steps += 1;
    const slots = command.slots.filter(({ value }) => value.length <= VALUE_CHARS_MAX);
    const ids = slots.map(({ value }) => idOf(value));
    const beside = besideOf([...command.written, ...slots.map(({ value }) => value)]);
    for (const { slot, type, value } of slots) {
      const held = this.#hold(value, type, slot, mixHash(hashText(command.stub), hashText(slot)));
      held.count += 1;
      held.isRemoved = command.stub === 'rm';
      held.company = joined(held.company, beside);
    }
    for (const file of command.written) {
      if (file.length > VALUE_CHARS_MAX) continue;
      const held = this.#hold(file, typeWord(file), '', 0);
      held.writtenAt = this.steps;
      held.isRemoved = false;
      this.lastWritten = idOf(file);
    }
    const others = this.newest.filter((id) => !ids.includes(id));
    this.newest.splice(0, NEWEST_MAX, ...[...new Set(ids.toReversed()), ...others].slice(0, NEWEST_MAX));
    const hash = hashText(`${command.stub} ${slots.map(({ value }) => value).join(' ')}`);
    const earlier = { ...command, slots, ids, hash };
    this.commands.unshift(earlier);
    if (this.commands.length > EARLIER_COMMANDS) this.commands.pop();
    const ofStub = [earlier, ...this.commandsOf(command.stub)];
    this.#ofStub.set(command.stub, ofStub.slice(0, EARLIER_OF_STUB));
  }

  #hold(value: string, type: string, slot: string, source: number): HeldValue {
    const id = idOf(value);
    const held = this.held.take(id, () => {
      this.#order += 1;
      const order = this.#order;
      const fresh = { count: 0, lastAt: 0, writtenAt: -1, isRemoved: false, company: [] };
      return { value, order, slot, source, ...fresh };
    });
    held.lastAt = this.steps;
    held.slot = slot;
    held.source = source;
    const others = (this.ofType.get(type) ?? []).filter((other) => other !== id);
    this.ofType.set(type, [id, ...others].slice(0, HELD_OF_TYPE_MAX));
    return held;
  }
}
