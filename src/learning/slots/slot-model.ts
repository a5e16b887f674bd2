/**
 * Proposes values for a command's slots from the same history: experts (the same slot in this session, ever, its
 * frequent values, what earlier commands held or wrote, what went with the values already filled), each trusted as
 * far as it was right before, for that slot, that stub, then at all; weighed against each other by an online softmax
 * regression. Pure and bounded.
 */
import { hashText, mixHash } from '../rank/hash.ts';
import { RecentMap, type RecentMapState } from '../rank/recent-map.ts';
import type { SlotValue } from '../shell/read-command.ts';
import { typeWord } from '../shell/type-word.ts';

const TABLE_MAX = 40_000;
const FREQUENT_VALUES_MAX = 24;
const FREQUENT_PROPOSED = 3;
const EARLIER_COMMANDS = 4;
const EARLIER_SLOTS = 5;
const KEEP = 0.995;
const TRUST_MAX = 0.98;
/** Makes an expert that is right once in twenty say nothing. */
const STRENGTH_SHIFT = 3;
const ODDS_MAX = 30;
const START_WEIGHT = 0.5;
const RATE = 0.05;
const EXPERTS_MAX = 200;
const ANOTHER = 'another value';
const VALUE_CHARS_MAX = 1000;
const INTENT_CHARS_MAX = 2000;
const NAMED_CHARS_MIN = 3;
const NAMED_MAX = 3;
const HELD_MAX = 30;

/** A command's stub with the slots it filled and the files it wrote. */
export interface FilledCommand {
  readonly stub: string;
  readonly slots: readonly SlotValue[];
  readonly written: readonly string[];
  readonly intent?: string | undefined;
}

/** What one session filled in. Kept by the caller, changed by `learn`. */
export class SlotSession {
  readonly last = new RecentMap<number, string>(2000);
  readonly commands: FilledCommand[] = [];
  /** The newest values of each type. */
  readonly values = new Map<SlotValue['type'], readonly string[]>();
  written: readonly string[] = [];
}

/** A slot to fill, and the slots of the same command that are filled. */
export interface OpenSlot {
  readonly stub: string;
  readonly slot: string;
  readonly type: SlotValue['type'];
  readonly filled: readonly SlotValue[];
  /** The words told with the step; values that they name are proposed, or trusted more. */
  readonly intent?: string | undefined;
}

export interface SlotProposal {
  readonly value: string;
  readonly confidence: number;
  readonly reason: string;
}

type Trust = [right: number, all: number];

interface Weight {
  weight: number;
  sum: number;
}

interface Weighed {
  readonly value: string;
  readonly evidence: readonly { readonly expert: string; readonly strength: number }[];
  readonly confidence: number;
}

export interface SlotModelState {
  readonly trust: RecentMapState<number, Trust>;
  readonly weights: RecentMapState<string, Weight>;
  readonly last: RecentMapState<number, string>;
  readonly values: RecentMapState<number, readonly (readonly [string, number])[]>;
}

export class SlotModel {
  readonly #trust = new RecentMap<number, Trust>(TABLE_MAX * 4);
  readonly #weights = new RecentMap<string, Weight>(EXPERTS_MAX);
  readonly #last = new RecentMap<number, string>(TABLE_MAX * 2);
  readonly #values = new RecentMap<number, Map<string, number>>(TABLE_MAX);

