import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { FROM_UNFINISHED } from '../../../src/store/schema.ts';
import { opened, scratch } from './store.fixture.ts';

const NEWEST = 'ORDER BY created_at DESC, run_id DESC LIMIT 9';

test.each([
  ['FROM runs', 'runs_by_time'],
  [`FROM runs WHERE workflow = 'w'`, 'runs_by_workflow'],
  [`FROM runs WHERE status = 'failed' AND (created_at, run_id) < (1, 'r')`, 'runs_by_status'],
  [`FROM runs WHERE workflow = 'w' AND status = 'failed' AND created_at >= 1`, 'runs_by_workflow_status'],
  [FROM_UNFINISHED, 'runs_unfinished'],
])('`%s` walks %s and sorts nothing', (filter, index) => {
  const home = scratch();
  opened(home);
  const db = new DatabaseSync(join(home, 'belay.db'));
  onTestFinished(() => db.close());
  const plan = db.prepare(`EXPLAIN QUERY PLAN SELECT run_id, done ${filter} ${NEWEST}`).all();
  const steps = plan.map((row) => String(row.detail));
  expect(steps).toHaveLength(1);
  expect(steps[0]).toContain(`INDEX ${index}`);
});
