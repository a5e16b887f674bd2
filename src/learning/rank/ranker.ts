/**
 * Ranks the labels of one level: candidates from count tables and votes, their evidence as features, weighed by
 * the mixer, made honest by the calibrator. Predicts only from what was learned before; every table is bounded.
 */

import { Calibrator, type CalibratorState } from '../calibrate/calibrator.ts';
import type { LevelHabits } from '../habits/habits.ts';
import { mustList } from '../state-check.ts';
import { partsOf } from './candidate-parts.ts';
import { ContextCounts } from './context-counts.ts';
import { type CountRow, type CountTableState, mostCounted } from './count-table.ts';
import { type Evidence, FEATURE_WIDTH, fillFeatures, silenceFeatures } from './features.ts';
import { hashText, mixHash } from './hash.ts';
import { LabelBook, type LabelBookState } from './label-book.ts';
import type { LabelEntry } from './label-entry.ts';
import { type BucketCandidates, Mixer, type MixerState } from './mixer.ts';
import { sharesAnswered, sharesByParent } from './parent-shares.ts';
import type { SessionCounts } from './session-counts.ts';
import { SHAPE, type Situation, TEMPLATE } from './situation.ts';
import { START_WEIGHTS } from './start-weights.ts';

const ROW_LABELS_MAX = 40;
const FREQUENT_LABELS_MAX = 256;
const FREQUENT_CANDIDATES = 20;
const RECENT_CANDIDATES = 20;
const ROW_CANDIDATES = 15;
const CANDIDATES_MAX = 100;
const PARENT_SHARE_MIN = 0.03;
const PARENTS_MAX = 30;
/** For each level, how often a command is new at first, of how many: the finer the level, the more often. */
const OUTSIDE_START = [
  [1.5, 5.5],
  [3.3, 5.5],
  [4.3, 5.5],
] as const;
const KIN = 77;
/** The same where the usual commands are known from the start. */
const OUTSIDE_START_WITH_HABITS = [
  [0.3, 5.5],
  [1.5, 5.5],
  [4.3, 5.5],
] as const;
/** The context of the one row of all labels. */
const EVER = 1;

export interface RankedLabel {
  readonly entry: LabelEntry;
  /** The chance that this is the next command's label. */
  readonly confidence: number;
  /** How often it was learned here. */
  readonly times: number;
}

export interface Ranking {
  /** Best first. */
  readonly ranked: readonly RankedLabel[];
  readonly situation: Situation;
  /** What was counted here, of the chain and of the session's first context: reasons are made of it. */
  readonly own: readonly (CountRow | undefined)[];
  readonly ownSession: CountRow | undefined;
  /** What is usual elsewhere after the command before. */
  readonly usual: CountRow | undefined;
  readonly entries: readonly LabelEntry[];
  readonly candidates: BucketCandidates;
  readonly shares: Float64Array;
  readonly order: number;
}

/** What came, at one level. */
export interface LearnedLabel {
  readonly label: string;
  readonly parent: string;
  readonly example: string;
}

export interface RankerOptions {
  readonly labelsMax: number;
  readonly rowsMax: number;
  readonly habits: LevelHabits | undefined;
}

export interface RankerState {
  readonly labels: LabelBookState;
  readonly rows: CountTableState;
  readonly frequent: CountTableState;
  readonly recent: readonly number[];
  readonly mixer: MixerState;
  /** Without and with the step's words. */
  readonly calibrators: readonly CalibratorState[];
}

export class Ranker {
  readonly labels: LabelBook;
  readonly #level: number;
  readonly #rows: ContextCounts;
  readonly #mixer: Mixer;
  /** Without and with the step's words: they are right at other times. */
  readonly #calibrators: readonly [untold: Calibrator, told: Calibrator];
  /** One row: what came at all. */
  readonly #frequent: ContextCounts;
  #recent: readonly number[] = [];
  /** The first labels by number, with what count they began. */
  readonly #habits: LevelHabits['labels'];
  /** The features of rankings that were learned from: the next ones have room there. */
  readonly #spare: ArrayBufferLike[] = [];