  /** Best first, at most `limit`. */
  predict(session: SlotSession, open: OpenSlot, limit: number): readonly SlotProposal[] {
    return this.#weigh(session, open)
      .map(({ value, evidence, confidence }) => {
        const best = evidence.reduce((most, one) => (one.strength > most.strength ? one : most));
        return { value, confidence, reason: best.expert };
      })
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, limit);
  }

  /** Learns a whole command: each slot in its order, then the command as an earlier one. */
  learn(session: SlotSession, command: FilledCommand): void {
    for (const [i, { slot, type, value }] of command.slots.entries()) {
      if (value.length > VALUE_CHARS_MAX) continue;
      const { stub, slots, intent } = command;
      this.#learnSlot(session, { stub, slot, type, filled: slots.slice(0, i), intent }, value);
    }
    session.commands.push(command);
    if (session.commands.length > EARLIER_COMMANDS) session.commands.shift();
    if (command.written.length > 0) session.written = command.written;
  }

  snapshot(): SlotModelState {
    return {
      trust: this.#trust.snapshot(([right, all]) => [right, all]),
      weights: this.#weights.snapshot((weight) => ({ ...weight })),
      last: this.#last.snapshot((value) => value),
      values: this.#values.snapshot((counts) => [...counts]),
    };
  }

  static restore({ trust, weights, last, values }: SlotModelState): SlotModel {
    const model = new SlotModel();
    model.#trust.restore(trust, ([right, all]) => [right, all]);
    model.#weights.restore(weights, (weight) => ({ ...weight }));
    model.#last.restore(last, (value) => value);
    model.#values.restore(values, (counts) => new Map(counts));
    return model;
  }

  /** Each proposed value with what its experts say; the confidences leave room for another value. */
  #weigh(session: SlotSession, open: OpenSlot): readonly Weighed[] {
    const before = session.commands.at(-1)?.stub ?? '';
    const scored = [...this.#proposals(session, open)].map(([value, experts]) => {
      const evidence = experts.map((expert) => {
        const trust = Math.min(this.#trustOf(expert, open, before), TRUST_MAX);
        return { expert, strength: Math.log(trust / (1 - trust)) + STRENGTH_SHIFT };
      });
      const score = evidence.reduce((sum, one) => sum + this.#weightOf(one.expert).weight * one.strength, 0);
      return { value, evidence, odds: Math.exp(Math.min(score, ODDS_MAX)) };
    });
    const all = scored.reduce(
      (sum, { odds }) => sum + odds,
      Math.exp(this.#weightOf(ANOTHER).weight * STRENGTH_SHIFT),
    );
    return scored.map(({ value, evidence, odds }) => ({ value, evidence, confidence: odds / all }));
  }

  /** How much an expert's trust counts beside the others', who often say the same. */
  #weightOf(expert: string): Weight {
    return this.#weights.take(expert, () => ({ weight: START_WEIGHT, sum: 1 }));
  }

  #learnSlot(session: SlotSession, open: OpenSlot, value: string): void {
    const before = session.commands.at(-1)?.stub ?? '';
    let another = 1;
    let known = false;
    const slopes = new Map<string, number>();
    for (const { value: proposed, evidence, confidence } of this.#weigh(session, open)) {
      const right = proposed === value ? 1 : 0;
      another -= confidence;
      for (const { expert, strength } of evidence) {
        slopes.set(expert, (slopes.get(expert) ?? 0) + (right - confidence) * strength);
        for (const key of trustKeys(expert, open, before)) {
          const trust = this.#trust.take(key, () => [0, 0]);
          trust[0] = trust[0] * KEEP + right;
          trust[1] = trust[1] * KEEP + 1;
        }
      }
      known ||= right === 1;
    }
    slopes.set(ANOTHER, ((known ? 0 : 1) - another) * STRENGTH_SHIFT);
    for (const [expert, slope] of slopes) {
      const weight = this.#weightOf(expert);
      weight.sum += slope * slope;
      weight.weight += (RATE * slope) / Math.sqrt(weight.sum);
    }
    for (const key of memoryKeys(session, open)) this.#last.set(key, value);
    session.last.set(slotKey(open), value);
    const held = (session.values.get(open.type) ?? []).filter((other) => other !== value);
    session.values.set(open.type, [value, ...held].slice(0, HELD_MAX));
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
    for (const [i, key] of memoryKeys(session, open).entries())
      add(MEMORIES[i] as string, this.#last.get(key));
    const counts = [...(this.#values.get(slotKey(open)) ?? [])].sort((a, b) => b[1] - a[1]);
    for (const [i, [value]] of counts.slice(0, FREQUENT_PROPOSED).entries())
      add(`frequent value ${i + 1}`, value);
    for (const [i, { slots, written }] of session.commands.toReversed().entries()) {
      for (const { slot, type, value } of slots.slice(0, EARLIER_SLOTS)) {
        if (type === open.type) add(`${slot}, ${i + 1} commands back`, value);
      }
      for (const file of written.slice(0, 2)) add(`written ${i + 1} commands back`, file);
    }
    for (const { slot, type, value } of open.filled)
      if (type === open.type) add(`${slot} of this command`, value);
    add('the last file written', session.written.at(-1));
    if (open.intent) addNamed(open.intent.slice(-INTENT_CHARS_MAX), open, session, proposals);
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

/** Values that the words name: those proposed already and held earlier in the session, then words that look like one. */
function addNamed(
  intent: string,
  { type }: OpenSlot,
  session: SlotSession,
  proposals: Map<string, string[]>,
): void {
  for (const [value, experts] of proposals) {
    if (value.length >= NAMED_CHARS_MIN && intent.includes(value))
      experts.push('named in the words of the step');
  }
  for (const value of session.values.get(type) ?? []) {
    if (proposals.has(value) || value.length < NAMED_CHARS_MIN || !intent.includes(value)) continue;
    proposals.set(value, ['held before and named in the words of the step']);
  }
  const words = intent.match(/[^\s`"'(),;]+/g)?.map((word) => word.replace(/[.:?!]+$/, '')) ?? [];
  for (const [i, word] of [...new Set(words.reverse())].filter((word) => typeWord(word) === type).entries()) {
    if (i >= NAMED_MAX) break;
    const expert = `word ${i + 1} of its type in the words of the step`;
    proposals.set(word, [...(proposals.get(word) ?? []), expert]);
  }
}

const MEMORIES = [
  'the last value of this slot',
  'the value after this command',
  'the value with these values',
] as const;

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
