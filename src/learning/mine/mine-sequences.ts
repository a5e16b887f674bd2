/**
 * Finds the sequences of steps that recur over sessions: closed, with gaps of at most two steps, more frequent than
 * in shuffled sessions (fixed seed), alive in the newest third of the sessions (given oldest first), and worth their
 * description: few sequences that cover much. Bounded.
 */
export interface MiningOptions {
  /** Sessions a sequence must occur in. */
  readonly supportMin: number;
  /** Steps that may stand between two steps of the sequence. */
  readonly gapMax?: number;
  readonly seed?: number;
}

export interface MinedSequence {
  readonly steps: readonly string[];
  /** Sessions it occurs in, of those given. */
  readonly support: number;
  /** The same in shuffled sessions. */
  readonly chanceSupport: number;
}

const LENGTH_MIN = 3;
const LENGTH_MAX = 7;
const FOUND_MAX = 50_000;
const TESTED_MAX = 400;
const SHUFFLES = 8;
const SELECTED_MAX = 30;
const STEP_COST = 3;
const LIFT_MIN = 1.5;
const DEVIATIONS_MIN = 5;
/** One more occurrence over all shuffles: chance is never nil. */
const CHANCE_MIN = 1 / SHUFFLES;
const OLDER_SHARE = 2 / 3;
const RECENT_SUPPORT_MIN = 2;
const SESSION_STEPS_MAX = 500;

type Session = readonly string[];
/** Where occurrences end: session and step, packed. */
type Ends = readonly number[];

/** The most useful sequences first. */
export function mineSequences(
  sessions: readonly Session[],
  options: MiningOptions,
): readonly MinedSequence[] {
  const work = mineInSlices(sessions, options);
  for (let slice = work.next(); ; slice = work.next()) if (slice.done) return slice.value;
}

/** The same, with a rest after each millisecond or so of work. */
export function* mineInSlices(
  sessions: readonly Session[],
  { supportMin, gapMax = 2, seed = 1 }: MiningOptions,
): Generator<undefined, readonly MinedSequence[]> {
  const runs = sessions.map((session) => collapse(session.slice(0, SESSION_STEPS_MAX)));
  const found = closed(yield* frequent(runs, gapMax, supportMin));
  const tested = [...found]
    .sort((a, b) => b.support * (b.steps.length - 1) - a.support * (a.steps.length - 1))
    .slice(0, TESTED_MAX);
  const next = random(seed);
  const shuffled = Array.from({ length: SHUFFLES }, () => runs.map((run) => collapse(shuffle(run, next))));
  const told: MinedSequence[] = [];
  for (const { steps, support } of tested) {
    yield;
    const chances = shuffled.map(
      (chance) => chance.filter((run) => occurrences(steps, run, gapMax).length > 0).length,
    );
    told.push({ steps, support, chanceSupport: chances.reduce((sum, count) => sum + count, 0) / SHUFFLES });
  }
  const recent = runs.slice(Math.floor(runs.length * OLDER_SHARE));
  const lasts = ({ steps }: MinedSequence): boolean =>
    recent.filter((run) => occurrences(steps, run, gapMax).length > 0).length >= RECENT_SUPPORT_MIN;
  return yield* select(
    told.filter((one) => isNoChance(one) && lasts(one)),
    runs,
    gapMax,
  );
}

/** Many sequences are tested, so that some are frequent by luck: five deviations above chance are asked for. */
const isNoChance = ({ support, chanceSupport }: MinedSequence): boolean =>
  support >= LIFT_MIN * (chanceSupport + 1) &&
  support >= chanceSupport + DEVIATIONS_MIN * Math.sqrt(chanceSupport + CHANCE_MIN);

/** The places of a sequence in a session, each as the numbers of its steps; the nearest next step counts. */
export function occurrences(
  steps: Session,
  session: Session,
  gapMax: number,
): readonly (readonly number[])[] {
  let open: (readonly number[])[] = session.flatMap((step, i) => (step === steps[0] ? [[i]] : []));
  for (const step of steps.slice(1)) {
    const grown = new Map<number, readonly number[]>();
    for (const place of open) {
      const last = place.at(-1) as number;
      const at = session.slice(last + 1, last + 2 + gapMax).indexOf(step);
      if (at >= 0 && !grown.has(last + 1 + at)) grown.set(last + 1 + at, [...place, last + 1 + at]);
    }
    open = [...grown.values()];
  }
  return open;
}

