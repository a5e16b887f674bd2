/**
 * Ranks the labels of one level: candidates from count tables and votes, their evidence as features,
 * weighed by the mixer, calibrated. Learns one label at a time; predicts only from what came before.
 */
import { CountRow } from './count-row.ts';
import { featureWidth, fillFeatures, startWeights } from './features.ts';
import { mixHash } from './hash.ts';
import { LabelBook, type LabelEntry } from './label-book.ts';
import { type Candidates, Mixer } from './mixer.ts';
import { RecentMap } from './recent-map.ts';
import type { Situation } from './situation.ts';

const opt = (globalThis as any).OPT ?? {};
const ROW_LABELS_MAX = 40;
const GLOBAL_LABELS_MAX = 256;
const FREQUENT_CANDIDATES = 20;
const RECENT_CANDIDATES = 20;
const ROW_CANDIDATES = 15;
const VOTE_CANDIDATES = 15;
const CANDIDATES_MAX = 160;

/** A session's own counts at one level. */
export class SessionCounts {
  readonly rows = new Map<number, CountRow>();
  readonly lastAt = new Map<number, number>();
  steps = 0;
}

export interface Ranking {
  readonly entries: readonly LabelEntry[];
  readonly shares: Float64Array;
  /** Candidate numbers, best first. */
  readonly order: readonly number[];
  readonly novel: number;
  readonly candidates: Candidates;
  readonly rows: readonly (CountRow | undefined)[];
}

export interface RankerShape {
  readonly chain: number;
  readonly contexts: number;
  readonly sessionContexts: number;
  readonly votes: number;
}

export class Ranker {
  readonly labels: LabelBook;
  readonly #rows: RecentMap<number, CountRow>;
  readonly #all = new CountRow();
  readonly #shape: RankerShape;
  readonly mixer: Mixer;
  readonly #recent: number[] = [];
  readonly #outside = new Map<number, [number, number]>();

  constructor(shape: RankerShape, labelsMax: number, rowsMax: number) {
    this.#shape = shape;
    this.labels = new LabelBook(labelsMax);
    this.#rows = new RecentMap(rowsMax);
    this.mixer = new Mixer(startWeights(shape));
  }

