/**
 * Proposes values for a command's slots from the same history: experts (the same slot in this session, ever, its
 * frequent values, what earlier commands held or wrote, what went with the values already filled), each trusted as
 * far as it was right before, for that slot, that stub, then at all; weighed against each other by an online softmax
 * regression. Pure and bounded.
 */
import { Calibrator, type CalibratorState } from '../calibrate/calibrator.ts';
import { RecentMap, type RecentMapState } from '../rank/recent-map.ts';
import { isText, must, mustNumbers } from '../state-check.ts';
import { addNamed } from './named-values.ts';
import { MEMORIES, memoryKeys, slotKey, trustKeys } from './slot-keys.ts';
import type { FilledCommand, OpenSlot, SlotSession } from './slot-session.ts';

const TABLE_MAX = 12_000;
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
const HELD_MAX = 30;

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
  readonly trust: RecentMapState<number, number>;
  /** Right and all for each trust. */
  readonly trusts: Float64Array;
  readonly weights: RecentMapState<string, number>;
  /** The sum of squared slopes for each weight. */
  readonly sums: Float64Array;
  readonly last: RecentMapState<number, string>;
  /** Each value before how often it came. */
  readonly values: RecentMapState<number, readonly (string | number)[]>;
  readonly calibrator: CalibratorState;
}

export class SlotModel {
  readonly #trust = new RecentMap<number, Trust>(TABLE_MAX * 4);
  readonly #weights = new RecentMap<string, Weight>(EXPERTS_MAX);
  readonly #last = new RecentMap<number, string>(TABLE_MAX * 2);
  readonly #values = new RecentMap<number, Map<string, number>>(TABLE_MAX);
  /** No mass is kept aside by it: what the experts say leaves room for another value. */
  readonly #calibrator = new Calibrator([0, 1]);

  /** Best first, at most `limit`. */
  predict(session: SlotSession, open: OpenSlot, limit: number): readonly SlotProposal[] {
    const found = this.#weigh(session, open).toSorted((a, b) => b.confidence - a.confidence);
    const first = this.#atMost(found[0]?.confidence ?? 0, open);
    const most = this.#atMost(this.#calibrator.confidence(first, 0, 0), open);
    return found.slice(0, limit).map(({ value, evidence, confidence }) => {
      const best = evidence.reduce((most, one) => (one.strength > most.strength ? one : most));
      return {
        value,
        confidence: value === found[0]?.value ? most : Math.min(most, confidence),
        reason: best.expert,
      };
    });
  }

  /** Learns a whole command: each slot in its order, then the command as an earlier one. */
  learn(session: SlotSession, command: FilledCommand): void {
    for (const [i, { slot, type, value }] of command.slots.entries()) {
      if (value.length > VALUE_CHARS_MAX) continue;
      const { stub, slots, intent } = command;
      this.#learnSlot(session, { stub, slot, type, filled: slots.slice(0, i), intent }, value);
    }
    keep(session, command);
  }

  /** Takes a command into the session without learning from it. */
  follow(session: SlotSession, command: FilledCommand): void {
    for (const { slot, type, value } of command.slots) {
      if (value.length <= VALUE_CHARS_MAX)
        hold(session, { stub: command.stub, slot, type, filled: [] }, value);
    }
    keep(session, command);
  }

  snapshot(): SlotModelState {
    const trusts: number[] = [];
    const sums: number[] = [];
    const trust = this.#trust.snapshot(([right, all]) => {
      trusts.push(right, all);
      return 0;
    });
    const weights = this.#weights.snapshot(({ weight, sum }) => {
      sums.push(sum);
      return weight;
    });
    return {
      trust,
      trusts: Float64Array.from(trusts),
      weights,
      sums: Float64Array.from(sums),
      last: this.#last.snapshot((value) => value),
      values: this.#values.snapshot((counts) => [...counts].flat()),
      calibrator: this.#calibrator.snapshot(),
    };
  }

  /** Throws where the state is broken. */
  static restore({ trust, trusts, weights, sums, last, values, calibrator }: SlotModelState): SlotModel {
    const model = new SlotModel();
    mustNumbers(trusts, Float64Array, 2 * trust.keys.length, 0);
    mustNumbers(sums, Float64Array, weights.keys.length, 0);
    let at = -1;
    model.#trust.restore(trust, () => {
      at += 1;
      return [trusts[2 * at] as number, trusts[2 * at + 1] as number];
    });
    at = -1;
    model.#weights.restore(weights, (weight) => {
      must(Number.isFinite(weight), 'finite weights');
      at += 1;
      return { weight, sum: sums[at] as number };
    });
    model.#last.restore(last, (value) => {
      must(isText(value) && value.length <= VALUE_CHARS_MAX, 'values of a bounded length');
      return value;
    });
    model.#values.restore(values, countsOf);
    model.#calibrator.restore(calibrator);
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

  /** Experts that agree are not as many as they look: of a slot that was seen twice nobody is sure. */
  #atMost(confidence: number, open: OpenSlot): number {
    let times = 0;
    for (const count of this.#values.get(slotKey(open))?.values() ?? []) times += count;
    return Math.min(confidence, (times + 1) / (times + 2));
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
    const weighed = this.#weigh(session, open);
    const best = weighed.reduce<Weighed | undefined>(
      (most, one) => (one.confidence > (most?.confidence ?? 0) ? one : most),
      undefined,
    );
    if (best) this.#calibrator.learn(this.#atMost(best.confidence, open), 0, true, best.value === value);
    for (const { value: proposed, evidence, confidence } of weighed) {
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
    hold(session, open, value);
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
        if (type === open.type) add(`${slot} of ${agoOf(i + 1)}`, value);
      }
      for (const file of written.slice(0, 2)) add(`written by ${agoOf(i + 1)}`, file);
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

function hold(session: SlotSession, open: OpenSlot, value: string): void {
  session.last.set(slotKey(open), value);
  const held = (session.values.get(open.type) ?? []).filter((other) => other !== value);
  session.values.set(open.type, [value, ...held].slice(0, HELD_MAX));
}

function keep(session: SlotSession, command: FilledCommand): void {
  session.commands.push(command);
  if (session.commands.length > EARLIER_COMMANDS) session.commands.shift();
  if (command.written.length > 0) session.written = command.written;
}

const agoOf = (steps: number): string => (steps === 1 ? 'the command before' : `${steps} commands before`);

function countsOf(flat: readonly (string | number)[]): Map<string, number> {
  must(Array.isArray(flat) && flat.length <= 2 * FREQUENT_VALUES_MAX, 'a bounded number of values');
  const counts = new Map<string, number>();
  for (let i = 0; i < flat.length; i += 2) {
    const [value, count] = [flat[i], flat[i + 1]];
    must(isText(value) && Number.isInteger(count), 'values with their counts');
    counts.set(value, count as number);
  }
  return counts;
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
