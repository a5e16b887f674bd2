import { expect, test } from 'vitest';
import { commandLineOf, inCliWords } from '../../../src/cli/cli-words.ts';

test('tools become commands', () => {
  expect(inCliWords('workflow_status shows its log; workflow_execute starts it')).toBe(
    'belay status shows its log; belay run starts it',
  );
});

test.each([
  ['workflow_status', { run_id: 'r-1', wait_seconds: 20 }, 'belay status r-1 --watch'],
  ['workflow_status', { run_id: 'r-1', include: ['log'] }, 'belay logs r-1'],
  ['workflow_answer', { run_id: 'r-1', question_id: 'q1' }, 'belay answer r-1 q1'],
  ['workflow_execute', { workflow: 'build' }, 'belay run build'],
  ['workflow_list', {}, 'belay list'],
])('%s %j is typed as %s', (tool, args, line) => {
  expect(commandLineOf({ tool, arguments: args, why: '' })).toBe(line);
});
