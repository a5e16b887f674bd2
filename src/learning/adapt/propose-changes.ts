/**
 * What the history of a step suggests about its definition: a timeout that fits, retries that would help or never did,
 * results worth keeping. Proposals only, each with the counts it rests on; none on a handful of runs.
 */
import type { Json } from '../../engine/core/model.ts';
import { timeText } from '../../engine/core/time-text.ts';
import { percentile } from './percentile.ts';
import type { StepHistory, StepOutcome } from './step-history.ts';
import { hopelessOutcomes } from './step-warning.ts';

export interface ProposedChange {
  readonly kind: 'timeout' | 'retry' | 'no_retry' | 'cache';
  readonly key: 'timeout' | 'retry' | 'use_cache';
  /** Undefined takes the key away. */
  readonly value: Json | undefined;
  readonly why: string;
}

const RUNS_MIN = 10;
const RUNS_MANY = 20;
const TIMEOUT_SHARE = 0.99;
const TIMEOUT_MARGIN = 3;
const TIMEOUT_MS_MIN = 10_000;
/** A timeout so much longer than needed finds out late. */
const TIMEOUT_LOOSE = 20;
const FAILURES_MIN = 3;
const RETRIES_MIN = 5;
const CACHE_MS_MIN = 2_000;
const CACHE_REPEATS_MIN = 3;
/** Types whose time is their own, not a person's. */
const TIMED: ReadonlySet<string> = new Set(['shell', 'http', 'ssh', 'mcp']);

export function proposeChanges(history: StepHistory): readonly ProposedChange[] {
  return [timeoutChange(history), retryChange(history), cacheChange(history)].filter(
    (change) => change !== undefined,
  );
}

function timeoutChange({
  type,
  definition: { timeoutMs },
  outcomes,
}: StepHistory): ProposedChange | undefined {
  const durations = outcomes.flatMap(({ durationMs }) => durationMs ?? []);
  const longest = percentile(durations, TIMEOUT_SHARE);
  if (!TIMED.has(type) || longest === undefined || durations.length < RUNS_MIN) return undefined;
  const fitting = roundUp(Math.max(TIMEOUT_MS_MIN, longest * TIMEOUT_MARGIN));
  const told = `99 % of ${durations.length} runs took at most ${shownTime(longest)}`;
  const change = { kind: 'timeout', key: 'timeout', value: shownTime(fitting) } as const;
  if (timeoutMs === undefined) return { ...change, why: `${told}, and it has no timeout` };
  const timeouts = outcomes.filter(({ code }) => code === 'timeout').length;
  if (timeouts >= FAILURES_MIN && fitting > timeoutMs)
    return { ...change, why: `${told}, but ${timeouts} ran into its timeout of ${shownTime(timeoutMs)}` };
  return timeoutMs > fitting * TIMEOUT_LOOSE
    ? { ...change, why: `${told}; a hang is found after ${shownTime(timeoutMs)} only` }
    : undefined;
}

function retryChange({ definition, outcomes }: StepHistory): ProposedChange | undefined {
  const performed = outcomes.filter(({ cached }) => !cached);
  const failed = performed.filter((outcome) => outcome.failed);
  if (definition.attempts !== undefined && definition.attempts > 1) return uselessRetry(performed);
  const hopeless = new Set(hopelessOutcomes(performed));
  const mayHelp = failed.filter(
    (outcome) => outcome.mayHelpAgain && !hopeless.has(outcome) && worksElsewhere(outcome, performed),
  );
  if (performed.length < RUNS_MIN || mayHelp.length < FAILURES_MIN || failed.length > performed.length / 2)
    return undefined;
  const attempts = failed.length > performed.length / 5 ? 3 : 2;
  const why = `failed in ${failed.length} of ${performed.length} runs, ${mayHelp.length} times with inputs that worked in other runs`;
  return { kind: 'retry', key: 'retry', value: { attempts }, why };
}

/** The same inputs went well another time: it was not what it was given. */
const worksElsewhere = ({ inputs }: StepOutcome, all: readonly StepOutcome[]): boolean =>
  all.some((other) => !other.failed && other.inputs === inputs);

function uselessRetry(performed: readonly StepOutcome[]): ProposedChange | undefined {
  const retried = performed.filter(({ attempts }) => attempts > 1);
  const change = { kind: 'no_retry', key: 'retry', value: undefined } as const;
  if (retried.length >= RETRIES_MIN && retried.every(({ failed }) => failed))
    return { ...change, why: `tried again in ${retried.length} runs, and it never helped` };
  const isSafe =
    performed.length >= RUNS_MANY && performed.every(({ failedAttempts }) => failedAttempts === 0);
  return isSafe ? { ...change, why: `never failed in ${performed.length} runs` } : undefined;
}

/** It gave the same for the same inputs each time, changed no file, and takes a while. */
function cacheChange({ type, definition, outcomes }: StepHistory): ProposedChange | undefined {
  if (type !== 'shell' || definition.isCached || definition.isTakenBack) return undefined;
  const good = outcomes.filter(({ failed, cached }) => !failed && !cached);
  const usual = percentile(
    good.flatMap(({ durationMs }) => durationMs ?? []),
    0.5,
  );
  if (good.length < RUNS_MIN || usual === undefined || usual < CACHE_MS_MIN) return undefined;
  if (good.some(({ changesFiles }) => changesFiles)) return undefined;
  const byInputs = Map.groupBy(good, ({ inputs }) => inputs);
  const repeats = [...byInputs.values()].filter((group) => group.length > 1);
  const isSame = repeats.every((group) => new Set(group.map(({ outputs }) => outputs ?? '')).size === 1);
  const count = repeats.reduce((sum, group) => sum + group.length - 1, 0);
  if (!isSame || count < CACHE_REPEATS_MIN) return undefined;
  const saved = shownTime(count * usual);
  const why = `${count} of ${good.length} runs repeated earlier ones and gave the same, which took ${saved} in all; name the files it reads in \`cache.files\``;
  return { kind: 'cache', key: 'use_cache', value: true, why };
}

const STEPS_MS = [1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000];

/** To what a person would write: whole seconds, tens of them, minutes. */
function roundUp(ms: number): number {
  const step = STEPS_MS.findLast((each) => each * 5 <= ms) ?? 1_000;
  return Math.ceil(ms / step) * step;
}

/** To the second, where that is enough. */
const shownTime = (ms: number): string => timeText(ms < 1_000 ? ms : Math.round(ms / 1_000) * 1_000);
