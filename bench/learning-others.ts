/** The measures beside the next command: failures foretold, slots filled, mined sequences that come back. */
import { FailureModel } from '../src/learning/failure/failure-model.ts';
import { FailureSession } from '../src/learning/failure/failure-session.ts';
import { collapse, mineSequences, occurrences } from '../src/learning/mine/mine-sequences.ts';
import { readCommand, readSlots } from '../src/learning/shell/read-command.ts';
import { SlotModel } from '../src/learning/slots/slot-model.ts';
import { SlotSession } from '../src/learning/slots/slot-session.ts';
import type { Row } from './learning-data.ts';

const RANKS = 5;
const GAP_MAX = 2;
const TRAINING_SHARE = 0.7;
const BINS = 10;
const RESAMPLES = 500;

export interface FailureScore {
  readonly n: number;
  readonly failed: number;
  readonly auc: number;
  /** 95 % interval of auc, sessions drawn anew with a fixed seed. */
  readonly aucLow: number;
  readonly aucHigh: number;
  readonly ece: number;
}

interface Foretold {
  readonly session: number;
  readonly chance: number;
  readonly failed: boolean;
}

/** Each command's failure is foretold before its exit code is learned; commands without one are only followed. */
export function scoreFailures(rows: readonly Row[], told: boolean): FailureScore | undefined {
  const model = new FailureModel();
  const foretold: Foretold[] = [];
  for (const [number, { commands, rc, desc }] of rows.entries()) {
    const session = new FailureSession();
    for (const [i, command] of commands.entries()) {
      const code = rc?.[i];
      if (code === null || code === undefined) {
        session.follow(command, undefined);
        continue;
      }
      const intent = told ? desc?.[i] : undefined;
      const { chance } = model.predict(session, command, intent);
      foretold.push({ session: number, chance, failed: code !== 0 });
      model.learn(session, command, code !== 0, intent);
    }
  }
  const failed = foretold.filter((one) => one.failed).length;
  if (failed === 0 || failed === foretold.length) return undefined;
  const sorted = [...foretold].sort((a, b) => a.chance - b.chance);
  const [aucLow, aucHigh] = areaInterval(sorted, rows.length);
  return {
    n: foretold.length,
    failed: failed / foretold.length,
    auc: areaOf(sorted, () => 1),
    aucLow,
    aucHigh,
    ece: errorOf(foretold.map(({ chance, failed: came }) => ({ chance, came }))),
  };
}

/** The chance that a failed command was given a higher one than a command that did not fail; each counts so many times. */
function areaOf(sorted: readonly Foretold[], times: (session: number) => number): number {
  let [below, failures, won] = [0, 0, 0];
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    let [failed, fine] = [0, 0];
    while (to < sorted.length && sorted[to]?.chance === sorted[from]?.chance) {
      const one = sorted[to] as Foretold;
      if (one.failed) failed += times(one.session);
      else fine += times(one.session);
      to += 1;
    }
    won += failed * (below + fine / 2);
    below += fine;
    failures += failed;
  }
  return won / (failures * below);
}

function areaInterval(sorted: readonly Foretold[], sessions: number): readonly [number, number] {
  let state = 7;
  const draws = Array.from({ length: RESAMPLES }, () => {
    const times = new Uint32Array(sessions);
    for (let i = 0; i < sessions; i += 1) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const drawn = Math.floor((state / 2 ** 32) * sessions);
      times[drawn] = (times[drawn] as number) + 1;
    }
    return areaOf(sorted, (session) => times[session] as number);
  })
    .filter((area) => !Number.isNaN(area))
    .sort((x, y) => x - y);
  const at = (share: number): number => draws[Math.floor(draws.length * share)] ?? 0;
  return [at(0.025), at(0.975)];
}

