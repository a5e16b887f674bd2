import { expect, test } from 'vitest';
import { outcomeText, planText, statusText } from '../../../src/cli/run-text.ts';
import { plain } from '../../../src/cli/style.ts';
import type { RunView } from '../../../src/tools/run-view-schema.ts';

const view: RunView = {
  run_id: 'r-1',
  workflow: 'build',
  version: '1',
  status: 'failed',
  reason: 'step `test` failed: exit code 2',
  created_at: '2026-01-02T03:04:05.000Z',
  started_at: '2026-01-02T03:04:05.000Z',
  finished_at: '2026-01-02T03:04:06.200Z',
  duration_ms: 1_200,
  cwd: '/project',
  inputs: {},
  progress: { done: 2, total: 3 },
  steps: [
    { id: 'compile', type: 'shell', status: 'succeeded', attempts: 1, duration_ms: 900 },
    {
      id: 'test',
      type: 'shell',
      status: 'failed',
      attempts: 1,
      duration_ms: 300,
      error: { code: 'exit', message: 'exit code 2', hint: 'workflow_status shows its log' },
      log: 'one\u001b[2K\ntwo\n',
    },
    { id: 'pack', type: 'shell', status: 'pending', attempts: 0 },
  ],
  questions: [],
  checkpoints: [],
  outputs: { url: 'x', list: [1] },
  artifacts: [],
  warnings: ['slow'],
  next: [{ tool: 'workflow_resume', arguments: { run_id: 'r-1' }, why: 'go on' }],
};

test('the outcome names what failed, with its log, and what to type next', () => {
  expect(outcomeText(view, plain).split('\n')).toEqual([
    'run r-1 of build: failed after 1.2s, 2 of 3 steps done: step `test` failed: exit code 2',
    'error: step `test`: exit code 2',
    '  | one',
    '  | two',
    'outputs:',
    '  url: x',
    '  list: [1]',
    'warning: slow',
    'next: belay resume r-1 (go on)',
  ]);
});

test('a failure without a log keeps its hint; a cancelled step is no failure', () => {
  const [, test, pack] = view.steps;
  const { log: _, ...silent } = test!;
  expect(outcomeText({ ...view, steps: [silent] }, plain)).toContain('  hint: belay status shows its log');
  const cancelled = {
    ...pack!,
    status: 'cancelled' as const,
    error: { code: 'cancelled', message: 'cancelled' },
  };
  expect(outcomeText({ ...view, steps: [cancelled] }, plain)).not.toContain('error:');
});

const question = {
  question_id: 'q1',
  kind: 'approval' as const,
  step: 'go',
  prompt: 'Go?',
  schema: {},
  digest: '',
  asked_of: 'human' as const,
  asked_at: '',
  how_to_answer: '',
};

test('an open question says how to answer it', () => {
  const text = outcomeText({ ...view, status: 'waiting', questions: [question] }, plain);
  expect(text).toContain('question q1 for a person: Go?\n  answer with: belay answer r-1 q1');
  expect(text).not.toContain('next:');
});

test('a question shows what it is about, who has approved it or holds it, and is answered in its own run', () => {
  const asked = {
    ...question,
    run_id: 'r-2',
    context: '--- plan\ndrop\u001b[2K it all\n',
    approvals: { needed: 2, given: ['cli:ann'] },
    claimed_by: 'mcp:one',
    claimed_until: '2026-01-02T03:04:05.000Z',
  };
  const text = statusText({ ...view, status: 'waiting', questions: [asked] }, plain, 80);
  expect(text).toContain(
    'question q1 for a person: Go?\n  | --- plan\n  | drop it all\n  1 of 2 approved: cli:ann\n  claimed by mcp:one until 2026-',
  );
  expect(text).toContain('  answer with: belay answer r-2 q1');
});

test('the status has a row for each step', () => {
  const text = statusText(view, plain, 80);
  expect(text).toContain('compile  succeeded  900ms');
  expect(text).toContain('test     failed     300ms  exit code 2');
  expect(text).toContain('pack     pending');
});

test('a plan shows commands and what is not known', () => {
  const step = {
    order: 1,
    step: 'a',
    type: 'shell',
    touches: 'workspace' as const,
    needs: [],
    does: 'runs a script',
  };
  const plan = [{ ...step, command: 'x\ny\n', unknown: 'stdout of b' }];
  expect(planText({ ...view, warnings: [], plan }, plain).split('\n')).toEqual([
    'build 1: dry run, nothing was started',
    '1. a (shell, touches workspace): runs a script',
    '     x',
    '     y',
    '     not known yet: stdout of b',
  ]);
});