  constructor(level: number, { labelsMax, rowsMax, habits }: RankerOptions) {
    this.labels = new LabelBook(labelsMax);
    this.#level = level;
    this.#rows = new ContextCounts(rowsMax, ROW_LABELS_MAX, habits?.rows);
    this.#frequent = new ContextCounts(1, FREQUENT_LABELS_MAX, habits?.rows);
    const outside = (habits ? OUTSIDE_START_WITH_HABITS : OUTSIDE_START)[level];
    this.#calibrators = [new Calibrator(outside), new Calibrator(outside)];
    this.#mixer = new Mixer(START_WEIGHTS[level] as readonly (readonly number[])[], habits);
    this.#habits = habits?.labels ?? [];
  }

  /** Takes in what is usual; a ranker that is restored has it. */
  begin(): void {
    this.#mixer.begin();
    for (const { label, parent, times } of this.#habits) this.labels.begin(label, parent, times);
  }

  predict(situation: Situation, session: SessionCounts): Ranking {
    const rows = [
      ...[...situation.chain, ...situation.contexts].map((key) => this.#rows.get(key)),
      ...situation.sessionContexts.map((key) => session.row(key)),
    ];
    const entries = this.#candidates(situation, rows);
    const features = this.#room(entries.length * FEATURE_WIDTH);
    fillFeatures(this.#evidence(entries, rows, situation, session), features);
    const hashes = partsOf(entries, this.#level, situation);
    const order = rows.slice(0, SHAPE.chain).findLastIndex((row) => (row?.total ?? 0) > 1) + 1;
    return {
      ...this.#weighed(situation, entries, { hashes, features }, order),
      own: situation.chain.map((key) => this.#rows.own(key)),
      ownSession: rows[SHAPE.chain + SHAPE.contexts],
      usual: this.#rows.usual(situation.chain[0] ?? 0),
    };
  }

  /** The same ranking as if no words had been told with the step, as `situation` has it. */
  silent(ranking: Ranking, situation: Situation): Ranking {
    const { entries, candidates, order } = ranking;
    const features = this.#room(candidates.features.length);
    features.set(candidates.features);
    silenceFeatures(features, entries, situation.parents);
    return {
      ...ranking,
      ...this.#weighed(situation, entries, { hashes: candidates.hashes, features }, order),
    };
  }

  /**
   * Learns what came instead of or as predicted; the ranking is used up by it. `silent`: what was predicted without the
   * words that were told; its weights learn too, since the next one may ask without words.
   */
  learn(
    { label, parent, example }: LearnedLabel,
    ranking: Ranking,
    silent: Ranking | undefined,
    session: SessionCounts,
  ): LabelEntry {
    const { chain, contexts, sessionContexts } = ranking.situation;
    if (silent) this.#weigh(label, silent);
    this.#weigh(label, ranking);
    const entry = this.labels.learn(label, parent, example);
    const kin = parent ? kinOf(parent) : 0;
    for (const key of [...chain, ...contexts, kin]) this.#rows.add(key, entry.id);
    session.learn(entry.id, [...sessionContexts, kin]);
    this.#frequent.add(EVER, entry.id);
    this.#recent = [...this.#recent.filter((id) => id !== entry.id), entry.id].slice(-RECENT_CANDIDATES);
    return entry;
  }

  /** Counts the label for the session alone; its number, 0 where nothing is known of it. */
  follow(label: string, parent: string, { sessionContexts }: Situation, session: SessionCounts): number {
    const id = this.labels.find(label)?.id ?? 0;
    if (id) session.learn(id, [...sessionContexts, parent ? kinOf(parent) : 0]);
    return id;
  }

  snapshot(): RankerState {
    return {
      labels: this.labels.snapshot(),
      rows: this.#rows.snapshot(),
      frequent: this.#frequent.snapshot(),
      recent: this.#recent,
      mixer: this.#mixer.snapshot(),
      calibrators: this.#calibrators.map((calibrator) => calibrator.snapshot()),
    };
  }

  restore(state: RankerState): void {
    this.labels.restore(state.labels);
    this.#rows.restore(state.rows);
    this.#frequent.restore(state.frequent);
    mustList(state.recent, RECENT_CANDIDATES, (id): id is number => Number.isInteger(id));
    this.#recent = [...state.recent];
    this.#mixer.restore(state.mixer);
    for (const [at, calibrator] of this.#calibrators.entries())
      calibrator.restore(state.calibrators[at] as CalibratorState);
  }

  #weighed(
    situation: Situation,
    entries: readonly LabelEntry[],
    evidence: Pick<BucketCandidates, 'hashes' | 'features'>,
    order: number,
  ): Pick<Ranking, 'ranked' | 'situation' | 'entries' | 'candidates' | 'shares' | 'order'> {
    const told = situation.text !== undefined;
    const atoms = new Uint32Array(situation.atoms);
    const candidates: BucketCandidates = { ...evidence, atoms, bucket: situation.bucket, told };
    const { parents } = situation;
    const mixed = this.#mixer.shares(candidates);
    const shares = parents && this.#level === TEMPLATE ? sharesByParent(mixed, entries, parents) : mixed;
    const calibrator = this.#calibrators[told ? 1 : 0];
    const ranked = entries
      .map((entry, c) => ({ entry, share: shares[c] as number }))
      .sort((a, b) => b.share - a.share)
      .map(({ entry, share }, rank) => ({
        entry,
        confidence: calibrator.confidence(share, rank, order),
        times: entry.count - (this.#habits[entry.id - 1]?.times ?? 0),
      }));
    return { ranked, situation, entries, candidates, shares, order };
  }

  #weigh(label: string, { situation, entries, candidates, shares, order }: Ranking): void {
    const truth = entries.findIndex((entry) => entry.label === label);
    const top = shares.reduce((best, share, c) => (share > (shares[best] as number) ? c : best), 0);
    const calibrator = this.#calibrators[situation.text ? 1 : 0];
    calibrator.learn(shares[top] ?? 0, order, truth >= 0, shares.length > 0 && truth === top);
    const answered = truth >= 0 && this.#level === TEMPLATE ? sharesAnswered(shares, entries, truth) : shares;
    if (truth >= 0) this.#mixer.learn(candidates, answered, truth);
    this.#spare.push(candidates.features.buffer);
  }

  #room(length: number): Float64Array {
    const buffer = this.#spare.pop() ?? new ArrayBuffer(CANDIDATES_MAX * FEATURE_WIDTH * 8);
    return new Float64Array(buffer, 0, length).fill(0);
  }

  #evidence(
    entries: readonly LabelEntry[],
    rows: readonly (CountRow | undefined)[],
    situation: Situation,
    session: SessionCounts,
  ): Evidence {
    const known = (this.#frequent.get(EVER)?.ids.length ?? 0) + 1;
    const kin = remembered((parent) => this.#rows.get(kinOf(parent)));
    const ownKin = remembered((parent) => session.row(kinOf(parent)));
    return { entries, rows, situation, session, known, now: this.labels.now, kin, ownKin };
  }

  #candidates(situation: Situation, rows: readonly (CountRow | undefined)[]): readonly LabelEntry[] {
    const ids = new Set<number>();
    const add = (some: readonly number[]): void => some.forEach((id) => void ids.add(id));
    for (const { weights } of situation.votes) add(heaviest(weights, ROW_CANDIDATES));
    for (const row of rows) add(mostCounted(row, ROW_CANDIDATES));
    add(mostCounted(this.#frequent.get(EVER), FREQUENT_CANDIDATES));
    add(this.#recent);
    for (const [parent, share] of [...(situation.parents ?? [])].slice(0, PARENTS_MAX)) {
      if (share >= PARENT_SHARE_MIN) add(mostCounted(this.#rows.get(kinOf(parent)), ROW_CANDIDATES));
    }
    return [...ids]
      .slice(0, CANDIDATES_MAX)
      .map((id) => this.labels.entry(id))
      .filter((entry) => entry !== undefined);
  }
}

const kinOf = (parent: string): number => mixHash(KIN, hashText(parent));

function remembered(
  find: (parent: string) => CountRow | undefined,
): (parent: string) => CountRow | undefined {
  const known = new Map<string, CountRow | undefined>();
  return (parent) => {
    if (!known.has(parent)) known.set(parent, find(parent));
    return known.get(parent);
  };
}

function heaviest(weights: ReadonlyMap<number, number>, limit: number): readonly number[] {
  if (weights.size <= limit) return [...weights.keys()];
  const best: (readonly [id: number, weight: number])[] = [];
  for (const [id, weight] of weights) {
    if (best.length === limit && weight <= (best[limit - 1]?.[1] ?? 0)) continue;
    let at = best.length === limit ? limit - 1 : best.length;
    for (; at > 0 && (best[at - 1]?.[1] ?? 0) < weight; at -= 1)
      best[at] = best[at - 1] as (typeof best)[number];
    best[at] = [id, weight];
  }
  return best.map(([id]) => id);
}
