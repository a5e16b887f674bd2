/**
 * Proposes values for a command's slots from the same history. Candidates come from the slot's contexts, ever and in
 * this session, from what the session held and wrote, and from the words told; an online softmax regression weighs what
 * speaks for each, beside that it is another value. Pure and bounded.
 */
import { Calibrator, type CalibratorState } from '../calibrate/calibrator.ts';
import { CountTable, type CountTableState } from '../rank/count-table.ts';
import { mixHash } from '../rank/hash.ts';
import { fillRows } from './row-features.ts';
import { gatherEvidence, type SlotEvidence } from './slot-candidates.ts';
import { COLUMN, WIDTH } from './slot-columns.ts';
import { type MixedSlot, OWN_MAX, SlotMixer, type SlotMixerState } from './slot-mixer.ts';
import { slotReason } from './slot-reason.ts';
import {
  type FilledCommand,
  idOf,
  type OpenSlot,
  type SlotSession,
  VALUE_CHARS_MAX,
} from './slot-session.ts';
import { CONTEXT, type SlotSituation, situate } from './slot-situation.ts';
import { START_WEIGHTS } from './start-weights.ts';
import { type TrustSource, trustSources } from './trust-sources.ts';
import { TrustTable, type TrustTableState } from './trust-table.ts';
import { ValueBook, type ValueBookState } from './value-book.ts';
import { fillValues } from './value-features.ts';
import { mannerOf } from './value-likeness.ts';

const ROWS_MAX = 100_000;
const ROW_VALUES_MAX = 40;
const SOURCE_START = 0.1;
const ANOTHER_START = 0.3;
/** Makes a source that is right once in ten say nothing. */
const TRUST_SHIFT = 2.2;
const CHANCE_MIN = 0.01;
const TRUST_MAX = 0.98;

export interface SlotProposal {
  readonly value: string;
  readonly confidence: number;
  readonly reason: string;
}

export interface SlotModelState {
  readonly counts: CountTableState;
  readonly values: ValueBookState;
  readonly trust: TrustTableState;
  readonly mixer: SlotMixerState;
  readonly calibrator: CalibratorState;
}

/** The candidates with what the mixer sees of them; that it is another value is the last one. */
interface Weighing {
  readonly evidence: SlotEvidence;
  readonly sources: readonly TrustSource[];
  readonly another: readonly number[];
  readonly mixed: MixedSlot;
}

export class SlotModel {
  readonly #counts = new CountTable(ROWS_MAX, ROW_VALUES_MAX);
  readonly #values = new ValueBook();
  readonly #trust = new TrustTable();
  readonly #mixer = new SlotMixer(START_WEIGHTS);
  /** No mass is kept aside by it: what the mixer says leaves room for another value. */
  readonly #calibrator = new Calibrator([0, 1]);

  #features = new Float64Array(0);

  /** Best first, at most `limit`. */
  predict(session: SlotSession, open: OpenSlot, limit: number): readonly SlotProposal[] {
    const weighing = this.#weigh(situate(session, open));
    const { evidence, mixed } = weighing;
    const shares = this.#mixer.shares(mixed);
    const ranked = evidence.candidates
      .map((candidate, c) => ({ candidate, share: shares[c] as number }))
      .sort((a, b) => b.share - a.share);
    const first = this.#atMost(ranked[0]?.share ?? 0, evidence);
    const most = this.#atMost(this.#calibrator.confidence(first, 0, 0), evidence);
    return ranked.slice(0, limit).map(({ candidate, share }, rank) => ({
      value: candidate.value,
      confidence: rank === 0 ? most : Math.min(most, share),
      reason: slotReason(candidate, evidence),
    }));
  }

  /** Learns a whole command: each slot in its order, then the command as an earlier one. */
  learn(session: SlotSession, command: FilledCommand): void {
    for (const [situation, value] of slotsOf(session, command)) {
      this.#learnSlot(situation, value);
      hold(situation, value);
    }
    for (const file of command.written)
      if (file.length <= VALUE_CHARS_MAX) this.#values.add(idOf(file), file);
    session.add(command);
  }

  /** Takes a command into the session without learning from it. */
  follow(session: SlotSession, command: FilledCommand): void {
    for (const [situation, value] of slotsOf(session, command)) hold(situation, value);
    session.add(command);
  }

  snapshot(): SlotModelState {
    return {
      counts: this.#counts.snapshot(),
      values: this.#values.snapshot(),
      trust: this.#trust.snapshot(),
      mixer: this.#mixer.snapshot(),
      calibrator: this.#calibrator.snapshot(),
    };
  }

  /** Throws where the state is broken. */
  static restore({ counts, values, trust, mixer, calibrator }: SlotModelState): SlotModel {
    const model = new SlotModel();
    model.#counts.restore(counts);
    model.#values.restore(values);
    model.#trust.restore(trust);
    model.#mixer.restore(mixer);
    model.#calibrator.restore(calibrator);
    return model;
  }

