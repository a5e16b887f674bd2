import { expect, test } from 'vitest';
import { projectRun } from '../../../src/cli/project-run.ts';
import type { JournalEvent } from '../../../src/engine/core/events.ts';

const definition = {
  name: 'w',
  version: '1',
  tags: [],
  inputs: {},
  outputs: {},
  prerequisites: [],
  env: {},
  steps: [
    {
      id: 'a',
      type: 'set',
      config: {},
      needs: [],
      onFailure: 'stop',
      idempotent: false,
      outputs: {},
      env: {},
      reads: [],
    },
  ],
  cleanup: [],
};
const created = {
  type: 'run.created',
  workflow: 'w',
  version: '1',
  digest: 'd',
  definition,
  inputs: {},
  cwd: '/',
  env: {},
  source: 'inline',
  created_by: 'test',
};
const events = (...list: object[]) =>
  list.map(
    (event, index) =>
      ({ run_id: 'r', seq: index + 1, at: 10 * (index + 1), epoch: 1, event }) as JournalEvent,
  );

test('projects all events of a run', () => {
  const change = projectRun(
    events(
      created,
      { type: 'run.started' },
      { type: 'step.started', step: 'a', attempt: 1 },
      { type: 'step.succeeded', step: 'a', attempt: 1 },
    ),
  );
  expect(change).toMatchObject({ status: 'running', startedAt: 20, done: 1, total: 1 });
  expect(change.steps).toMatchObject([{ key: 'a', status: 'succeeded', startedAt: 30, finishedAt: 40 }]);
});

test('stops at an event that does not fit', () => {
  const change = projectRun(
    events(created, { type: 'cleanup.finished', failed: 0 }, { type: 'run.started' }),
  );
  expect(change.status).toBe('queued');
});
