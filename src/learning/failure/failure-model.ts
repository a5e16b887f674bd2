/**
 * How likely a command is to fail, before it runs: fading failure rates of what it looks like and of what came
 * before, and the words in it, weighed by an online logistic regression (Adagrad). Pure and bounded.
 */
import { hashText, mixHash } from '../rank/hash.ts';
import { RecentMap, type RecentMapState } from '../rank/recent-map.ts';
import { readCommand } from '../shell/read-command.ts';
import { must, mustNumbers } from '../state-check.ts';
import { readTold } from '../text/told-text.ts';

const RATES_MAX = 60_000;
const WORD_SLOTS = 1 << 18;
const KEEP = 0.995;
const DENSE_RATE = 0.03;
const WORD_RATE = 0.4;
const WORDS_MAX = 60;
const WORDS_CHARS_MAX = 1500;
const SEEN_MAX = 5000;
const START_RATE = 0.15;
const DENSE = 18;

/** What one session's commands came to. Kept by the caller, changed by `learn`. */
export class FailureSession {
  readonly lastByStub = new RecentMap<number, boolean>(SEEN_MAX);
  readonly lastByTemplate = new RecentMap<number, boolean>(SEEN_MAX);
  readonly seenWords = new RecentMap<number, true>(SEEN_MAX);
  before = 0;
  beforeStub = '';
  failedBefore: boolean | undefined;
  steps = 0;
  failures = 0;
}

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

interface View {
  readonly keys: readonly number[];
  readonly dense: readonly number[];
  readonly words: readonly number[];
  readonly stub: string;
  /** What the keys that can be told stand for, by their place. */
  readonly conditions: readonly (readonly [key: number, condition: string])[];
}

export interface FailureModelState {
  readonly rates: RecentMapState<number, number>;
  /** `RATE_WIDTH` numbers for each rate. */
  readonly counts: Float64Array;
  readonly weights: Float64Array;
  readonly sums: Float64Array;
  readonly words: Float32Array;
  readonly wordSums: Float32Array;
}

export class FailureModel {
  readonly #rates = new RecentMap<number, Rate>(RATES_MAX);
  readonly #weights = new Float64Array(DENSE).fill(0.12);
  readonly #sums = new Float64Array(DENSE).fill(0.1);
  readonly #words = new Float32Array(WORD_SLOTS);
  readonly #wordSums = new Float32Array(WORD_SLOTS);