  #weigh(situation: SlotSituation): Weighing {
    const evidence = gatherEvidence(situation, this.#counts, this.#values);
    const { length } = evidence.candidates;
    const features = this.#room((length + 1) * WIDTH);
    fillRows(evidence, features);
    const hashes = [...fillValues(evidence, features), [13]];
    const sources = trustSources(evidence);
    for (const source of sources) this.#fillTrust(source, features);
    const another = anotherKeys(situation);
    this.#fillAnother(another, length, features);
    const { atoms, key } = situation;
    const told = evidence.told.text !== '';
    const mixed = { hashes, features, atoms, own: key % OWN_MAX, told };
    return { evidence, sources, another, mixed };
  }

  /** So many zeros, until they are asked for again: new arrays of that size would cost more than what is done in them. */
  #room(length: number): Float64Array {
    if (this.#features.length < length) this.#features = new Float64Array(2 * length);
    return this.#features.subarray(0, length).fill(0);
  }

  #fillTrust({ kind, candidate, keys }: TrustSource, features: Float64Array): void {
    const trust = Math.min(this.#trust.chance(keys, SOURCE_START), TRUST_MAX);
    const strength = Math.log(trust / (1 - trust)) + TRUST_SHIFT;
    for (const column of [COLUMN[kind], COLUMN.trustMost]) {
      const at = candidate * WIDTH + column;
      features[at] = Math.max(features[at] as number, strength);
    }
  }

  #fillAnother(keys: readonly number[], candidates: number, features: Float64Array): void {
    const odds = (from: number, to: number): number => {
      const chance = this.#trust.chance(keys.slice(from, to), ANOTHER_START);
      const bounded = Math.min(1 - CHANCE_MIN, Math.max(CHANCE_MIN, chance));
      return Math.log(bounded / (1 - bounded));
    };
    const row = candidates * WIDTH;
    features[row + COLUMN.another] = 1;
    features[row + COLUMN.anotherOfType] = odds(0, 2);
    features[row + COLUMN.anotherOfSlot] = odds(0, 3);
    features[row + COLUMN.anotherAfter] = odds(0, 4);
    features[row + COLUMN.anotherBeside] = odds(2, 5);
    features[row + COLUMN.anotherOfMany] = Math.log(1 + candidates) - 2;
  }

  /** Where no session speaks for a value, only the slot's own past does: of one that was seen twice nobody is sure. */
  #atMost(confidence: number, { situation, rows }: SlotEvidence): number {
    if (situation.session.steps > 0) return confidence;
    const times = rows[CONTEXT.slot]?.total ?? 0;
    return Math.min(confidence, (times + 1) / (times + 2));
  }

  #learnSlot(situation: SlotSituation, value: string): void {
    const { evidence, sources, another, mixed } = this.#weigh(situation);
    const { candidates } = evidence;
    const id = idOf(value);
    const shares = this.#mixer.shares(mixed);
    const found = candidates.findIndex((candidate) => candidate.id === id);
    const best = bestOf(shares, candidates.length);
    if (best >= 0)
      this.#calibrator.learn(this.#atMost(shares[best] as number, evidence), 0, true, best === found);
    this.#mixer.learn(mixed, shares, found < 0 ? candidates.length : found);
    for (const { candidate, keys } of sources) this.#trust.learn(keys, candidate === found);
    this.#trust.learn(another, found < 0);
    this.#values.add(id, value);
    for (const key of [...situation.contexts, ...situation.nearby]) this.#counts.add(key, id);
  }
}

/** Each slot that is not too long, as it stands when those before it are filled. */
function* slotsOf(
  session: SlotSession,
  { slots, ...command }: FilledCommand,
): Generator<readonly [SlotSituation, string]> {
  for (const [i, { slot, type, value }] of slots.entries()) {
    if (value.length > VALUE_CHARS_MAX) continue;
    yield [situate(session, { ...command, slot, type, filled: slots.slice(0, i) }), value];
  }
}

/** Takes the value into what the session counts. */
function hold(situation: SlotSituation, value: string): void {
  const { session, key, sessionContexts, manners } = situation;
  const id = idOf(value);
  for (const context of sessionContexts) session.counts.add(context, id);
  for (const manner of manners) session.counts.add(manner, mannerOf(value));
  session.fill(key, id);
}

/** Under which it is counted how often the value was none of the candidates. */
function anotherKeys({ type, key, before, lastFilled }: SlotSituation): readonly number[] {
  const own = mixHash(key, 30);
  return [
    31,
    mixHash(type, 32),
    own,
    mixHash(mixHash(key, 33), before),
    mixHash(mixHash(key, 34), lastFilled),
  ];
}

function bestOf(shares: Float64Array, candidates: number): number {
  let best = -1;
  for (let c = 0; c < candidates; c += 1)
    if (best < 0 || (shares[c] as number) > (shares[best] as number)) best = c;
  return best;
}
