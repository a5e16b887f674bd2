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
  ['argument `recent_commands[2]`: found number 5', 'option `--after`: found number 5'],
  ['argument `context.last_exit_code`: found null', 'option `--exit-code`: found null'],
  ['argument `from_commands[0]`: found string ""', 'option `--from-commands`: found string ""'],
  [
    'argument `limit`: found number 50; argument `intent` is missing',
    'option `--limit`: found number 50; argument `intent` is missing',
  ],
  [
    '`workflow_suggest` takes `intent`, `recent_commands`, `limit`',
    'belay suggest --help shows what it takes',
  ],
  [
    '`scope` says in which folder, or write with `scope: user`',
    '`--user` says in which folder, or write with `--user`',
  ],
  ['`since` must be a time; give it as `name`', '`--since` must be a time; give it as `--name`'],
])('arguments are called as the options: %s', (told, shown) => {
  expect(inCliWords(told)).toBe(shown);
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
