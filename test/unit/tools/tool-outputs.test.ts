/** Each tool's structured answer is what its output schema declares: nothing missing, nothing undeclared. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tool, tools } from '../../../src/tools/catalogue.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

const definition = {
  name: 'all',
  inputs: { who: { default: 'x' } },
  outputs: { said: '{{ steps.say.outputs.said }}' },
  steps: [
    { id: 'say', command: 'echo {{ inputs.who }}', outputs: { said: '{{ trim(stdout) }}' } },
    { id: 'each', foreach: [1, 2], command: 'test {{ item }} -eq 1', on_failure: 'continue' },
    { id: 'skipped', when: 'false', command: 'true' },
    { id: 'ask', type: 'approval', message: 'Go?' },
    { id: 'last', command: 'echo why; exit 3' },
  ],
};
const undoing = {
  name: 'undoing',
  steps: [
    { id: 'a', checkpoint: true, command: 'true', undo: ['echo a', 'echo b'] },
    { id: 'b', command: 'true', irreversible: 'it is sent' },
    { id: 'c', command: 'true', effects: 'remote' },
  ],
};
const broken = { name: 'x', steps: [{ id: 'a', comand: 'ls' }] };
const answer = { question_id: '', answer: { approved: true } };

/** Tool and arguments; where `run_id` is wanted, that of a run that waits for an answer. */
const CALLS: readonly (readonly [name: string, what: string, args: object])[] = [
  ['workflow_list', 'of the shipped workflows', {}],
  ['workflow_list', 'of one page', { limit: 1 }],
  ['workflow_validate', 'of a good definition', { definition, inputs: { who: 'y' } }],
  ['workflow_validate', 'of a broken definition', { definition: broken }],
  ['workflow_execute', 'of a definition', { definition, wait_seconds: 60 }],
  ['workflow_execute', 'of commands', { commands: ['echo a', 'false'], wait_seconds: 60 }],
  ['workflow_execute', 'of a dry run', { definition, dry_run: true }],
  ['workflow_execute', 'with a key', { commands: ['true'], idempotency_key: 'k' }],
  ['workflow_status', 'with everything', { run_id: '', include: ['log', 'events', 'checkpoints'] }],
  ['workflow_status', 'of one step', { run_id: '', step: 'each' }],
  ['workflow_answer', 'that lets the run fail', { run_id: '', ...answer }],
  ['workflow_cancel', 'of a waiting run', { run_id: '' }],
  ['workflow_resume', 'of a step', { run_id: '', from_step: 'say', wait_seconds: 60 }],
  ['workflow_execute', 'of a dry run with undo', { definition: undoing, dry_run: true }],
  ['workflow_rollback', 'of a dry run', { run_id: '', strategy: 'graceful', dry_run: true }],
  ['workflow_rollback', 'of a waiting run', { run_id: '', strategy: 'immediate', wait_seconds: 60 }],
  ['workflow_rollback', 'by hand', { run_id: '', strategy: 'manual', wait_seconds: 60 }],
  ['workflow_history', 'of all runs', {}],
  ['workflow_suggest', 'of everything', { intent: 'release notes for v1.4.0', recent_commands: ['echo a'] }],
  ['workflow_suggest', 'of nothing', {}],
  ['workflow_create', 'of a definition', { definition, name: 'all-of-it' }],
  ['workflow_create', 'of commands', { from_commands: ['echo a', 'git push'] }],
  ['workflow_analytics', 'of all runs', {}],
  ['workflow_autocomplete', 'of a beginning', { recent_commands: ['echo a'], prefix: 'e' }],
];

async function waitingRun() {
  const started = await scratch.call('workflow_execute', { definition, wait_seconds: 60 });
  if (started.kind !== 'ask' || started.otherwise.kind !== 'done') throw new Error(JSON.stringify(started));
  return started.otherwise.structured as { run_id: string; questions: { question_id: string }[] };
}

test.each(CALLS)('%s %s', async (name, _what, args) => {
  const { run_id, questions } = await waitingRun();
  if (name === 'workflow_resume') await scratch.call('workflow_cancel', { run_id });
  const given = {
    ...args,
    ...('run_id' in args && { run_id }),
    ...('question_id' in args && { question_id: questions[0]?.question_id }),
  };
  const answered = await scratch.call(name, given, true);
  const result = answered.kind === 'ask' ? answered.otherwise : answered;
  if (result.kind !== 'done') throw new Error(JSON.stringify(result));
  const sent = JSON.parse(JSON.stringify(result.structured));
  expect(tool(name)?.output.parse(sent)).toEqual(sent);
});

test('every tool is in the table', () => {
  expect(new Set(CALLS.map(([name]) => name))).toEqual(new Set(tools.map((each) => each.name)));
});
