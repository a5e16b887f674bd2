import { expect, test } from 'vitest';
import { z } from 'zod';
import { commandLine } from '../../../src/cli/command-line.ts';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import { answered, fakeTool } from './fake-tool.ts';
import { fakeWorld } from './fake-world.ts';

const shape = {
  run_id: z.string(),
  strategy: z.string().optional(),
  checkpoint: z.string().optional(),
  dry_run: z.boolean().optional(),
  on_conflict: z.string().optional(),
  reason: z.string().optional(),
  undo: z.boolean().optional(),
  wait_seconds: z.number().optional(),
};

const view: JsonObject = {
  run_id: 'r-1',
  workflow: 'w',
  status: 'rolled_back',
  duration_ms: 1,
  progress: { done: 1, total: 1 },
  steps: [],
  questions: [],
  checkpoints: [],
  outputs: {},
  artifacts: [],
  warnings: [],
  next: [],
};

const items = { total: 1, done: 1, failed: 0, left: 0, open: 0 };
const rollbackDone = { strategy: 'graceful', status: 'done', by: 'cli', items, problems: [], left: [] };
const back = { ...view, rollback: { ...rollbackDone, files_back: true } };

const planned = { ...view, dry_run: true, plan: [], diff: '-after\n+before\n' };

function rollback(words: readonly string[], lines?: readonly string[]) {
  const isShown = words.includes('--dry-run') || (lines !== undefined && !words.includes('--yes'));
  const answers = isShown ? [answered(planned), answered(back)] : [answered(back)];
  const tool = fakeTool('workflow_rollback', shape, ...answers);
  const world = fakeWorld({ tools: [tool], ...(lines && { lines }) });
  const exitCode = commandLine(['rollback', 'r-1', ...words], world);
  return { exitCode, calls: tool.calls, written: world.terminal.written };
}

test('a dry run prints the plan and the diff: exit code 0', async () => {
  const { exitCode, calls, written } = rollback(['--strategy', 'graceful', '--dry-run']);
  expect(await exitCode).toBe(0);
  expect(calls.map(({ input }) => input)).toEqual([{ run_id: 'r-1', strategy: 'graceful', dry_run: true }]);
  expect(written.out).toBe('text\n\n-after\n+before\n');
});

test('a checkpoint alone says which strategy is meant', async () => {
  const { exitCode, calls } = rollback(['--to', 'whole', '--dry-run']);
  expect(await exitCode).toBe(0);
  expect(calls[0]?.input).toEqual({
    run_id: 'r-1',
    strategy: 'checkpoint',
    checkpoint: 'whole',
    dry_run: true,
  });
});

test.each([
  ['n', 2],
  ['', 2],
])('on a terminal the plan is shown first; `%s` changes nothing', async (line, code) => {
  const { exitCode, calls, written } = rollback(['--undo'], [line]);
  expect(await exitCode).toBe(code);
  expect(calls.map(({ input }) => input.dry_run)).toEqual([true]);
  expect(written.err).toContain('roll back? [y/N]');
  expect(written.err).toContain('nothing was changed');
});

test('yes goes ahead, and so does --yes without a question', async () => {
  const asked = rollback(['--undo', '--on-conflict', 'keep'], ['y']);
  expect(await asked.exitCode).toBe(0);
  expect(asked.calls.map(({ input }) => input)).toEqual([
    { run_id: 'r-1', undo: true, on_conflict: 'keep', dry_run: true },
    { run_id: 'r-1', undo: true, on_conflict: 'keep', wait_seconds: 0 },
  ]);
  const unasked = rollback(['--undo', '--yes'], []);
  expect(await unasked.exitCode).toBe(0);
  expect(unasked.calls).toHaveLength(1);
});

test('without a terminal nobody is asked', async () => {
  const { exitCode, calls } = rollback(['--undo']);
  expect(await exitCode).toBe(0);
  expect(calls.map(({ input }) => input)).toEqual([{ run_id: 'r-1', undo: true, wait_seconds: 0 }]);
});

test('a strategy that is none is refused: exit code 2', async () => {
  const { exitCode, written } = rollback(['--strategy', 'gracefully']);
  expect(await exitCode).toBe(2);
  expect(written.err).toContain('graceful');
});
