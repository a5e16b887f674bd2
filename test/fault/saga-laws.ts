/** What holds of every saga, however often its hosts were killed: read from the log, the journal and the folders. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Event, JournalEvent } from '../../src/engine/core/events.ts';
import type { Step } from '../../src/engine/core/model.ts';
import type { RunState } from '../../src/engine/core/state.ts';
import type { TreeValue } from '../fidelity/tree.ts';
import { treeValue } from '../fidelity/tree.ts';
import { type Place, type Saga, textsOf } from './saga.ts';
import { onTop } from './saga-tree.ts';

export interface EndedSaga {
  readonly saga: Saga;
  readonly place: Place;
  readonly run: RunState;
  readonly events: readonly JournalEvent[];
  /** The tree before the run. */
  readonly before: TreeValue;
}

export function checkSaga(ended: EndedSaga): void {
  const { saga, run, place } = ended;
  const failures = [...run.byKey].map(([key, { status, failure }]) => `${key} ${status} ${failure?.message}`);
  const told = `${run.workflow.name} ${run.runId}: ${run.reason}\n${failures.join('\n')}\n${logOf(place).join(', ')}`;
  expect(run.status, told).toBe(saga.status);
  expect(run.unwind, told).toBeUndefined();
  checkFiles(ended, told);
  expect(logProblems(logOf(place), saga, run.status === 'rolled_back'), told).toEqual([]);
  expect(journalProblems(run, ended.events), told).toEqual([]);
  expect(stepProblems(ended), told).toEqual([]);
}

function checkFiles({ saga, place, before }: EndedSaga, told: string): void {
  const tree = place.at('tree');
  const names = readdirSync(tree, { recursive: true, encoding: 'utf8' });
  expect(
    names.filter((name) => name.includes('.belay-')),
    told,
  ).toEqual([]);
  if (saga.tree === 'before') {
    const folderTimes = saga.anyFolderTimes !== true;
    expect(treeValue(tree, { folderTimes }), told).toEqual(folderTimes ? before : withoutTimes(before));
  } else expect(textsOf(tree), told).toEqual(onTop(saga.tree, {}));
  expect(textsOf(place.at('outside')), told).toEqual(saga.outside);
}

const withoutTimes = (tree: TreeValue): TreeValue =>
  Object.fromEntries(
    Object.entries(tree).map(([path, value]) => {
      const { mtimeNs, ...rest } = value as { readonly mtimeNs: string };
      return [path, 'size' in rest || 'target' in rest ? value : rest];
    }),
  );

const logOf = (place: Place): readonly string[] =>
  existsSync(place.at('log')) ? readFileSync(place.at('log'), 'utf8').trim().split('\n') : [];

/**
 * What was done stands until it is undone; nothing is undone that was not done, nothing under what still stands upon it,
 * and nothing once more when what it stood upon has begun to be undone. At the end of a rollback nothing stands.
 */
function logProblems(
  log: readonly string[],
  { order, stays = [] }: Saga,
  isBack: boolean,
): readonly string[] {
  const problems: string[] = [];
  const standing = new Set<string>();
  const undoing = new Set<string>();
  const withUndo = new Set(log.flatMap((line) => (line.startsWith('undo ') ? [line.slice(5)] : [])));
  for (const line of log) {
    const [word, name = ''] = line.split(' ');
    if (word === 'do') {
      standing.add(name);
      undoing.delete(name);
    } else if (word === 'undid') standing.delete(name);
    else {
      const upon = order.filter(([step, later]) => step === name && standing.has(later));
      const under = order.filter(([step, later]) => later === name && undoing.has(step));
      if (!standing.has(name) && !undoing.has(name)) problems.push(`${name} is undone, but was never done`);
      for (const [, later] of upon) problems.push(`${name} is undone before ${later}`);
      for (const [step] of under) problems.push(`${name} is undone after ${step}`);
      undoing.add(name);
    }
  }
  const left = [...standing].filter((name) => withUndo.has(name) && !stays.includes(name));
  return isBack ? [...problems, ...left.map((name) => `${name} was not undone`)] : problems;
}

/** Every undo and restore is of something that began, and is told to its end; nothing else starts meanwhile. */
function journalProblems(run: RunState, events: readonly JournalEvent[]): readonly string[] {
  const problems: string[] = [];
  const started = new Set<string>();
  const open = new Set<string>();
  const forward = idsOf(run.workflow.steps);
  let isUnwinding = false;
  for (const { seq, event } of events) {
    const wrong = (says: string) => problems.push(`${seq} ${event.type}: ${says}`);
    if (event.type === 'unwind.requested') isUnwinding = true;
    if (event.type === 'run.finished' || event.type === 'run.paused') {
      isUnwinding = false;
      for (const name of open) wrong(`${name} has no end`);
    }
    if (event.type === 'step.started' && forward.has(idOf(event.step))) {
      if (isUnwinding) wrong(`${event.step} starts during a rollback`);
      started.add(event.step);
    }
    if (event.type === 'undo.started' && !started.has(event.step)) wrong(`${event.step} never started`);
    tell(event, open, wrong);
  }
  return problems;
}

function tell(event: Event, open: Set<string>, wrong: (says: string) => void): void {
  const [verb, what] = event.type.split('.');
  if (verb !== 'undo' && verb !== 'restore') return;
  const name = `${verb} ${'step' in event ? event.step : 'checkpoint' in event ? event.checkpoint : ''}`;
  if (what === 'started') {
    if (open.has(name)) wrong('it has begun already');
    open.add(name);
  } else if (!open.delete(name)) wrong('it has not begun');
}

const idOf = (key: string): string => key.replace(/\[.*$/, '');

const idsOf = (steps: readonly Step[]): ReadonlySet<string> =>
  new Set(steps.flatMap((step) => [step.id, ...idsOf(step.body ?? [])]));

/** A step is shown as what became of it. */
function stepProblems({ run, saga }: EndedSaga): readonly string[] {
  const tasks = [...run.byKey.values()].filter(
    ({ layer, frame }) => layer === 'task' && frame.root === 'steps',
  );
  const failed = tasks.filter(({ status }) => status === 'undo_failed').map(({ key }) => key);
  const problems =
    JSON.stringify(failed) === JSON.stringify(saga.undoFailed ?? []) ? [] : [`undo failed: ${failed}`];
  if (saga.status !== 'rolled_back') return problems;
  const wanted = tasks.filter(({ key }) => !saga.stays?.includes(key));
  const lost = wanted.filter(({ status }) => !['undone', 'pending', 'skipped'].includes(status));
  return [...problems, ...lost.map(({ key, status }) => `${key} is ${status}`)];
}