  predict(session: FailureSession, command: string, intent?: string): FailureForecast {
    const view = this.#view(session, command, intent);
    return { chance: this.#chance(view), reason: this.#reason(view) };
  }

  /** Takes a command into the session without learning from it. */
  follow(session: FailureSession, command: string, failed: boolean | undefined): void {
    remember(session, command, failed);
  }

  learn(session: FailureSession, command: string, failed: boolean, intent?: string): void {
    const view = this.#view(session, command, intent);
    const error = (failed ? 1 : 0) - this.#chance(view);
    for (let i = 0; i < DENSE; i += 1) {
      const slope = error * (view.dense[i] as number);
      this.#sums[i] = (this.#sums[i] as number) + slope * slope;
      this.#weights[i] =
        (this.#weights[i] as number) + (DENSE_RATE * slope) / Math.sqrt(this.#sums[i] as number);
    }
    const gain = gainOf(view.words);
    for (const slot of view.words) {
      const slope = error * gain;
      this.#wordSums[slot] = (this.#wordSums[slot] as number) + slope * slope;
      const sum = (this.#wordSums[slot] as number) + 0.05;
      this.#words[slot] = (this.#words[slot] as number) + (WORD_RATE * slope) / Math.sqrt(sum);
    }
    for (const key of view.keys) {
      const rate = this.#rates.take(key, () => ({ failed: 0, all: 0, failures: 0, times: 0 }));
      rate.failed = rate.failed * KEEP + (failed ? 1 : 0);
      rate.all = rate.all * KEEP + 1;
      rate.failures += failed ? 1 : 0;
      rate.times += 1;
    }
    remember(session, command, failed);
  }

  snapshot(): FailureModelState {
    const counts: number[] = [];
    const rates = this.#rates.snapshot(({ failed, all, failures, times }) => {
      counts.push(failed, all, failures, times);
      return times;
    });
    return {
      rates,
      counts: Float64Array.from(counts),
      weights: this.#weights.slice(),
      sums: this.#sums.slice(),
      words: this.#words.slice(),
      wordSums: this.#wordSums.slice(),
    };
  }

  /** Throws where the state is broken. */
  static restore({ rates, counts, weights, sums, words, wordSums }: FailureModelState): FailureModel {
    const model = new FailureModel();
    mustNumbers(counts, Float64Array, rates.keys.length * RATE_WIDTH, 0);
    mustNumbers(weights, Float64Array, DENSE);
    mustNumbers(sums, Float64Array, DENSE, 0);
    mustNumbers(words, Float32Array, WORD_SLOTS);
    mustNumbers(wordSums, Float32Array, WORD_SLOTS, 0);
    let at = 0;
    model.#rates.restore(rates, () => {
      const [failed = 0, all = 0, failures = 0, times = 0] = counts.subarray(at, at + RATE_WIDTH);
      must(failed <= all && failures <= times, 'failures among all times');
      at += RATE_WIDTH;
      return { failed, all, failures, times };
    });
    model.#weights.set(weights);
    model.#sums.set(sums);
    model.#words.set(words);
    model.#wordSums.set(wordSums);
    return model;
  }

  /** The condition that says most: the highest share of failures that so few times can be trusted with. */
  #reason({ conditions, stub }: View): string {
    let best: { readonly share: number; readonly text: string } | undefined;
    for (const [key, condition] of conditions) {
      const { failures, times } = this.#rates.get(key) ?? { failures: 0, times: 0 };
      const share = failures / (times + 1);
      if (times < TOLD_TIMES_MIN || failures === 0 || share <= (best?.share ?? 0)) continue;
      best = { share, text: `\`${stub}\` failed ${failures} of ${times} times${condition}` };
    }
    return best?.text ?? '';
  }

  #chance({ dense, words }: View): number {
    let score = 0;
    for (let i = 0; i < DENSE; i += 1) score += (this.#weights[i] as number) * (dense[i] as number);
    let told = 0;
    for (const slot of words) told += this.#words[slot] as number;
    return 1 / (1 + Math.exp(-Math.max(-15, Math.min(15, score + told * gainOf(words)))));
  }

  #view(session: FailureSession, command: string, intent: string | undefined): View {
    const { stub, template, raw, parts } = readCommand(command);
    const hash = hashText(stub);
    const look = hashText(template);
    const own = session.lastByStub.get(hash);
    const ownLook = session.lastByTemplate.get(look);
    const told = readTold(intent);
    const whole = mixHash(1, 1);
    const keys = [
      whole,
      mixHash(2, hash),
      mixHash(3, look),
      mixHash(4, mixHash(hash, session.before)),
      mixHash(5, mixHash(hash, outcome(own))),
      mixHash(6, hashText(raw)),
      mixHash(7, mixHash(look, outcome(ownLook))),
      mixHash(8, hashText(parts.join(' '))),
      mixHash(9, mixHash(hash, outcome(session.failedBefore))),
      mixHash(10, told?.opening[0] ? mixHash(hash, told.opening[0]) : 0),
    ];
    const odds = this.#odds(keys);
    const words =
      command
        .slice(0, WORDS_CHARS_MAX)
        .match(/[\w.-]+|[|&><]+/g)
        ?.slice(0, WORDS_MAX) ?? [];
    const fresh = words.filter((word) => !session.seenWords.get(hashText(word))).length;
    const dense = [
      ...odds,
      1,
      session.failedBefore ? 1 : 0,
      own ? 1 : 0,
      Math.min(command.length / 500, 2),
      command.includes('\n') ? 1 : 0,
      session.failures / (session.steps + 1),
      Math.min(session.steps, 40) / 40,
      words.length > 0 ? fresh / words.length : 0,
    ];
    const conditions = conditionsOf(keys, session, own);
    return { keys, dense, words: [...atoms(words, hash, told?.sentence ?? [])], stub, conditions };
  }

  /** Log odds of each key's rate, each leaning on the one that is broader. */
  #odds(keys: readonly number[]): readonly number[] {
    const rate = (at: number, broader: number, weight: number): number => {
      const { failed, all } = this.#rates.get(keys[at] as number) ?? { failed: 0, all: 0 };
      return (failed + weight * broader) / (all + weight);
    };
    const all = rate(0, START_RATE, 10);
    const stub = rate(1, all, 5);
    const look = rate(2, stub, 3);
    const rates = [all, stub, look, rate(3, stub, 4), rate(4, stub, 3), rate(5, look, 2)];
    rates.push(rate(6, look, 2), rate(7, stub, 3), rate(8, stub, 4), rate(9, stub, 4));
    return rates.map((p) => Math.log(p / (1 - p)));
  }
}

/** In words, by key; one is told only where its condition holds now. */
function conditionsOf(
  keys: readonly number[],
  { beforeStub, failedBefore, steps }: FailureSession,
  own: boolean | undefined,
): View['conditions'] {
  const told: [at: number, condition: string][] = [[1, '']];
  if (steps > 0) told.push([3, ` after \`${beforeStub}\``]);
  if (own !== undefined) told.push([4, own ? ' after it had failed' : ' after it had succeeded']);
  if (failedBefore !== undefined)
    told.push([8, failedBefore ? ' after a command that failed' : ' after a command that succeeded']);
  told.push([5, ' in just this form']);
  return told.map(([at, condition]) => [keys[at] as number, condition]);
}

const outcome = (failed: boolean | undefined): number => (failed === undefined ? 2 : failed ? 1 : 0);
const gainOf = (words: readonly number[]): number => 1 / Math.sqrt(Math.max(1, words.length));

function atoms(words: readonly string[], stub: number, told: readonly string[]): ReadonlySet<number> {
  const slots = new Set<number>();
  const add = (hash: number): void => void slots.add(hash & (WORD_SLOTS - 1));
  for (const [i, word] of words.entries()) {
    const hash = hashText(word);
    add(mixHash(11, hash));
    add(mixHash(12, mixHash(stub, hash)));
    add(mixHash(13, mixHash(hashText(words[i - 1] ?? ''), hash)));
  }
  for (const term of told) add(mixHash(14, mixHash(stub, hashText(term))));
  return slots;
}

function remember(session: FailureSession, command: string, failed: boolean | undefined): void {
  const { stub, template } = readCommand(command);
  session.before = hashText(stub);
  session.beforeStub = stub;
  if (failed !== undefined) {
    session.lastByStub.set(session.before, failed);
    session.lastByTemplate.set(hashText(template), failed);
  }
  for (const word of command.slice(0, WORDS_CHARS_MAX).match(/[\w.-]+/g) ?? []) {
    session.seenWords.set(hashText(word), true);
  }
  session.failedBefore = failed;
  session.steps += 1;
  session.failures += failed ? 1 : 0;
}
