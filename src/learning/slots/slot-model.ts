/**
 * Proposes values for a command's slots from the same history: experts (the same slot in this session, ever, its
 * frequent values, what earlier commands held or wrote, what went with the values already filled), each trusted as
 * far as it was right before, for that slot, that stub, then at all; together by noisy-or. Pure and bounded.
 */
import { hashText, mixHash } from '../rank/hash.ts';
import { RecentMap } from '../rank/recent-map.ts';
import type { SlotValue } from '../shell/read-command.ts';

const TABLE_MAX = 40_000;
const FREQUENT_VALUES_MAX = 24;
const FREQUENT_PROPOSED = 3;
const EARLIER_COMMANDS = 4;
const EARLIER_SLOTS = 5;
const KEEP = 0.995;
const TRUST_MAX = 0.98;
const VALUE_CHARS_MAX = 1000;

/** A command's stub with the slots it filled and the files it wrote. */
export interface FilledCommand {
  readonly stub: string;
  readonly slots: readonly SlotValue[];
  readonly written: readonly string[];
}

/** What one session filled in. Kept by the caller, changed by `learn`. */
export class SlotSession {
  readonly last = new RecentMap<number, string>(2000);
  readonly commands: FilledCommand[] = [];
  written: readonly string[] = [];
}

/** A slot to fill, and the slots of the same command that are filled. */
export interface OpenSlot {
  readonly stub: string;
  readonly slot: string;
  readonly type: SlotValue['type'];
  readonly filled: readonly SlotValue[];
}

export interface SlotProposal {
  readonly value: string;
  readonly confidence: number;
  readonly reason: string;
}

type Trust = [right: number, all: number];

export interface SlotModelState {
  readonly trust: readonly (readonly [number, number, number])[];
  readonly last: readonly (readonly [number, string])[];
  readonly values: readonly (readonly [number, readonly (readonly [string, number])[]])[];
}

export class SlotModel {
  readonly #trust = new RecentMap<number, Trust>(TABLE_MAX * 4);
  readonly #last = new RecentMap<number, string>(TABLE_MAX * 2);
  readonly #values = new RecentMap<number, Map<string, number>>(TABLE_MAX);

  /** Best first, at most `limit`. */
  predict(session: SlotSession, open: OpenSlot, limit: number): readonly SlotProposal[] {
    const before = session.commands.at(-1)?.stub ?? '';
    const scored = [...this.#proposals(session, open)].map(([value, experts]) => {
      const trusts = experts.map((expert) => this.#trustOf(expert, open, before));
      const doubt = trusts.reduce((product, trust) => product * (1 - Math.min(trust, TRUST_MAX)), 1);
      const best = trusts.indexOf(Math.max(...trusts));
      return { value, score: 1 - doubt, reason: experts[best] as string };
    });
    const sum = scored.reduce((total, { score }) => total + score, 0);
    return scored
      .sort((a, b) => b.score - a.score)
      .slice(0, limit)
      .map(({ value, score, reason }) => ({ value, confidence: score / Math.max(1, sum), reason }));
  }

  /** Learns a whole command: each slot in its order, then the command as an earlier one. */
  learn(session: SlotSession, command: FilledCommand): void {
    for (const [i, { slot, type, value }] of command.slots.entries()) {
      if (value.length > VALUE_CHARS_MAX) continue;
      this.#learnSlot(session, { stub: command.stub, slot, type, filled: command.slots.slice(0, i) }, value);
    }
    session.commands.push(command);
    if (session.commands.length > EARLIER_COMMANDS) session.commands.shift();
    if (command.written.length > 0) session.written = command.written;
  }

  snapshot(): SlotModelState {
    return {
      trust: this.#trust.entries().map(([key, [right, all]]) => [key, right, all]),
      last: this.#last.entries(),
      values: this.#values.entries().map(([key, values]) => [key, [...values]]),
    };
  }

  static restore({ trust, last, values }: SlotModelState): SlotModel {
    const model = new SlotModel();
    for (const [key, right, all] of trust) model.#trust.set(key, [right, all]);
    for (const [key, value] of last) model.#last.set(key, value);
    for (const [key, counts] of values) model.#values.set(key, new Map(counts));
    return model;
  }

