/** How each step of a run came out, folded from its events: attempts, time, failures, what a cache saved. */
import type { JournalEvent } from '../../engine/core/events.ts';
import type { Failure } from '../../engine/core/failure.ts';
import type { Json, Step } from '../../engine/core/model.ts';
import type { RunState } from '../../engine/core/state.ts';
import type { StepOutcome } from '../../learning/adapt/step-history.ts';
import { readCommand } from '../../learning/shell/read-command.ts';
import { shownTemplate } from '../../learning/shell/shown-form.ts';
import { isSecretName } from '../../store/learning/clean-session.ts';
import type { SaidConditions } from './said-conditions.ts';

export interface StepFailure {
  readonly step: Step;
  readonly key: string;
  readonly at: number;
  readonly failure: Failure;
}

export interface RunOutcomes {
  readonly outcomes: readonly { readonly step: Step; readonly outcome: StepOutcome }[];
  /** Of each step instance that failed for good, the last failure. */
  readonly failures: readonly StepFailure[];
}

interface Attempts {
  readonly step: Step;
  readonly key: string;
  begun: number;
  count: number;
  failed: number;
  last: 'succeeded' | 'failed' | 'cached' | undefined;
  durationMs?: number;
  failure?: Failure;
  failedAt: number;
  savedMs?: number;
  missed?: true;
  outputs?: string;
  changesFiles: boolean;
}

const VALUE_CHARS_MAX = 60;
const COMMAND_CHARS_MAX = 60;
const AD_HOC = 'commands';

/** It had commands and no workflow: the steps of two such runs have nothing to do with each other. */
export const isAdHoc = ({ source }: RunState): boolean => source === AD_HOC;

/** `said`: what the steps said, as far as that is known. */
export function stepOutcomes(
  run: RunState,
  events: readonly JournalEvent[],
  said: Pick<SaidConditions, 'of'>,
): RunOutcomes {
  const steps = tasksById(run.workflow.steps, isAdHoc(run) ? byCommand : asItIs);
  const all = new Map<string, Attempts>();
  for (const { at, event } of events) {
    if (!('step' in event) || event.step === undefined) continue;
    const step = steps.get(event.step.replace(/(\[\d+\])+$/, ''));
    if (!step) continue;
    const known = all.get(event.step) ?? newAttempts(step, event.step);
    all.set(event.step, known);
    note(known, at, event);
  }
  // a loop of no iterations succeeds without having begun
  const loops = loopsOf(all.keys());
  const ended = [...all.values()].filter(
    ({ key, last, count }) => last !== undefined && !loops.has(key) && (last !== 'succeeded' || count > 0),
  );
  const inputs = inputConditions(run);
  const key = JSON.stringify(run.inputs);
  // nothing comes after the last one
  const told = said.of(run, ended.slice(0, -1));
  const earlier = ended.map((each, place) => [...earlierCondition(each), ...(told[place] ?? [])]);
  const outcomes = ended.map((each, place) => ({
    step: each.step,
    outcome: outcomeOf(each, run, key, [...inputs, ...earlier.slice(0, place).flat()]),
  }));
  const failures = ended.flatMap(({ last, failure, step, key: instance, failedAt }) =>
    last === 'failed' && failure ? [{ step, key: instance, at: failedAt, failure }] : [],
  );
  return { outcomes, failures };
}

/** Those of the instances that others are iterations of: they did nothing themselves. */
const loopsOf = (instances: Iterable<string>): ReadonlySet<string> =>
  new Set([...instances].flatMap((instance) => /^(.*)\[\d+\]$/.exec(instance)?.[1] ?? []));

/** Steps that do work, by id, as they are to be called; undo and cleanup are not among them. */
function tasksById(steps: readonly Step[], called: (step: Step) => Step): ReadonlyMap<string, Step> {
  return new Map(
    steps.flatMap((step) =>
      step.body ? [...tasksById(step.body, called)] : [[step.id, called(step)] as const],
    ),
  );
}

const asItIs = (step: Step): Step => step;

/** Its values change from run to run, and may be anybody's secret. */
function byCommand(step: Step): Step {
  const text = shownTemplate(readCommand(String(step.config.command ?? '')).template) || step.id;
  return {
    ...step,
    id: text.length <= COMMAND_CHARS_MAX ? text : `${text.slice(0, COMMAND_CHARS_MAX - 1)}…`,
  };
}

const newAttempts = (step: Step, key: string): Attempts => ({
  step,
  key,
  begun: 0,
  count: 0,
  failed: 0,
  last: undefined,
  failedAt: 0,
  changesFiles: false,
});

function note(known: Attempts, at: number, event: JournalEvent['event']): void {
  if (event.type === 'step.started') {
    known.count += 1;
    known.begun = at;
    if (event.cache_key !== undefined && !event.restores) known.missed = true;
  } else if (event.type === 'step.succeeded') {
    known.last = 'succeeded';
    known.durationMs = at - known.begun;
    known.outputs = JSON.stringify(event.outputs ?? {});
    known.changesFiles ||= event.changes !== undefined && changedFiles(event.changes) > 0;
  } else if (event.type === 'step.failed') {
    known.last = 'failed';
    failedOnce(known, at, event.failure);
  } else if (event.type === 'step.retry_scheduled' && event.failure) {
    failedOnce(known, at, event.failure);
  } else if (event.type === 'step.cached') {
    known.last = 'cached';
    known.savedMs = event.saved_ms ?? 0;
  }
}

const changedFiles = (changes: { created: number; changed: number; deleted: number }): number =>
  changes.created + changes.changed + changes.deleted;

function failedOnce(known: Attempts, at: number, failure: Failure): void {
  known.failed += 1;
  known.failure = failure;
  known.failedAt = at;
}

function outcomeOf(
  { last, count, failed, durationMs, failure, savedMs, missed, outputs, changesFiles }: Attempts,
  run: RunState,
  inputs: string,
  conditions: readonly string[],
): StepOutcome {
  return {
    run: run.runId,
    at: run.createdAt,
    failed: last === 'failed',
    attempts: count,
    failedAttempts: failed,
    ...(last === 'succeeded' && durationMs !== undefined && { durationMs }),
    ...(failure && { code: failure.code, mayHelpAgain: failure.retry === 'again' }),
    ...(last === 'cached' && { cached: true as const, savedMs: savedMs ?? 0 }),
    ...(missed && { missed }),
    ...(outputs !== undefined && { outputs }),
    changesFiles,
    conditions,
    inputs,
  };
}

/** Only values that are nobody's secret and few enough to come again. */
function inputConditions({ inputs }: RunState): readonly string[] {
  return Object.entries(inputs)
    .filter(([name, value]) => !isSecretName(name) && isPlain(value))
    .map(([name, value]) => `input \`${name}\` was ${JSON.stringify(value)}`);
}

const isPlain = (value: Json): boolean =>
  typeof value === 'boolean' ||
  typeof value === 'number' ||
  (typeof value === 'string' && value.length <= VALUE_CHARS_MAX);

function earlierCondition({ step, last, failed }: Attempts): readonly string[] {
  if (last === 'failed') return [`\`${step.id}\` had failed`];
  if (last === 'cached') return [`\`${step.id}\` came from the cache`];
  return failed > 0 ? [`\`${step.id}\` had needed more than one attempt`] : [];
}