/** A step repeated at once is one step. */
export const collapse = (session: Session): Session => session.filter((step, i) => step !== session[i - 1]);

interface Frequent {
  readonly steps: Session;
  readonly support: number;
}

const pack = (session: number, step: number): number => session * SESSION_STEPS_MAX + step;
const supportOf = (ends: Ends): number =>
  new Set(ends.map((end) => Math.floor(end / SESSION_STEPS_MAX))).size;

function* frequent(
  runs: readonly Session[],
  gapMax: number,
  supportMin: number,
): Generator<undefined, readonly Frequent[]> {
  const found: Frequent[] = [];
  const starts = new Map<string, number[]>();
  for (const [i, run] of runs.entries()) {
    for (const [j, step] of run.entries()) {
      const ends = starts.get(step);
      if (ends) ends.push(pack(i, j));
      else starts.set(step, [pack(i, j)]);
    }
  }
  const open = [...starts].map(([step, ends]) => ({ steps: [step], ends: ends as Ends }));
  for (let at = open.pop(); at && found.length < FOUND_MAX; at = open.pop()) {
    const support = supportOf(at.ends);
    if (support < supportMin) continue;
    yield;
    if (at.steps.length >= LENGTH_MIN) found.push({ steps: at.steps, support });
    if (at.steps.length >= LENGTH_MAX) continue;
    for (const [step, ends] of growths(at.ends, runs, gapMax)) {
      if (step !== at.steps.at(-1)) open.push({ steps: [...at.steps, step], ends: [...ends] });
    }
  }
  return found;
}

function growths(
  ends: Ends,
  runs: readonly Session[],
  gapMax: number,
): ReadonlyMap<string, ReadonlySet<number>> {
  const grown = new Map<string, Set<number>>();
  for (const end of ends) {
    const session = Math.floor(end / SESSION_STEPS_MAX);
    const from = (end % SESSION_STEPS_MAX) + 1;
    for (const [i, step] of (runs[session] as Session).slice(from, from + 1 + gapMax).entries()) {
      const set = grown.get(step) ?? new Set();
      grown.set(step, set.add(pack(session, from + i)));
    }
  }
  return grown;
}

/** Without those that a longer one with the same support contains. */
function closed(found: readonly Frequent[]): readonly Frequent[] {
  const support = new Map(found.map(({ steps, support }) => [steps.join('\0'), support]));
  const inner = new Set<string>();
  for (const { steps, support: own } of found) {
    for (let i = 0; i < steps.length; i += 1) {
      const shorter = steps.toSpliced(i, 1).join('\0');
      if (support.get(shorter) === own) inner.add(shorter);
    }
  }
  return found.filter(({ steps }) => !inner.has(steps.join('\0')));
}

/** Greedy cover: each sequence taken must explain more steps than its description costs. */
function* select(
  good: readonly MinedSequence[],
  runs: readonly Session[],
  gapMax: number,
): Generator<undefined, readonly MinedSequence[]> {
  const covers = good.map(({ steps }) =>
    runs.flatMap((run, i) =>
      occurrences(steps, run, gapMax).flatMap((place) => place.map((j) => pack(i, j))),
    ),
  );
  const covered = new Set<number>();
  const selected: MinedSequence[] = [];
  while (selected.length < SELECTED_MAX) {
    yield;
    let best = -1;
    let most = 0;
    for (const [i, cover] of covers.entries()) {
      const fresh = new Set(cover.filter((at) => !covered.has(at))).size;
      const gain = fresh - STEP_COST * (good[i] as MinedSequence).steps.length;
      if (gain > most) [best, most] = [i, gain];
    }
    if (best < 0) break;
    selected.push(good[best] as MinedSequence);
    for (const at of covers[best] as readonly number[]) covered.add(at);
  }
  return selected;
}

function shuffle(run: Session, next: () => number): Session {
  const mixed = [...run];
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j] as string, mixed[i] as string];
  }
  return mixed;
}

/** mulberry32: numbers from 0 to 1 that the seed alone decides. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
