/** What `belay answer` tells a person: what they say yes to without being asked, and what became of a claim. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { commandLine } from '../../../src/cli/command-line.ts';
import { questionLines } from '../../../src/cli/question-lines.ts';
import { plain } from '../../../src/cli/style.ts';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import { answered, fakeTool } from './fake-tool.ts';
import { fakeWorld } from './fake-world.ts';

const asked: JsonObject = {
  question_id: 'q1',
  kind: 'approval',
  step: 'go',
  prompt: 'Go?',
  context: 'drop it all',
  schema: { type: 'object', properties: { approved: { type: 'boolean' } }, required: ['approved'] },
  digest: 'd',
  asked_of: 'human',
  approvals: { needed: 2, given: ['cli:ann'] },
};
const { approvals: _, ...single } = asked;
const forAgents: JsonObject = { ...single, asked_of: 'agent' };

const view = (question: JsonObject): JsonObject => ({
  run_id: 'r-1',
  workflow: 'w',
  status: 'waiting',
  duration_ms: 1,
  progress: { done: 1, total: 1 },
  steps: [],
  questions: [question],
  checkpoints: [],
  outputs: {},
  artifacts: [],
  warnings: [],
  next: [],
});

async function answer(question: JsonObject, lines: readonly string[] | undefined, ...words: string[]) {
  const status = fakeTool('workflow_status', { run_id: z.string() }, answered(view(question)));
  const given = {
    run_id: z.string(),
    question_id: z.string(),
    answer: z.json().optional(),
    digest: z.string().optional(),
    claim: z.boolean().optional(),
    capabilities: z.array(z.string()).optional(),
    release: z.boolean().optional(),
  };
  const tool = fakeTool('workflow_answer', given, answered(view(question)));
  const world = fakeWorld({ tools: [status, tool], ...(lines && { lines }) });
  await commandLine(['answer', 'r-1', 'q1', ...words], world);
  return { calls: tool.calls.map(({ input }) => input), written: world.terminal.written };
}

test('a yes without a prompt shows what it is given to', async () => {
  const { calls, written } = await answer(asked, [], 'yes');
  expect(written.err).toBe('question q1 for a person: Go?\n  | drop it all\n  1 of 2 approved: cli:ann\n');
  expect(calls).toEqual([{ run_id: 'r-1', question_id: 'q1', answer: { approved: true }, digest: 'd' }]);
});

test('a form shows it once; where no person is, nothing is shown', async () => {
  const { written } = await answer(asked, ['y']);
  expect(written.err.match(/drop it all\n1 of 2 approved: cli:ann/g)).toHaveLength(1);
  expect((await answer(asked, undefined, 'yes')).written.err).toBe('');
});

test('a question of a run inside is left to the tool, which names that run', async () => {
  const { calls } = await answer({ ...asked, run_id: 'r-2' }, [], 'yes');
  expect(calls).toEqual([{ run_id: 'r-1', question_id: 'q1', answer: 'yes' }]);
});

test('a claim says who holds the question and until when; a release that nobody does', async () => {
  const held = { ...forAgents, claimed_by: 'cli:test', claimed_until: '2026-01-02T03:04:05.000Z' };
  const claimed = await answer(held, undefined, '--claim');
  expect(claimed.written.out).toMatch(/^question q1: claimed by cli:test until 2026-01-0\d \d\d:\d\d:\d\d\n/);
  const released = await answer(forAgents, undefined, '--release');
  expect(released.written.out).toMatch(/^question q1: free again, nobody has claimed it\n/);
});

test('a claim says what the agent can do, and the question what it wants', async () => {
  const wanting = { ...forAgents, capabilities: ['browser', 'sql'] };
  const { calls } = await answer(
    wanting,
    undefined,
    '--claim',
    '--capability',
    'sql',
    '--capability',
    'browser',
  );
  expect(calls).toEqual([
    { run_id: 'r-1', question_id: 'q1', claim: true, capabilities: ['sql', 'browser'] },
  ]);
  const lines = questionLines(wanting as never, plain);
  expect(lines).toContain('  wants an agent with browser, sql');
  const alone = await answer(wanting, undefined, 'yes', '--capability', 'sql');
  expect(alone.written.err).toContain('--capability stands alone');
});
