/** Who may answer what through the tools: names, roles, several approvals, digests, claims, and signals. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tool } from '../../../src/tools/catalogue.ts';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import type { ToolAnswer, ToolContext } from '../../../src/tools/tool.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

type Caller = Partial<Pick<ToolContext, 'caller' | 'human' | 'roles'>>;
const person = (name: string, more: Caller = {}): Caller => ({ caller: `cli:${name}`, human: true, ...more });
const agent = (name: string): Caller => ({ caller: `mcp:${name}` });

function call(by: Caller, name: string, args: object): Promise<ToolAnswer> {
  const found = tool(name);
  if (!found) throw new Error(`no tool ${name}`);
  return found.run({ ...scratch.context, ...by }, found.input.parse(args));
}

async function waiting(...steps: readonly object[]) {
  const definition = { name: 'ask', steps };
  const run = viewOf(await call(agent('maker'), 'workflow_execute', { definition, wait_seconds: 60 }));
  const [question] = run.questions;
  return { run, run_id: run.run_id, question_id: question?.question_id ?? '', question };
}

const approval = (more: object = {}) => ({ id: 'go', type: 'approval', message: 'Go?', ...more });
const forAgents = (more: object = {}) => ({
  id: 'work',
  type: 'input',
  asked_of: 'agent',
  message: 'Which?',
  fields: { name: { type: 'string' } },
  ...more,
});
const errorOf = (answer: ToolAnswer): unknown => (answer.kind === 'error' ? answer.error : answer.kind);

describe('an approval', () => {
  const yes = { approved: true };
  const answer = (by: Caller, ask: { run_id: string; question_id: string }, said: object = yes, more = {}) =>
    call(by, 'workflow_answer', {
      run_id: ask.run_id,
      question_id: ask.question_id,
      answer: said,
      ...more,
    });

  test('by name and by role is for these alone', async () => {
    const ask = await waiting(approval({ by: ['ann'], roles: ['approver'] }));
    for (const by of [person('bob', { roles: ['viewer'] }), person('bob', { roles: [] })])
      expect(errorOf(await answer(by, ask))).toMatchObject({
        code: 'forbidden',
        message: `question \`${ask.question_id}\` is for \`ann\`, role \`approver\`; \`cli:bob\` may not answer it`,
      });
    expect(viewOf(await answer(person('ann', { roles: [] }), ask)).status).toBe('succeeded');
    const other = await waiting(approval({ roles: ['approver'] }));
    expect(viewOf(await answer(person('bob', { roles: ['approver'] }), other)).status).toBe('succeeded');
  });

  test('by several people counts each once; the view says who has approved', async () => {
    const ask = await waiting(approval({ approvals: 2 }), { id: 'after', type: 'set', values: { a: 1 } });
    const once = viewOf(await answer(person('ann'), ask, { approved: true, reason: 'tested' }));
    expect(once).toMatchObject({
      status: 'waiting',
      questions: [{ approvals: { needed: 2, given: ['cli:ann'] }, for_you: false }],
    });
    expect(errorOf(await answer(person('ann'), ask))).toMatchObject({ code: 'forbidden' });
    const done = viewOf(await answer(person('bob'), ask));
    expect(done).toMatchObject({
      status: 'succeeded',
      steps: [{ outputs: { answers: [{ by: 'cli:ann', reason: 'tested' }, { by: 'cli:bob' }] } }, {}],
    });
  });

  test('not by whoever created the run, in no form either', async () => {
    const definition = { name: 'ask', steps: [approval({ not_requester: true })] };
    const started = await call(person('ann'), 'workflow_execute', { definition, wait_seconds: 60 });
    expect(started.kind).toBe('done');
    const run = viewOf(started);
    const ask = { run_id: run.run_id, question_id: run.questions[0]?.question_id ?? '' };
    expect(errorOf(await answer(person('ann'), ask))).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('`cli:ann` has created the run'),
    });
    expect(viewOf(await answer(person('bob'), ask)).status).toBe('succeeded');
  });

  test('shows what it is about, and is bound to it', async () => {
    const facts = { id: 'facts', type: 'set', values: { plan: 'drop it all' } };
    const ask = await waiting(facts, approval({ show: { title: 'plan', text: '{{ facts.outputs.plan }}' } }));
    expect(ask.question).toMatchObject({
      context: '--- plan\ndrop it all',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const other = await waiting(approval({ show: 'something else' }));
    expect(other.question?.digest).not.toBe(ask.question?.digest);
    const stale = { digest: other.question?.digest };
    expect(errorOf(await answer(person('ann'), ask, yes, stale))).toMatchObject({
      code: 'digest_mismatch',
      data: { digest: ask.question?.digest },
    });
    const read = { digest: ask.question?.digest };
    expect(viewOf(await answer(person('ann'), ask, yes, read)).status).toBe('succeeded');
    const include = ['events'];
    const { events = [] } = viewOf(await scratch.call('workflow_status', { run_id: ask.run_id, include }));
    expect(events.find(({ type }) => type === 'question.answered')).toMatchObject(read);
  });

  test('a form shows the context too', async () => {
    const definition = { name: 'ask', steps: [approval({ show: 'the plan' })] };
    const asked = await call(agent('maker'), 'workflow_execute', { definition, wait_seconds: 60 });
    expect(asked).toMatchObject({ kind: 'ask', asks: [{ message: 'Go?\n\nthe plan' }] });
  });
});

describe('questions for agents', () => {
  const pool = async (by: Caller, more: object = {}) => {
    const answer = await call(by, 'workflow_status', { include: ['questions'], ...more });
    if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
    tool('workflow_status')?.output.parse(answer.structured);
    return answer.structured as unknown as Pick<RunView, 'questions' | 'warnings' | 'next'>;
  };
  const act = (by: Caller, ask: { run_id: string; question_id: string }, more: object) =>
    call(by, 'workflow_answer', { run_id: ask.run_id, question_id: ask.question_id, ...more });

  test('are listed across runs, oldest first, with those for the caller alone', async () => {
    const first = await waiting(forAgents());
    await waiting(approval());
    const second = await waiting(forAgents({ by: ['one'] }));
    const idsFor = async (name: string) => (await pool(agent(name))).questions.map(({ run_id }) => run_id);
    expect(await idsFor('one')).toEqual([first.run_id, second.run_id]);
    expect(await idsFor('two')).toEqual([first.run_id]);
    expect((await pool(agent('one'))).next).toEqual([
      {
        tool: 'workflow_answer',
        arguments: { run_id: first.run_id, question_id: first.question_id, claim: true },
        why: expect.stringContaining('claim'),
      },
    ]);
  });

  test('a claimed one leaves the pool, and only its holder answers', async () => {
    const ask = await waiting(forAgents());
    const claimed = viewOf(await act(agent('one'), ask, { claim: true, lease_seconds: 600 }));
    expect(claimed).toMatchObject({
      status: 'waiting',
      questions: [{ claimed_by: 'mcp:one', claimed_until: expect.any(String) }],
      next: [],
    });
    expect(await pool(agent('two'))).toMatchObject({
      questions: [],
      warnings: ['1 more is claimed by others'],
    });
    const refused = { code: 'claimed', data: { claimed_by: 'mcp:one' } };
    for (const more of [{ answer: 'a' }, { claim: true }, { renew: true }, { release: true }])
      expect(errorOf(await act(agent('two'), ask, more))).toMatchObject(refused);
    expect(errorOf(await act(agent('one'), ask, { claim: true }))).toMatchObject({
      code: 'claimed',
      hint: expect.stringContaining('renew: true'),
    });
    viewOf(await act(agent('one'), ask, { renew: true }));
    expect(viewOf(await act(agent('one'), ask, { answer: 'a' })).status).toBe('succeeded');
  });

  test('one that is given back is there for the others', async () => {
    const ask = await waiting(forAgents());
    await act(agent('one'), ask, { claim: true });
    await act(agent('one'), ask, { release: true });
    expect((await pool(agent('two'))).questions).toHaveLength(1);
    expect(errorOf(await act(agent('one'), ask, { renew: true }))).toMatchObject({ code: 'not_claimed' });
    expect(viewOf(await act(agent('two'), ask, { answer: 'b' })).status).toBe('succeeded');
  });

  test('that want capabilities go to whoever states them all', async () => {
    const wants = { by: ['one', 'two'], capabilities: ['browser', 'review:rust'] };
    const handed = { id: 'work', type: 'agent', prompt: 'Look.', providers: ['caller'], ...wants };
    const ask = await waiting(handed);
    expect(ask.question).toMatchObject(wants);
    expect(await pool(agent('one'), { capabilities: ['browser'] })).toMatchObject({
      questions: [],
      warnings: ['others want capabilities that were not stated: `review:rust`'],
    });
    const capabilities = ['review:rust', 'browser', 'more'];
    expect(await pool(agent('one'), { capabilities })).toMatchObject({
      questions: [{ run_id: ask.run_id, ...wants }],
      next: [{ arguments: { claim: true, capabilities } }],
    });
    expect((await pool(agent('three'), { capabilities })).questions).toEqual([]);
    const refused = { code: 'not_capable', data: { lacking: ['browser'] } };
    const claim = { claim: true, capabilities: ['review:rust'] };
    expect(errorOf(await act(agent('one'), ask, claim))).toMatchObject({
      ...refused,
      message: expect.stringContaining('`browser`, `review:rust`; the claim states `review:rust`'),
    });
    expect(errorOf(await act(agent('one'), ask, { claim: true }))).toMatchObject({ code: 'not_capable' });
    expect(errorOf(await act(agent('one'), ask, { answer: { text: 'a' } }))).toMatchObject({
      code: 'not_claimed',
      hint: expect.stringContaining('browser, review:rust'),
    });
    viewOf(await act(agent('one'), ask, { claim: true, capabilities }));
    viewOf(await act(agent('one'), ask, { renew: true }));
    expect((await pool(agent('one'))).questions).toHaveLength(1);
    const include = ['events'];
    const { events = [] } = viewOf(await scratch.call('workflow_status', { run_id: ask.run_id, include }));
    expect(events.find(({ type }) => type === 'question.claimed')).toMatchObject({ capabilities });
    expect(viewOf(await act(agent('one'), ask, { answer: { text: 'a' } })).status).toBe('succeeded');
    const other = await waiting(forAgents({ capabilities: ['browser'] }));
    expect(viewOf(await act(person('ann'), other, { answer: 'b' })).status).toBe('succeeded');
  });

  test('a person is not asked for by a claim', async () => {
    const ask = await waiting(approval());
    expect(errorOf(await act(agent('one'), ask, { claim: true }))).toMatchObject({ code: 'human_required' });
  });

  test('whoever waits for work hears of it', async () => {
    const listed = pool(agent('one'), { wait_seconds: 60 });
    const ask = await waiting(forAgents());
    expect((await listed).questions).toMatchObject([{ run_id: ask.run_id, prompt: 'Which?' }]);
  });

  test('without a run there are no other looks', async () => {
    expect(errorOf(await call(agent('one'), 'workflow_status', { include: ['log'] }))).toMatchObject({
      code: 'invalid_input',
    });
  });
});

describe('a signal', () => {
  test('is what the view of a waiting run asks for, and lets it go on', async () => {
    const { run, run_id } = await waiting({ id: 'gate', type: 'wait', signal: 'deployed', for: '1h' });
    expect(run).toMatchObject({
      status: 'waiting',
      steps: [{ status: 'waiting', signal: 'deployed', wakes_at: expect.any(String) }],
      next: [{ tool: 'workflow_answer', arguments: { run_id, signal: 'deployed' } }],
    });
    const sent = { run_id, signal: 'deployed', payload: { tag: 'v1' } };
    const after = viewOf(await call(agent('one'), 'workflow_answer', sent));
    expect(after).toMatchObject({ status: 'succeeded', steps: [{ outputs: { tag: 'v1' } }] });
    expect(errorOf(await call(agent('one'), 'workflow_answer', sent))).toMatchObject({ code: 'conflict' });
  });

  test('whose payload is too large is refused by its size', async () => {
    const { run_id } = await waiting({ id: 'gate', type: 'wait', signal: 'deployed' });
    const sent = { run_id, signal: 'deployed', payload: 'x'.repeat(70_000) };
    expect(errorOf(await call(agent('one'), 'workflow_answer', sent))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('70002 bytes, at most 65536'),
    });
  });

  test('to nobody is an unknown run', async () => {
    const sent = { run_id: 'r-0', signal: 'deployed' };
    expect(errorOf(await call(agent('one'), 'workflow_answer', sent))).toMatchObject({ code: 'unknown_run' });
  });
});

test.each([
  [{ question_id: 'q1' }, 'found none'],
  [{ question_id: 'q1', answer: 1, claim: true }, 'found `claim` and `answer`'],
  [{ answer: 1 }, '`question_id` is missing'],
  [{ question_id: 'q1', signal: 's' }, 'leave `question_id` out'],
  [{ question_id: 'q1', answer: 1, payload: 1 }, '`payload` goes with'],
  [{ question_id: 'q1', claim: true, digest: 'x' }, '`digest` goes with'],
  [{ question_id: 'q1', renew: true, capabilities: ['x'] }, '`capabilities` goes with'],
  [{ question_id: 'q1', release: true, lease_seconds: 9 }, '`lease_seconds` goes with'],
])('arguments %j are refused', async (args, message) => {
  expect(errorOf(await call(agent('one'), 'workflow_answer', { run_id: 'r-0', ...args }))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining(message),
  });
});
