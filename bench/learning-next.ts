/**
 * The prequential measure of the next command: each command of each session is predicted from what came before,
 * scored at three levels, then learned. A command never seen before counts as a miss.
 */
import { CommandModel, type CommandModelOptions, LEVELS, type Level } from '../src/learning/command-model.ts';
import type { Habits } from '../src/learning/habits/habits.ts';
import type { Row } from './learning-data.ts';
import { protocolStub, protocolTemplate } from './learning-protocol.ts';
import { segmentStub, splitSegments, stripHeredocs } from './learning-segments.ts';

const RANKS = 50;
const BINS = 10;
const SURE = 0.7;
const RESAMPLES = 400;
/** Of a normal distribution, in standard deviations. */
const MEAN_DEVIATION = Math.sqrt(2 / Math.PI);
const NOTHING = '∅';

/** The figures of one level; shares of all commands. */
export interface NextScore {
  readonly level: Level;
  readonly top1: number;
  readonly top3: number;
  readonly top5: number;
  readonly mrr: number;
  readonly ece: number;
  /** What `ece` would be on average if each confidence were exactly right: chance alone, with so few commands. */
  readonly eceByChance: number;
  readonly n: number;
  /** 95 % interval of top1, sessions drawn anew with a fixed seed. */
  readonly top1Low: number;
  readonly top1High: number;
  /** Of the commands predicted with a confidence of .7 or more: their share, right ones, mean confidence. */
  readonly sureShare: number;
  readonly sureRight: number;
  readonly sureStated: number;
}

class Tally {
  readonly bins = Array.from({ length: BINS }, () => ({ count: 0, stated: 0, right: 0, variance: 0 }));
  readonly sessions: { count: number; right: number }[] = [];
  top3 = 0;
  top5 = 0;
  reciprocal = 0;

  add(rank: number, confidence: number | undefined): void {
    const session = this.sessions.at(-1) as { count: number; right: number };
    session.count += 1;
    session.right += rank === 0 ? 1 : 0;
    if (rank >= 0 && rank < 3) this.top3 += 1;
    if (rank >= 0 && rank < 5) this.top5 += 1;
    if (rank >= 0) this.reciprocal += 1 / (rank + 1);
    if (confidence === undefined) return;
    const stated = Math.min(Math.max(confidence, 0), 1);
    const bin = this.bins[Math.min(BINS - 1, Math.floor(stated * BINS))] as Tally['bins'][number];
    bin.count += 1;
    bin.stated += stated;
    bin.variance += stated * (1 - stated);
    bin.right += rank === 0 ? 1 : 0;
  }

  score(level: Level): NextScore {
    const n = this.sessions.reduce((sum, { count }) => sum + count, 0);
    const right = this.sessions.reduce((sum, session) => sum + session.right, 0);
    const sure = this.bins.slice(SURE * BINS);
    const sum = (of: 'count' | 'stated' | 'right'): number => sure.reduce((all, bin) => all + bin[of], 0);
    const [top1Low, top1High] = interval(this.sessions);
    return {
      level,
      top1: right / n,
      top3: this.top3 / n,
      top5: this.top5 / n,
      mrr: this.reciprocal / n,
      ece: this.bins.reduce((error, bin) => error + Math.abs(bin.stated - bin.right), 0) / n,
      eceByChance: this.bins.reduce((sum, { variance }) => sum + MEAN_DEVIATION * Math.sqrt(variance), 0) / n,
      n,
      top1Low,
      top1High,
      sureShare: sum('count') / n,
      sureRight: sum('right') / Math.max(1, sum('count')),
      sureStated: sum('stated') / Math.max(1, sum('count')),
    };
  }
}

/** Sessions in their order, and the habits that a model of their own begins with. */
export interface Part {
  readonly rows: readonly Row[];
  readonly habits: Habits | undefined;
}

/** One model over all sessions of a part; `told` says whether it may read the words given with each step. */
export function scoreNext(parts: readonly Part[], told: boolean): readonly NextScore[] {
  const tallies = LEVELS.map(() => new Tally());
  for (const part of parts) tallyPart(part, told, tallies);
  return LEVELS.map((level, l) => (tallies[l] as Tally).score(level));
}

function tallyPart({ rows, habits }: Part, told: boolean, tallies: readonly Tally[]): void {
  const model = new CommandModel({ read: protocolReading, habits });
  for (const row of rows) {
    const session = model.begin(row.intent);
    for (const tally of tallies) tally.sessions.push({ count: 0, right: 0 });
    for (const [i, command] of row.commands.entries()) {
      const asked = { place: row.cwd?.[i], intent: told ? row.desc?.[i] : undefined };
      const { suggestions } = model.predict(session, asked, RANKS);
      const truth = protocolReading(command);
      for (const [l, level] of LEVELS.entries()) {
        const ranked = suggestions[level];
        const rank = ranked.findIndex(({ label }) => label === truth[level]);
        (tallies[l] as Tally).add(rank, ranked[0]?.confidence);
      }
      model.learn(session, { ...asked, command, exitCode: row.rc?.[i] });
    }
  }
}

const readings = new Map<string, ReturnType<NonNullable<CommandModelOptions['read']>>>();

/** The protocol's labels, through the model's own way of being told how a command is read. */
function protocolReading(command: string): ReturnType<NonNullable<CommandModelOptions['read']>> {
  let reading = readings.get(command);
  if (!reading) {
    reading = {
      stub: protocolStub(command),
      template: protocolTemplate(command),
      raw: command.trim() || NOTHING,
      parts: splitSegments(stripHeredocs(command)).map(({ text }) => segmentStub(text)),
    };
    readings.set(command, reading);
  }
  return reading;
}

function interval(
  sessions: readonly { readonly count: number; readonly right: number }[],
): readonly [number, number] {
  let state = 7;
  const draws = Array.from({ length: RESAMPLES }, () => {
    let [count, right] = [0, 0];
    for (let i = 0; i < sessions.length; i += 1) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const drawn = sessions[Math.floor((state / 2 ** 32) * sessions.length)] as {
        count: number;
        right: number;
      };
      count += drawn.count;
      right += drawn.right;
    }
    return right / Math.max(1, count);
  }).sort((a, b) => a - b);
  return [draws[Math.floor(RESAMPLES * 0.025)] ?? 0, draws[Math.floor(RESAMPLES * 0.975)] ?? 0];
}
