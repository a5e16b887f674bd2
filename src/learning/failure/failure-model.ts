/**
 * How likely a command is to fail, before it runs: how often what looks like it failed, leaning on what is broader, and
 * hundreds of its traits, weighed together. Pure and bounded.
 */
import { RecentRows, type RecentRowsState } from '../rank/recent-rows.ts';
import { must, mustCount, mustNumbers } from '../state-check.ts';
import { BayesWeights, type BayesWeightsState } from './bayes-weights.ts';
import type { Endings, FailureSession } from './failure-session.ts';
import {
  type FailureView,
  failureView,
  KEY_NAMES,
  KEYS,
  type KeyName,
  KNOWN_SLOTS,
  NUMBERS,
} from './failure-view.ts';

const RATES_MAX = 60_000;
const KEEP = 0.998;
/** What fades comes to half of that, however long it is counted. */
const ALL_MAX = 2 / (1 - KEEP);
const START_RATE = 0.12;
/** The keys' weights begin as their mean, and a little more: their rates lean to the middle. */
const KEYS_WEIGHT = 1.1;
const KEY_VARIANCE = 0.0005;
const NUMBER_VARIANCE = 0.01;

export interface FailureForecast {
  /** Between 0 and 1. */
  readonly chance: number;
  /** The count that speaks loudest, or empty where nothing like it was seen. */
  readonly reason: string;
}

/** Of a rate: failed and all, fading; then both as they were: what is told to people has to be true. */
const RATE_WIDTH = 4;
const NO_RATE = new Float64Array(RATE_WIDTH);
/** Fewer tell nothing. */
const TOLD_TIMES_MIN = 3;

export interface FailureModelState {
  readonly rates: RecentRowsState;
  /** `RATE_WIDTH` numbers for each row of them. */
  readonly counts: Float64Array;
  readonly weights: BayesWeightsState;
}

