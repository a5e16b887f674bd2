/** The measures beside the next command: failures foretold, slots filled, mined sequences that come back. */
import { FailureModel, FailureSession } from '../src/learning/failure/failure-model.ts';
import { collapse, mineSequences, occurrences } from '../src/learning/mine/mine-sequences.ts';
import { readCommand, readSlots } from '../src/learning/shell/read-command.ts';
import { SlotModel } from '../src/learning/slots/slot-model.ts';
import { SlotSession } from '../src/learning/slots/slot-session.ts';
import type { Row } from './learning-data.ts';

const RANKS = 5;
const GAP_MAX = 2;
const TRAINING_SHARE = 0.7;
const BINS = 10;

export interface FailureScore {
  readonly n: number;
  readonly failed: number;
  readonly auc: number;
  readonly ece: number;
}

/** Each command's failure is foretold before its exit code is learned; commands without one are left out. */
export function scoreFailures(rows: readonly Row[], told: boolean): FailureScore | undefined {
  const model = new FailureModel();
  const foretold: { readonly chance: number; readonly failed: boolean }[] = [];
  for (const { commands, rc, desc } of rows) {
    const session = new FailureSession();
    for (const [i, command] of commands.entries()) {
      const code = rc?.[i];
      if (code === null || code === undefined) continue;
      const intent = told ? desc?.[i] : undefined;
      foretold.push({ chance: model.predict(session, command, intent).chance, failed: code !== 0 });
      model.learn(session, command, code !== 0, intent);
    }
  }
  const failed = foretold.filter((one) => one.failed).length;
  if (failed === 0 || failed === foretold.length) return undefined;
  return {
    n: foretold.length,
    failed: failed / foretold.length,
    auc: areaOf(foretold),
    ece: errorOf(foretold),
  };
}

/** The chance that a failed command was given a higher one than a command that did not fail. */
function areaOf(foretold: readonly { readonly chance: number; readonly failed: boolean }[]): number {
  const sorted = [...foretold].sort((a, b) => a.chance - b.chance);
  let ranks = 0;
  let failures = 0;
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to]?.chance === sorted[from]?.chance) to += 1;
    const failed = sorted.slice(from, to).filter((one) => one.failed).length;
    ranks += (failed * (from + to + 1)) / 2;
    failures += failed;
  }
  return (ranks - (failures * (failures + 1)) / 2) / (failures * (sorted.length - failures));
}

function errorOf(foretold: readonly { readonly chance: number; readonly failed: boolean }[]): number {
  const gaps = new Array<number>(BINS).fill(0);
  for (const { chance, failed } of foretold) {
    const bin = Math.min(BINS - 1, Math.floor(chance * BINS));
    gaps[bin] = (gaps[bin] as number) + chance - (failed ? 1 : 0);
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / foretold.length;
}

export interface SlotScore {
  readonly n: number;
  readonly top1: number;
  readonly top3: number;
  readonly top5: number;
  /** Share of values that the slot or the session held before, and of those the share put first. */
  readonly seen: number;
  readonly seenRight: number;
}

/** Each slot's value is proposed from history and the slots before it in the same command, whose stub is known. */
export function scoreSlots(rows: readonly Row[], told: boolean): SlotScore {
  const model = new SlotModel();
  const known = new Map<string, Set<string>>();
  let [n, top1, top3, top5, seen, seenRight] = [0, 0, 0, 0, 0, 0];
  for (const { commands, desc } of rows) {
    const session = new SlotSession();
    const own = new Set<string>();
    for (const [c, command] of commands.entries()) {
      const intent = told ? desc?.[c] : undefined;
      const { slots, written } = readSlots(command);
      const { stub } = readCommand(command);
      for (const [i, { slot, type, value }] of slots.entries()) {
        const proposals = model.predict(
          session,
          { stub, slot, type, filled: slots.slice(0, i), intent },
          RANKS,
        );
        const rank = proposals.findIndex((proposal) => proposal.value === value);
        const held = known.get(`${stub}\0${slot}`) ?? new Set();
        const before = held.has(value) || own.has(value);
        n += 1;
        top1 += rank === 0 ? 1 : 0;
        top3 += rank >= 0 && rank < 3 ? 1 : 0;
        top5 += rank >= 0 ? 1 : 0;
        seen += before ? 1 : 0;
        seenRight += before && rank === 0 ? 1 : 0;
        known.set(`${stub}\0${slot}`, held.add(value));
      }
      for (const { value } of slots) own.add(value);
      model.learn(session, { stub, slots, written, intent });
    }
  }
  const share = (count: number): number => count / Math.max(1, n);
  return {
    n,
    top1: share(top1),
    top3: share(top3),
    top5: share(top5),
    seen: share(seen),
    seenRight: seenRight / Math.max(1, seen),
  };
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
