/** prototype */
import { hashText, mixHash } from './rank/hash.ts';
import { type Ranking, Ranker, SessionCounts } from './rank/ranker.ts';
import type { Situation, Vote } from './rank/situation.ts';
import { type Moment, situationAt, SHAPE, type TrailStep } from './rank/situations.ts';
import { TextIndex } from './text/text-index.ts';
import { termsOf, withPairs } from './text/terms.ts';

export const LEVELS = ['stub', 'template', 'raw'] as const;
export interface Labels { readonly labels: readonly [string, string, string]; readonly pieces: readonly string[] }
export interface Session { trail: TrailStep[]; counts: SessionCounts[]; goal: string; project: string; nn: Map<number, number>[]; nnTotal: number; goalTerms: string[]; doc: number; neighbours: { doc: number; w: number }[] }
export interface Query { place?: string; text?: string }
const EMPTY: Vote = { weights: new Map(), total: 0, strength: 0 };
const RETRIEVED = 25;
const opt = (globalThis as any).OPT ?? {};

function lastOf(t: string): string { const p = t.split(/(?<=[.!?:])\s+(?=[A-Z`])/).filter((x) => x.trim()); let r = p.at(-1) ?? ''; for (let i = p.length - 2; i >= 0 && opt.c2 && r.length < opt.c2; i--) r = p[i] + ' ' + r; return r; }
function shapes(t: string): string[] {
  const out: string[] = [];
  const tail = t.slice(-300);
  for (const [n, r] of [['num', /\b\d+\b/], ['range', /\d+\s*(?:-|to|and)\s*\d+/], ['path', /[\w-]+\/[\w./-]+/], ['file', /\b\w+\.(?:py|ts|go|js|md|json|txt|toml|yaml|c|rs)\b/], ['call', /\w\(\)/], ['snake', /\w_\w/], ['camel', /[a-z][A-Z]/], ['q', /\?/], ['code', /```/], ['tick', /`/], ['quote', /["']/]] as [string, RegExp][]) { if (r.test(t)) out.push('@' + n); if (r.test(tail)) out.push('@t' + n); }
  out.push('@len' + Math.floor(Math.log2(t.length + 1)));
  const w = termsOf(tail.replace(/\d+/g, '0')); out.push('@end' + w.at(-1), '@end' + w.slice(-2).join('_'));
  return out;
}
export class CommandModel {
  rankers = LEVELS.map(() => new Ranker(SHAPE, 20000, 60000));
  read: (c: string) => Labels;
  index = new TextIndex(20000);
  index2 = new TextIndex(20000); docPrev: number[] = [];
  #memo2: [string, any] = ['', null];
  hits2(terms: string[]) { const k = terms.join(' ') + this.index2.size; if (this.#memo2[0] !== k) this.#memo2 = [k, this.index2.query(terms, RETRIEVED)]; return this.#memo2[1] as { document: number; score: number }[]; }
  docLabels: number[][] = [];
  goals = new TextIndex(5000);
  goalDocs: { counts: Map<number, number>[]; next: Map<number, Map<number, number>>[] }[] = [];
  nlevels: number;
  constructor(read: (c: string) => Labels, nlevels = 3) { this.read = read; this.nlevels = nlevels; this.rankers.forEach((r, l) => { r.mixer.level = l; }); }
  begin(goal: string, project: string): Session {
    const s: Session = { trail: [], counts: LEVELS.map(() => new SessionCounts()), goal, project, nn: [], nnTotal: 0, goalTerms: [], doc: -1, neighbours: [] };
    if (goal) {
      s.goalTerms = [...new Set(withPairs(termsOf(goal)))];
      const hits = this.goals.query(s.goalTerms, 8);
      s.neighbours = hits.map(({ document, score }) => ({ doc: document, w: score }));
      s.doc = this.goals.add(s.goalTerms);
      this.goalDocs[s.doc] = { counts: LEVELS.map(() => new Map()), next: LEVELS.map(() => new Map()) };
    }
    return s;
  }
  moment(s: Session, q: Query, level: number, above?: Ranking): Moment & { terms: string[] } {
    const text = q.text ? termsOf(q.text) : [];
    const terms = q.text ? [...withPairs(text)] : [];
    const last = s.trail.at(-1);
    const ctx = last ? ['@' + last.hashes[0]] : [];
    const votes: Vote[] = [];
    if (terms.length) {
      const hits = this.hits(terms);
      const w = new Map<number, number>(); let total = 0;
      for (const h of hits) { const id = this.docLabels[h.document]![level]!; const v = h.score ** 2; w.set(id, (w.get(id) ?? 0) + v); total += v; }
      const best = hits[0]?.score ?? 0;
      votes.push({ weights: w, total, strength: Math.min(best / 20, 2) });
      const w3 = new Map<number, number>(); let t3 = 0;
      for (const h of hits) { const id = this.docLabels[h.document]![level]!; const v = h.score ** 6 / best ** 6; w3.set(id, (w3.get(id) ?? 0) + v); t3 += v; }
      if (opt.v3) { const ls = withPairs(termsOf(lastOf(q.text!))); const h2 = this.hits2(ls); const w = new Map<number, number>(); let total = 0;
        for (const h of h2) { const id = this.docLabels[h.document]![level]!; const v = h.score ** 2; w.set(id, (w.get(id) ?? 0) + v); total += v; }
        votes.push({ weights: w, total, strength: Math.min((h2[0]?.score ?? 0) / 20, 2) }); }
      if (opt.v4) { const w = new Map<number, number>(); let total = 0; const pl = last?.hashes[0];
        for (const h of hits) { const id = this.docLabels[h.document]![level]!; const v = h.score ** 2 * (this.docPrev[h.document] === pl ? 4 : 1); w.set(id, (w.get(id) ?? 0) + v); total += v; }
        votes.push({ weights: w, total, strength: Math.min(best / 20, 2) }); }
      votes.push({ weights: w3, total: t3, strength: best / (this.self(terms) + 1e-9) });
    } else { votes.push(EMPTY, EMPTY); if (opt.v3) votes.push(EMPTY); if (opt.v4) votes.push(EMPTY); }
    const nn = new Map<number, number>(); let tn = 0; const nx = new Map<number, number>(); let tx = 0;
    const prev = last?.hashes[level] ?? 7;
    for (const { doc, w } of s.neighbours) {
      const d = this.goalDocs[doc]!; const ww = w / (s.neighbours[0]!.w);
      for (const [id, n] of d.counts[level]!) { const v = ww * Math.sqrt(n); nn.set(id, (nn.get(id) ?? 0) + v); tn += v; }
      const m = d.next[level]!.get(prev);
      if (m) for (const [id, n] of m) { nx.set(id, (nx.get(id) ?? 0) + ww * n); tx += ww * n; }
    }
    votes.push({ weights: nn, total: tn, strength: Math.min(2, (s.neighbours[0]?.w ?? 0) / 40) }, { weights: nx, total: tx, strength: Math.min(2, (s.neighbours[0]?.w ?? 0) / 40) });
    let parents: Map<string, number> | undefined;
    if (above) { parents = new Map(); for (const c of above.order.slice(0, 30)) parents.set(above.entries[c]!.label, above.shares[c]! * (1 - above.novel)); }
    return { trail: s.trail, place: q.place ? hashText(q.place) : 0, project: s.project ? hashText(s.project) : 0, text: opt.pairs === false ? text : terms, words: new Set(q.text ? q.text.toLowerCase().split(' ') : []), textHash: q.text ? hashText(q.text) : 0, goal: s.goalTerms, votes, opening: q.text ? termsOf(lastOf(q.text)) : [], lastSentence: q.text ? withPairs(termsOf(lastOf(q.text))) : [], terms, ...(parents ? { parents } : {}) };
  }
  #memo: [string, any] = ['', null];
  hits(terms: string[]) { const k = terms.join(' ') + this.index.size; if (this.#memo[0] !== k) this.#memo = [k, this.index.query(terms, RETRIEVED)]; return this.#memo[1] as { document: number; score: number }[]; }
  self(terms: string[]) { return terms.length * 4; }
  predict(s: Session, q: Query): { rankings: Ranking[]; situations: Situation[]; terms: string[] } {
    const rankings: Ranking[] = []; const situations: Situation[] = []; let terms: string[] = [];
    for (let l = 0; l < this.nlevels; l++) {
      const m = this.moment(s, q, l, rankings[l - 1]);
      terms = m.terms;
      const sit = situationAt(l, m);
      situations.push(sit);
      rankings.push(this.rankers[l]!.predict(sit, s.counts[l]!));
    }
    return { rankings, situations, terms };
  }
  learn(s: Session, q: Query, p: ReturnType<CommandModel['predict']>, command: string, rc: number | null | undefined): void {
    const { labels, pieces } = this.read(command);
    const ids: number[] = [];
    for (let l = 0; l < this.nlevels; l++) {
      const text = labels[l]!;
      const e = this.rankers[l]!.learn({ text, hash: hashText(text), parent: l ? labels[l - 1]! : '', words: [...new Set(text.toLowerCase().split(' '))] }, p.rankings[l]!, p.situations[l]!, s.counts[l]!);
      ids.push(e.id);
      if (s.doc >= 0) {
        const d = this.goalDocs[s.doc]!; d.counts[l]!.set(e.id, (d.counts[l]!.get(e.id) ?? 0) + 1);
        const prev = s.trail.at(-1)?.hashes[l] ?? 7; let m = d.next[l]!.get(prev); if (!m) d.next[l]!.set(prev, m = new Map()); m.set(e.id, (m.get(e.id) ?? 0) + 1);
      }
    }
    if (p.terms.length) { const d = this.index.add(p.terms); this.docLabels[d] = ids; this.docPrev[d] = s.trail.at(-1)?.hashes[0] ?? 7; if (opt.v3) this.index2.add(withPairs(termsOf(lastOf(q.text!)))); }
    s.trail.push({ hashes: labels.map(hashText), failed: rc === null || rc === undefined ? 2 : rc ? 1 : 0, place: q.place ? hashText(q.place) : 0, pieces: pieces.map(hashText), words: [...new Set(command.slice(0, 400).match(/[\w.-]+/g) ?? [])].slice(0, 40).map(hashText) } as any);
  }
}
