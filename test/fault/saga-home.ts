/** Homes with sagas on them, and the check of all when they are over. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { loadRun } from '../../src/engine/host/load-run.ts';
import type { Store } from '../../src/store/open-store.ts';
import { type TreeValue, treeValue } from '../fidelity/tree.ts';
import { newRun, scratchFolder, withStore } from './crash.ts';
import { Place } from './saga.ts';
import { type SagaName, sagaOf, sagaWorkflow } from './saga-cases.ts';
import { checkSaga } from './saga-laws.ts';
import { plantTree } from './saga-tree.ts';

interface SagaRun {
  readonly name: SagaName;
  readonly runId: string;
  readonly place: Place;
  readonly before: TreeValue;
}

export interface SagaHome {
  /** Belay's data. */
  readonly folder: string;
  readonly runs: readonly SagaRun[];
}

/** A home with one run of each saga, which no host has seen. */
export function sagaHome(names: readonly SagaName[]): SagaHome {
  const scratch = scratchFolder();
  const folder = join(scratch, 'home');
  mkdirSync(folder);
  const runs = withStore(folder, (store) => names.map((name) => begin(store, join(scratch, name), name)));
  return { folder, runs };
}

function begin(store: Store, folder: string, name: SagaName): SagaRun {
  const place = new Place(folder);
  for (const each of ['tree', 'outside', 'signals'] as const) mkdirSync(place.at(each), { recursive: true });
  const tree = place.at('tree');
  plantTree(tree);
  // Node's own copy does not keep hard links and times of folders
  spawnSync('cp', ['-a', tree, place.at('before')]);
  const before = treeValue(tree);
  const runId = newRun(store, sagaWorkflow(name), tree, sagaOf(name)?.inputs);
  return { name, runId, place, before };
}

/** Everything has ended as it must, and the journal is whole. */
export function checkSagas(home: SagaHome): void {
  withStore(home.folder, (store) => {
    expect(store.integrity()).toMatchObject({ database: [], damaged: [] });
    for (const run of home.runs) check(store, run);
  });
}

function check(store: Store, { name, runId, place, before }: SagaRun): void {
  const loaded = loadRun(store, runId);
  if (!loaded.ok) throw new Error(loaded.error.message);
  const events = store.read(runId);
  if (!events.ok) throw new Error(events.error.message);
  checkSaga({ saga: sagaOf(name)!, place, run: loaded.value, events: events.value, before });
}