export class FailureModel {
  readonly #rates = new RecentRows(RATES_MAX);
  #counts = new Float64Array(0);
  readonly #weights = new BayesWeights(
    {
      means: [...KEY_NAMES.map(() => KEYS_WEIGHT / KEY_NAMES.length), ...new Array<number>(NUMBERS).fill(0)],
      variances: [...KEY_NAMES.map(() => KEY_VARIANCE), ...new Array<number>(NUMBERS).fill(NUMBER_VARIANCE)],
    },
    KNOWN_SLOTS,
  );

  /** `intent`: the words told with the command. */
  predict(session: FailureSession, command: string, intent?: string): FailureForecast {
    const view = failureView(session, command, intent);
    return { chance: this.#weights.chance(this.#weighed(view)), reason: this.#reason(view, session) };
  }

  /** Also takes the command into the session. */
  learn(session: FailureSession, command: string, failed: boolean, intent?: string): void {
    const view = failureView(session, command, intent);
    this.#weights.learn(this.#weighed(view), failed);
    for (const key of view.keys) {
      const at = this.#rateAt(key);
      const [faded = 0, all = 0, failures = 0, times = 0] = this.#counts.subarray(at, at + RATE_WIDTH);
      const more = failed ? 1 : 0;
      this.#counts.set([faded * KEEP + more, all * KEEP + 1, failures + more, times + 1], at);
    }
    session.take(view.shape, failed);
  }

  snapshot(): FailureModelState {
    const rates = this.#rates.snapshot();
    const counts = this.#counts.subarray(0, rates.keys.length * RATE_WIDTH);
    return { rates, counts, weights: this.#weights.snapshot() };
  }

  /** Throws where the state is broken. */
  static restore({ rates, counts, weights }: FailureModelState): FailureModel {
    const model = new FailureModel();
    mustNumbers(counts, Float64Array, model.#rates.restore(rates) * RATE_WIDTH, 0);
    for (let at = 0; at < counts.length; at += RATE_WIDTH) {
      const [failed = 0, all = 0, failures = 0, times = 0] = counts.subarray(at, at + RATE_WIDTH);
      must(failed <= all && all <= ALL_MAX, 'failures among all times');
      mustCount(times, Number.MAX_SAFE_INTEGER, 'how often a command came');
      mustCount(failures, times, 'how often it failed');
    }
    model.#counts = new Float64Array(model.#rates.capacity * RATE_WIDTH);
    model.#counts.set(counts);
    model.#weights.restore(weights);
    return model;
  }

  #rate(key: number): Float64Array {
    const row = this.#rates.get(key);
    return row < 0 ? NO_RATE : this.#counts.subarray(row * RATE_WIDTH, (row + 1) * RATE_WIDTH);
  }

  /** Where the rate of the key is, made if there is none. */
  #rateAt(key: number): number {
    const known = this.#rates.get(key);
    if (known >= 0) return known * RATE_WIDTH;
    const at = this.#rates.add(key) * RATE_WIDTH;
    if (at >= this.#counts.length) {
      const counts = this.#counts;
      this.#counts = new Float64Array(this.#rates.capacity * RATE_WIDTH);
      this.#counts.set(counts);
    }
    this.#counts.fill(0, at, at + RATE_WIDTH);
    return at;
  }

  /** Log odds of each key's rate, each leaning on the one that is broader, and the view's numbers. */
  #weighed({ keys, startRate, numbers, groups }: FailureView): Parameters<BayesWeights['chance']>[0] {
    const rates = new Map<KeyName, number>();
    for (const [i, name] of KEY_NAMES.entries()) {
      const { on, weight } = KEYS[name];
      const start = name === 'all' ? START_RATE : startRate;
      const broader = on === undefined ? start : (rates.get(on) as number);
      const [failed = 0, all = 0] = this.#rate(keys[i] as number);
      rates.set(name, (failed + weight * broader) / (all + weight));
    }
    return { dense: [...[...rates.values()].map((rate) => Math.log(rate / (1 - rate))), ...numbers], groups };
  }

  /** The condition that says most: the highest share of failures that so few times can be trusted with. */
  #reason(view: FailureView, session: FailureSession): string {
    let best: { readonly share: number; readonly text: string } | undefined;
    for (const [name, condition] of conditionsOf(view, session)) {
      const key = view.keys[KEY_NAMES.indexOf(name)] as number;
      const [, , failures = 0, times = 0] = this.#rate(key);
      const share = failures / (times + 1);
      if (times < TOLD_TIMES_MIN || failures === 0 || share <= (best?.share ?? 0)) continue;
      best = { share, text: `\`${view.shape.stubName}\` failed ${failures} of ${times} times${condition}` };
    }
    return best?.text ?? '';
  }
}

/** What the keys that can be told stand for, in words: where two say as much, the first. Each of them holds now. */
function conditionsOf(
  { shape, isRemoved }: FailureView,
  session: FailureSession,
): readonly (readonly [key: KeyName, condition: string])[] {
  const { before } = session;
  // what is counted by the part that the exit code comes from is told of that part only
  const isExit = shape.exit === shape.stub;
  const told: [key: KeyName, condition: string][] = [['stub', '']];
  if (isExit && isRemoved) told.push(['exitFiles', ' with a file that had been removed']);
  const part = isExit ? session.endings('exit', shape.exit) : undefined;
  if (part) {
    const written = session.edits > part.edits ? 'files' : 'nothing';
    told.push(['exitOwn', `${afterOwn(part)} and ${written} had been written since`]);
  }
  const own = session.endings('stub', shape.stub);
  if (own) told.push(['stubAfterOwn', afterOwn(own)]);
  if (before) told.push(['stubAfterStub', ` after \`${before.stubName}\``]);
  const last = session.outcomes.at(-1);
  if (last !== undefined)
    told.push(['stubAfterEnding', last ? ' after a command that failed' : ' after a command that succeeded']);
  told.push(['raw', ' in just this form']);
  return told;
}

const afterOwn = ({ failed }: Endings): string =>
  failed ? ' after it had failed' : ' after it had succeeded';
