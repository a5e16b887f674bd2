import { expect, test } from 'vitest';
import { commandLineOf, inCliWords } from '../../../src/cli/cli-words.ts';

test('tools become commands', () => {
  expect(inCliWords('workflow_status shows its log; workflow_execute starts it')).toBe(
    'belay status shows its log; belay run starts it',
  );
  expect(inCliWords('call again with `on_conflict: keep`, or `undo: true`')).toBe(
    'call again with `--on-conflict keep`, or `--undo`',
  );
});

test.each([
  ['workflow_status', { run_id: 'r-1', wait_seconds: 20 }, 'belay status r-1 --watch'],
  ['workflow_status', { run_id: 'r-1', include: ['log'] }, 'belay logs r-1'],
  ['workflow_answer', { run_id: 'r-1', question_id: 'q1' }, 'belay answer r-1 q1'],
  ['workflow_execute', { workflow: 'build' }, 'belay run build'],
  [
    'workflow_rollback',
    { run_id: 'r-1', strategy: 'checkpoint', checkpoint: 'c', on_conflict: 'keep' },
    'belay rollback r-1 --strategy checkpoint --to c --on-conflict keep',
  ],
  ['workflow_rollback', { run_id: 'r-1', undo: true, dry_run: true }, 'belay rollback r-1 --dry-run --undo'],
  ['workflow_list', {}, 'belay list'],
])('%s %j is typed as %s', (tool, args, line) => {
  expect(commandLineOf({ tool, arguments: args, why: '' })).toBe(line);
});
