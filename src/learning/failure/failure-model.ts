/**
 * How likely a command is to fail, before it runs: how often what looks like it failed, leaning on what is broader, and
 * hundreds of its traits, weighed together. Pure and bounded.
 */
import { RecentMap, type RecentMapState } from '../rank/recent-map.ts';
import { must, mustNumbers } from '../state-check.ts';
import { BayesWeights, type BayesWeightsState } from './bayes-weights.ts';
import type { FailureSession } from './failure-session.ts';
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

/** Fading, and as it was: what is told to people has to be true. */
interface Rate {
  failed: number;
  all: number;
  failures: number;
  times: number;
}

const RATE_WIDTH = 4;
/** Fewer tell nothing. */
const TOLD_TIMES_MIN = 3;

export interface FailureModelState {
  readonly rates: RecentMapState<number, number>;
  /** `RATE_WIDTH` numbers for each rate. */
  readonly counts: Float64Array;
  readonly weights: BayesWeightsState;
}

export class FailureModel {
  readonly #rates = new RecentMap<number, Rate>(RATES_MAX);
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
      const rate = this.#rates.take(key, () => ({ failed: 0, all: 0, failures: 0, times: 0 }));
      rate.failed = rate.failed * KEEP + (failed ? 1 : 0);
      rate.all = rate.all * KEEP + 1;
      rate.failures += failed ? 1 : 0;
      rate.times += 1;
    }
    session.take(view.shape, failed);
  }

  snapshot(): FailureModelState {
    const counts: number[] = [];
    const rates = this.#rates.snapshot(({ failed, all, failures, times }) => {
      counts.push(failed, all, failures, times);
      return times;
    });
    return { rates, counts: Float64Array.from(counts), weights: this.#weights.snapshot() };
  }

  /** Throws where the state is broken. */
  static restore({ rates, counts, weights }: FailureModelState): FailureModel {
    const model = new FailureModel();
    mustNumbers(counts, Float64Array, rates.keys.length * RATE_WIDTH, 0);
    let at = 0;
    model.#rates.restore(rates, () => {
      const [failed = 0, all = 0, failures = 0, times = 0] = counts.subarray(at, at + RATE_WIDTH);
      must(failed <= all && failures <= times, 'failures among all times');
      at += RATE_WIDTH;
      return { failed, all, failures, times };
    });
    model.#weights.restore(weights);
    return model;
  }

  /** Log odds of each key's rate, each leaning on the one that is broader, and the view's numbers. */
  #weighed({ keys, startRate, numbers, groups }: FailureView): Parameters<BayesWeights['chance']>[0] {
    const rates = new Map<KeyName, number>();
    for (const [i, name] of KEY_NAMES.entries()) {
      const { on, weight } = KEYS[name];
      const start = name === 'all' ? START_RATE : startRate;
      const broader = on === undefined ? start : (rates.get(on) as number);
      const { failed, all } = this.#rates.get(keys[i] as number) ?? { failed: 0, all: 0 };
      rates.set(name, (failed + weight * broader) / (all + weight));
    }
    return { dense: [...[...rates.values()].map((rate) => Math.log(rate / (1 - rate))), ...numbers], groups };
  }

  /** The condition that says most: the highest share of failures that so few times can be trusted with. */
  #reason(view: FailureView, session: FailureSession): string {
    let best: { readonly share: number; readonly text: string } | undefined;
    for (const [name, condition] of conditionsOf(view, session)) {
      const key = view.keys[KEY_NAMES.indexOf(name)] as number;
      const { failures, times } = this.#rates.get(key) ?? { failures: 0, times: 0 };
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
  const own = session.endings('stub', shape.stub);
  if (own) {
    const ended = own.failed ? ' after it had failed' : ' after it had succeeded';
    const written = session.edits > own.edits ? 'files' : 'nothing';
    if (isExit) told.push(['exitOwn', `${ended} and ${written} had been written since`]);
    told.push(['stubAfterOwn', ended]);
  }
  if (before) told.push(['stubAfterStub', ` after \`${before.stubName}\``]);
  const last = session.outcomes.at(-1);
  if (last !== undefined)
    told.push(['stubAfterEnding', last ? ' after a command that failed' : ' after a command that succeeded']);
  told.push(['raw', ' in just this form']);
  return told;
}