function errorOf(foretold: readonly { readonly chance: number; readonly came: boolean }[]): number {
  const gaps = new Array<number>(BINS).fill(0);
  for (const { chance, came } of foretold) {
    const bin = Math.min(BINS - 1, Math.floor(chance * BINS));
    gaps[bin] = (gaps[bin] as number) + chance - (came ? 1 : 0);
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / foretold.length;
}

export interface SlotScore {
  readonly n: number;
  readonly top1: number;
  readonly top3: number;
  readonly top5: number;
  readonly ece: number;
  /** Share of values that the slot or the session held before, and of those the share put first. */
  readonly seen: number;
  readonly seenRight: number;
  /** 95 % interval of seenRight, sessions drawn anew with a fixed seed. */
  readonly seenRightLow: number;
  readonly seenRightHigh: number;
}

interface AskedSlot {
  readonly session: number;
  /** Of the value among the proposals; -1 where it is none of them. */
  readonly rank: number;
  /** Of the first proposal; undefined where there is none. */
  readonly confidence: number | undefined;
  readonly seen: boolean;
}

/** What is known of a command whose slots are asked for: its stub, as in the published protocol, or its whole template. */
type KnownForm = 'stub' | 'template';

/** Each slot's value is proposed from history, the slots before it in the same command, and the command's known form. */
export function scoreSlots(rows: readonly Row[], told: boolean, form: KnownForm): SlotScore {
  const asked = askSlots(rows, told, form);
  const share = (fits: (slot: AskedSlot) => boolean): number =>
    asked.filter(fits).length / Math.max(1, asked.length);
  const seen = rows.map(() => ({ count: 0, right: 0 }));
  for (const { session, rank, seen: before } of asked) {
    const tally = seen[session];
    if (!tally || !before) continue;
    tally.count += 1;
    tally.right += rank === 0 ? 1 : 0;
  }
  const [seenRightLow, seenRightHigh] = intervalOf(seen);
  const proposed = asked.flatMap(({ confidence, rank }) =>
    confidence === undefined ? [] : [{ chance: confidence, came: rank === 0 }],
  );
  return {
    n: asked.length,
    top1: share(({ rank }) => rank === 0),
    top3: share(({ rank }) => rank >= 0 && rank < 3),
    top5: share(({ rank }) => rank >= 0),
    ece: (errorOf(proposed) * proposed.length) / Math.max(1, asked.length),
    seen: share((slot) => slot.seen),
    seenRight: rightShare(seen),
    seenRightLow,
    seenRightHigh,
  };
}

function askSlots(rows: readonly Row[], told: boolean, form: KnownForm): readonly AskedSlot[] {
  const model = new SlotModel();
  const known = new Map<string, Set<string>>();
  const asked: AskedSlot[] = [];
  for (const [session, { commands, desc, cwd }] of rows.entries()) {
    const filled = new SlotSession();
    const own = new Set<string>();
    for (const [c, command] of commands.entries()) {
      const { slots, written } = readSlots(command);
      const { stub, template } = readCommand(command);
      const step = {
        intent: told ? desc?.[c] : undefined,
        place: cwd?.[c],
        template: form === 'template' ? template : undefined,
      };
      for (const [i, { slot, type, value }] of slots.entries()) {
        const open = { ...step, stub, slot, type, filled: slots.slice(0, i) };
        const proposals = model.predict(filled, open, RANKS);
        const held = known.get(`${stub}\0${slot}`) ?? new Set();
        asked.push({
          session,
          rank: proposals.findIndex((proposal) => proposal.value === value),
          confidence: proposals[0]?.confidence,
          seen: held.has(value) || own.has(value),
        });
        known.set(`${stub}\0${slot}`, held.add(value));
      }
      for (const { value } of slots) own.add(value);
      model.learn(filled, { ...step, stub, slots, written });
    }
  }
  return asked;
}

type Tally = { readonly count: number; readonly right: number };

function rightShare(tallies: readonly Tally[]): number {
  const sum = (of: keyof Tally): number => tallies.reduce((all, tally) => all + tally[of], 0);
  return sum('right') / Math.max(1, sum('count'));
}

function intervalOf(sessions: readonly Tally[]): readonly [low: number, high: number] {
  let state = 7;
  const drawn = (): Tally => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return sessions[Math.floor((state / 2 ** 32) * sessions.length)] as Tally;
  };
  const shares = Array.from({ length: RESAMPLES }, () => rightShare(sessions.map(drawn)));
  shares.sort((one, other) => one - other);
  return [shares[Math.floor(RESAMPLES * 0.025)] ?? 0, shares[Math.floor(RESAMPLES * 0.975)] ?? 0];
}

export interface MiningScore {
  readonly proposed: number;
  /** Of those proposed, the ones that come again in two later sessions or more. */
  readonly recurring: number;
  /** Share of the later sessions' steps that they cover. */
  readonly covered: number;
}

/** Mined in the first 70 % of the sessions, looked for in the rest. */
export function scoreMining(rows: readonly Row[]): MiningScore {
  const sessions = rows.map(({ commands }) => commands.map((command) => readCommand(command).stub || '∅'));
  const split = Math.floor(TRAINING_SHARE * sessions.length);
  const later = sessions.slice(split).map(collapse);
  const supportMin = Math.max(4, Math.min(25, Math.round(0.06 * split)));
  const mined = mineSequences(sessions.slice(0, split), { supportMin, gapMax: GAP_MAX });
  const covered = later.map(() => new Set<number>());
  let recurring = 0;
  for (const { steps } of mined) {
    const places = later.map((session) => occurrences(steps, session, GAP_MAX));
    if (places.filter((found) => found.length > 0).length >= 2) recurring += 1;
    for (const [i, found] of places.entries()) for (const at of found.flat()) covered[i]?.add(at);
  }
  const steps = later.reduce((sum, session) => sum + session.length, 0);
  const all = covered.reduce((sum, session) => sum + session.size, 0);
  return { proposed: mined.length, recurring, covered: all / Math.max(1, steps) };
}