  predict(situation: Situation, session: SessionCounts): Ranking {
    const chain = situation.chain.map((key) => (key ? this.#rows.get(key) : undefined));
    const contexts = situation.contexts.map((key) => (key ? this.#rows.get(key) : undefined));
    const own = situation.sessionContexts.map((key) => (key ? session.rows.get(key) : undefined));
    const rows = [...chain, ...contexts, ...own];
    const entries = this.#candidates(situation, rows);
    const width = featureWidth(this.#shape);
    const features = new Float64Array(entries.length * width);
    const kids = new Map<string, CountRow | undefined>();
    if (situation.parents) for (const e of entries) if (!kids.has(e.parent)) kids.set(e.parent, this.#rows.get(mixHash(77, hashOf(e.parent))));
    const ownKids = (p: string) => session.rows.get(mixHash(77, hashOf(p)));
    fillFeatures(features, { kids, ownKids, entries, chain, rows, all: this.#all, session, situation, labels: this.labels, shape: this.#shape });
    const order = matched(chain);
    const candidates: Candidates = {
      ids: entries.map(({ id }) => id),
      hashes: entries.map((e) => (situation.parents && opt.words !== 0 ? e.wordHashes : [e.hash])),
      features,
      atoms: situation.atoms,
      atomGain: situation.atoms.length ? 1 / Math.sqrt(situation.atoms.length) : 0,
      told: situation.told,
      buckets: [1 + order, ...situation.buckets],
    };
    const shares = this.mixer.shares(candidates);
    const outside = this.#outsideOf(candidates.buckets[0] as number);
    return {
      entries,
      shares,
      order: [...shares.keys()].sort((a, b) => (shares[b] as number) - (shares[a] as number)),
      novel: outside[0] / outside[1],
      candidates,
      rows,
    };
  }

  learn(
    label: { readonly text: string; readonly hash: number; readonly parent: string; readonly words: readonly string[] },
    ranking: Ranking,
    situation: Situation,
    session: SessionCounts,
  ): LabelEntry {
    const truth = ranking.entries.findIndex((entry) => entry.label === label.text);
    const outside = this.#outsideOf(ranking.candidates.buckets[0] as number);
    outside[0] = outside[0] * 0.998 + (truth < 0 ? 1 : 0);
    outside[1] = outside[1] * 0.998 + 1;
    if (truth >= 0) this.mixer.train(ranking.candidates, ranking.shares, truth);
    const entry = this.labels.learn(
      () => ({ label: label.text, hash: label.hash, parent: label.parent, words: label.words, wordHashes: [label.hash, ...label.words.slice(0, 12).map(hashOf)] }),
      label.text,
    );
    for (const key of [...situation.chain, ...situation.contexts]) {
      if (key) this.#count(this.#rows, key, entry.id);
    }
    if (label.parent) this.#count(this.#rows, mixHash(77, hashOf(label.parent)), entry.id);
    for (const key of situation.sessionContexts) {
      if (!key) continue;
      let row = session.rows.get(key);
      if (!row) session.rows.set(key, (row = new CountRow()));
      row.add(entry.id, ROW_LABELS_MAX);
    }
    if (label.parent) {
      const k = mixHash(77, hashOf(label.parent));
      let row = session.rows.get(k);
      if (!row) session.rows.set(k, (row = new CountRow()));
      row.add(entry.id, ROW_LABELS_MAX);
    }
    this.#all.add(entry.id, GLOBAL_LABELS_MAX);
    session.lastAt.set(entry.id, session.steps++);
    const at = this.#recent.indexOf(entry.id);
    if (at >= 0) this.#recent.splice(at, 1);
    else if (this.#recent.length >= RECENT_CANDIDATES) this.#recent.shift();
    this.#recent.push(entry.id);
    return entry;
  }

  #count(rows: RecentMap<number, CountRow>, key: number, id: number): void {
    const row = rows.get(key) ?? new CountRow();
    row.add(id, ROW_LABELS_MAX);
    rows.set(key, row);
  }

  #outsideOf(bucket: number): [number, number] {
    let outside = this.#outside.get(bucket);
    if (!outside) this.#outside.set(bucket, (outside = [1, 5]));
    return outside;
  }

  #candidates(situation: Situation, rows: readonly (CountRow | undefined)[]): readonly LabelEntry[] {
    const ids = new Set<number>();
    for (const { weights } of situation.votes) for (const id of topOf(weights, VOTE_CANDIDATES)) ids.add(id);
    for (const row of rows) if (row) for (const id of topIds(row, ROW_CANDIDATES)) ids.add(id);
    for (const id of topIds(this.#all, FREQUENT_CANDIDATES)) ids.add(id);
    for (const id of this.#recent) ids.add(id);
    if (situation.parents) {
      for (const [parent, share] of situation.parents) {
        if (share < 0.03) continue;
        const row = this.#rows.get(mixHash(77, hashOf(parent)));
        if (row) for (const id of topIds(row, ROW_CANDIDATES)) ids.add(id);
      }
    }
    const entries: LabelEntry[] = [];
    for (const id of ids) {
      const entry = this.labels.entry(id);
      if (entry) entries.push(entry);
      if (entries.length >= CANDIDATES_MAX) break;
    }
    return entries;
  }
}

import { hashText as hashOf } from './hash.ts';

const matched = (chain: readonly (CountRow | undefined)[]): number => {
  let order = 0;
  for (let i = 0; i < Math.min(4, chain.length); i += 1) if ((chain[i]?.total ?? 0) > 1) order = i + 1;
  return order;
};

function topIds(row: CountRow, limit: number): readonly number[] {
  if (row.ids.length <= limit) return row.ids;
  return [...row.ids.keys()]
    .sort((a, b) => (row.counts[b] as number) - (row.counts[a] as number))
    .slice(0, limit)
    .map((at) => row.ids[at] as number);
}

function topOf(weights: ReadonlyMap<number, number>, limit: number): readonly number[] {
  if (weights.size <= limit) return [...weights.keys()];
  return [...weights].sort((a, b) => b[1] - a[1]).slice(0, limit).map(([id]) => id);
}