  #learnSlot(session: SlotSession, open: OpenSlot, value: string): void {
    const before = session.commands.at(-1)?.stub ?? '';
    for (const [proposed, experts] of this.#proposals(session, open)) {
      for (const expert of experts) {
        for (const key of trustKeys(expert, open, before)) {
          const trust = this.#trust.take(key, () => [0, 0]);
          trust[0] = trust[0] * KEEP + (proposed === value ? 1 : 0);
          trust[1] = trust[1] * KEEP + 1;
        }
      }
    }
    for (const key of memoryKeys(session, open)) this.#last.set(key, value);
    session.last.set(slotKey(open), value);
    const counts = this.#values.take(slotKey(open), () => new Map());
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > FREQUENT_VALUES_MAX) counts.delete(rarest(counts));
  }

  /** Each proposed value with the experts that propose it. */
  #proposals(session: SlotSession, open: OpenSlot): ReadonlyMap<string, readonly string[]> {
    const proposals = new Map<string, string[]>();
    const add = (expert: string, value: string | undefined): void => {
      if (value === undefined || value.length > VALUE_CHARS_MAX) return;
      const experts = proposals.get(value);
      if (experts) experts.push(expert);
      else proposals.set(value, [expert]);
    };
    add('the same slot in this session', session.last.get(slotKey(open)));
    for (const [i, key] of memoryKeys(session, open).entries()) add(MEMORIES[i] as string, this.#last.get(key));
    const counts = [...(this.#values.get(slotKey(open)) ?? [])].sort((a, b) => b[1] - a[1]);
    for (const [i, [value]] of counts.slice(0, FREQUENT_PROPOSED).entries()) add(`frequent value ${i + 1}`, value);
    for (const [i, { slots, written }] of session.commands.toReversed().entries()) {
      for (const { slot, type, value } of slots.slice(0, EARLIER_SLOTS)) {
        if (type === open.type) add(`${slot}, ${i + 1} commands back`, value);
      }
      for (const file of written.slice(0, 2)) add(`written ${i + 1} commands back`, file);
    }
    for (const { slot, type, value } of open.filled) if (type === open.type) add(`${slot} of this command`, value);
    add('the last file written', session.written.at(-1));
    return proposals;
  }

  #trustOf(expert: string, open: OpenSlot, before: string): number {
    let trust = 0.1;
    for (const [i, key] of trustKeys(expert, open, before).entries()) {
      const [right, all] = this.#trust.get(key) ?? [0, 0];
      const weight = i === 0 ? 2 : 3;
      trust = (right + weight * trust) / (all + weight);
    }
    return trust;
  }
}

const MEMORIES = ['the last value of this slot', 'the value after this command', 'the value with these values'] as const;

/** Where the last value is remembered: of the slot, after the command before, with what is filled already. */
function memoryKeys(session: SlotSession, open: OpenSlot): readonly number[] {
  const key = slotKey(open);
  const before = session.commands.at(-1);
  const last = hashText(before ? `${before.stub} ${before.slots.map(({ value }) => value).join(' ')}` : '');
  const filled = hashText(open.filled.map(({ value }) => value).join(' '));
  return [key, mixHash(mixHash(key, 3), last), mixHash(mixHash(key, 4), filled)];
}

const slotKey = ({ stub, slot }: OpenSlot): number => mixHash(hashText(stub), hashText(slot));

/** From the broadest to the narrowest. */
function trustKeys(expert: string, open: OpenSlot, before: string): readonly number[] {
  const name = hashText(expert);
  const own = mixHash(name, slotKey(open));
  return [name, mixHash(name, hashText(open.type)), own, mixHash(own, hashText(before))];
}

function rarest(counts: ReadonlyMap<string, number>): string {
  let rare = '';
  let least = Number.POSITIVE_INFINITY;
  for (const [value, count] of counts) {
    if (count >= least) continue;
    rare = value;
    least = count;
  }
  return rare;
}
