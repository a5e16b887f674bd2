/**
 * What one event costs: counted, not timed. Every step of the run sits behind a counting map or set, and the most
 * that a single event and the `decide` after it may visit is the same for 10 steps as for 10,000.
 */
import { describe, expect, test } from 'vitest';
import { decide, stillStands } from '../../../../src/engine/core/decide.ts';
import type { Event } from '../../../../src/engine/core/events.ts';
import { evolve } from '../../../../src/engine/core/evolve.ts';
import type { Step, Workflow } from '../../../../src/engine/core/model.ts';
import { takeProjection } from '../../../../src/engine/core/projection.ts';
import type { RunState } from '../../../../src/engine/core/state.ts';
import { chain, foreach, retry, step, undoable, workflow } from './build-workflow.ts';
import { failure } from './failure-example.ts';
import { created, replay } from './fake-host.ts';

const SLOTS = 4;
let visited = 0;

/** Counts each element that somebody iterates over. */
function counting<T extends object>(iterable: T, names: readonly string[]): void {
  for (const name of [Symbol.iterator, ...names] as const) {
    const original = (iterable as Record<string | symbol, () => Iterator<unknown>>)[name]!;
    Object.defineProperty(iterable, name, {
      value: function* count() {
        for (const element of { [Symbol.iterator]: () => original.call(iterable) }) {
          visited += 1;
          yield element;
        }
      },
    });
  }
}

function instrument(run: RunState): void {
  for (const set of [
    run.ready,
    run.running,
    run.parked,
    run.closing,
    run.stopping,
    run.resolved,
    run.touched,
  ])
    counting(set, []);
  for (const map of [run.byKey, run.questions, run.steps.children])
    counting(map, ['keys', 'values', 'entries']);
  for (const queue of [run.timers, run.timers.retries]) {
    const due = queue.due.bind(queue);
    queue.due = (now) => {
      const found = due(now);
      visited += found.length;
      return found;
    };
  }
}

/** The lists that come with a rollback. */
function instrumentUnwind({ unwind }: RunState): void {
  if (!unwind?.items) return;
  for (const list of [unwind.items, unwind.underWay, unwind.closing]) counting(list, []);
}

function begun(of: Workflow): RunState {
  const run = replay([{ run_id: 'r', seq: 1, at: 0, epoch: 1, event: created(of) }]);
  takeProjection(run);
  return run;
}

/** Runs it all; the most that one event visited. Retried steps fail their first attempt, all before the retries are due. */
function costliest(of: Workflow): number {
  let now = 0;
  let most = 0;
  const run = begun(of);
  instrument(run);
  const append = (event: Event) => {
    visited = 0;
    const next = evolve(run, { run_id: 'r', seq: run.seq + 1, at: now, epoch: 1, event });
    if (!next.ok) throw new Error(next.error.message);
    takeProjection(run);
    decide(run, now, SLOTS);
    most = Math.max(most, visited);
    const body = run.byKey.get('loop')?.body;
    if (event.type === 'step.scheduled' && body) counting(body.children, ['keys', 'values', 'entries']);
  };
  for (let turn = 0; run.status !== 'succeeded' && turn < 200_000; turn += 1) {
    const commands = decide(run, now, SLOTS);
    const [process] = run.running;
    if (commands.length === 0 && process) append(endOf(process.step, process.key, process.attempt));
    else if (commands.length === 0) now = run.timers.next ?? now;
    for (const command of commands) if (stillStands(run, command)) append(eventOf(command));
  }
  expect(run.status).toBe('succeeded');
  return most;
}

const RETRY_AT = 1_000;

const endOf = (one: Step, key: string, attempt: number): Event =>
  one.retry && attempt === 1
    ? { type: 'step.retry_scheduled', step: key, attempt: 2, at: RETRY_AT, failure: failure('exit') }
    : { type: 'step.succeeded', step: key, attempt };

function eventOf(command: ReturnType<typeof decide>[number]): Event {
  switch (command.kind) {
    case 'begin':
      return { type: 'run.started' };
    case 'start':
      return {
        type: 'step.started',
        step: command.step.key,
        attempt: command.step.attempt + 1,
        process: { boot: 'b' },
      };
    case 'open': {
      const items = command.step.step.foreach?.items as readonly number[];
      return { type: 'step.scheduled', step: command.step.key, items, count: items.length };
    }
    case 'close':
      return { type: 'step.succeeded', step: command.step.key, attempt: command.step.attempt };
    case 'start_unwind':
      return { type: 'unwind.started' };
    case 'undo':
      return { type: 'undo.started', step: command.item.step.key };
    case 'close_undo':
      return { type: 'undo.succeeded', step: command.item.step.key };
    case 'finish':
      return { type: 'run.finished', status: command.status };
    default:
      throw new Error(command.kind);
  }
}

const many = (count: number, fields: Partial<Step> = {}) =>
  Array.from({ length: count }, (_, index) => step(`s${index}`, fields));

const shapes: readonly [string, (count: number) => Workflow][] = [
  ['a chain', (count) => workflow(chain(many(count)))],
  ['a wide list', (count) => workflow(many(count))],
  ['a loop', (count) => workflow([step('loop', foreach(count, 4))])],
  ['retries that wait for slots', (count) => workflow(many(count, retry(2)))],
];

describe('one event of a run of 10,000 steps visits no more steps than one of a run of 10', {
  timeout: 120_000,
}, () => {
  test.each(shapes)('%s', (_, shape) => {
    const small = costliest(shape(10));
    expect(small).toBeGreaterThan(0);
    expect(costliest(shape(10_000))).toBeLessThanOrEqual(small);
  });
});

/** What all of a rollback visits, from the request to the end, of a run that has done everything. */
function costOfUnwinding(of: Workflow): number {
  const run = begun(of);
  const append = (event: Event) => {
    const next = evolve(run, { run_id: 'r', seq: run.seq + 1, at: 0, epoch: 1, event });
    if (!next.ok) throw new Error(next.error.message);
    takeProjection(run);
    if (event.type === 'unwind.started') instrumentUnwind(run);
  };
  const settle = () => {
    while (run.status === 'queued' || run.status === 'running' || run.status === 'rolling_back') {
      const commands = decide(run, 0, SLOTS);
      const [process] = run.running;
      if (commands.length === 0 && process) append(endOf(process.step, process.key, process.attempt));
      for (const command of commands) if (stillStands(run, command)) append(eventOf(command));
    }
  };
  settle();
  instrument(run);
  for (const needs of new Set([...run.byKey.values()].map((one) => one.step.needs))) counting(needs, []);
  visited = 0;
  append({ type: 'unwind.requested', strategy: 'graceful', by: 'test' });
  settle();
  expect(run.status).toBe('rolled_back');
  return visited;
}

const undo = { undo: [step('u')] };
const undoables = (count: number) => many(count).map((one) => undoable(one.id));
const undone: readonly [string, (count: number) => Workflow][] = [
  ['a chain', (count) => workflow(chain(undoables(count)))],
  ['a wide list', (count) => workflow(undoables(count))],
  ['a loop, one by one', (count) => workflow([step('loop', { ...foreach(count, 1), ...undo })])],
  ['a loop, side by side', (count) => workflow([step('loop', { ...foreach(count, 4), ...undo })])],
];

describe('taking back 10,000 steps visits about 100 times as much as taking back 100', {
  timeout: 120_000,
}, () => {
  test.each(undone)('%s', (_, shape) => {
    const small = costOfUnwinding(shape(100));
    expect(small).toBeGreaterThan(100);
    expect(costOfUnwinding(shape(10_000))).toBeLessThan(110 * small);
  });
});
