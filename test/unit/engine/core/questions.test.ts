/** Several approvals, claims and who may answer: the rules of the transition table, whoever checks them before. */
import { describe, expect, test } from 'vitest';
import { isNamed, isSamePerson } from '../../../../src/engine/core/answerers.ts';
import { decide, nextTimerAfter } from '../../../../src/engine/core/decide.ts';
import type { Event } from '../../../../src/engine/core/events.ts';
import { evolve } from '../../../../src/engine/core/evolve.ts';
import type { Json } from '../../../../src/engine/core/model.ts';
import type { QuestionAsked } from '../../../../src/engine/core/question-events.ts';
import type { RunState } from '../../../../src/engine/core/state.ts';
import { step, workflow } from './build-workflow.ts';
import { created, replay } from './fake-host.ts';
import { snapshot } from './snapshot.ts';

/** A run, created by `test`, whose only step asks. */
function asking(more: Partial<QuestionAsked>): RunState {
  const events: Event[] = [
    created(workflow([step('a')])),
    { type: 'run.started' },
    { type: 'step.started', step: 'a', attempt: 1 },
    {
      type: 'question.asked',
      question: 'q1',
      step: 'a',
      kind: 'approval',
      prompt: '?',
      schema: {},
      asked_of: 'human',
      ...more,
    },
  ];
  return replay(events.map((event, index) => ({ run_id: 'r', seq: index + 1, at: 0, epoch: 1, event })));
}

/** What is wrong with the event, or undefined once it is applied. A refusal changes nothing. */
function meet(run: RunState, event: Event, at = 10): string | undefined {
  const before = snapshot(run);
  const result = evolve(run, { run_id: 'r', seq: run.seq + 1, at, epoch: 1, event });
  if (result.ok) return undefined;
  expect(snapshot(run)).toEqual(before);
  return result.error.message;
}

const approve = (by: string, answer: Json = true): Event => ({
  type: 'question.approved',
  question: 'q1',
  answer,
  by,
});
const answer = (by: string, said: Json = true): Event => ({
  type: 'question.answered',
  question: 'q1',
  answer: said,
  by,
});
const claim = (by: string, until = 100): Event => ({ type: 'question.claimed', question: 'q1', by, until });
const release = (by: string): Event => ({ type: 'question.released', question: 'q1', by });
const questionOf = (run: RunState) => run.questions.get('q1')!;

describe('of three approvals', () => {
  const three = () => asking({ answerers: { approvals: 3 } });

  test('two are noted and the third answers', () => {
    const run = three();
    expect(meet(run, approve('cli:ann'))).toBeUndefined();
    expect(meet(run, approve('cli:bob', { approved: true, reason: 'fine' }))).toBeUndefined();
    expect(run.status).toBe('waiting');
    expect(meet(run, answer('cli:cem'))).toBeUndefined();
    expect(questionOf(run)).toMatchObject({
      status: 'answered',
      by: 'cli:cem',
      approvals: [
        { by: 'cli:ann', answer: true },
        { by: 'cli:bob', answer: { approved: true, reason: 'fine' } },
      ],
    });
    expect(decide(run, 10, 1)).toMatchObject([{ kind: 'resolve' }]);
  });

  test('an early answer is none, and a late note is none', () => {
    const run = three();
    expect(meet(run, answer('cli:ann'))).toContain('needs 3 people');
    meet(run, approve('cli:ann'));
    meet(run, approve('cli:bob'));
    expect(meet(run, approve('cli:cem'))).toContain('takes its answer');
  });

  test('one person counts once, at whatever face', () => {
    const run = three();
    meet(run, approve('cli:ann'));
    for (const event of [approve('cli:ann'), approve('rest:ann'), answer('rest:ann', false)])
      expect(meet(run, event)).toContain('approved `q1` before');
  });

  test('a rejection ends it, whoever has approved', () => {
    const run = three();
    meet(run, approve('cli:ann'));
    expect(meet(run, approve('cli:bob', false))).toContain('no approval');
    expect(meet(run, answer('cli:bob', { approved: false }))).toBeUndefined();
    expect(questionOf(run)).toMatchObject({ status: 'answered', answer: { approved: false } });
  });
});

test('whoever created the run, or changed its inputs, does not answer where the step says so', () => {
  const run = asking({ answerers: { not_requester: true } });
  meet(run, { type: 'run.paused', reason: 'asked for' });
  expect(meet(run, { type: 'run.resumed', by: 'cli:bob', inputs: { a: 1 } })).toBeUndefined();
  expect(meet(run, { type: 'run.paused', reason: 'asked for' })).toBeUndefined();
  expect(meet(run, { type: 'run.resumed', by: 'cli:ann' })).toBeUndefined();
  for (const by of ['test', 'cli:test', 'cli:bob'])
    expect(meet(run, answer(by))).toContain(`\`${by}\` has created the run`);
  expect(meet(run, answer('cli:ann'))).toBeUndefined();
});

describe('a claim', () => {
  const forAgents = () => asking({ kind: 'agent', asked_of: 'agent' });

  test('keeps others from answering and claiming until its time is over', () => {
    const run = forAgents();
    expect(meet(run, claim('mcp:one'))).toBeUndefined();
    for (const event of [answer('mcp:two'), claim('mcp:two', 200)])
      expect(meet(run, event, 99)).toContain('claimed by `mcp:one`');
    expect(meet(run, answer('mcp:two'), 100)).toBeUndefined();
  });

  test('is prolonged by its holder, and answered by its holder', () => {
    const run = forAgents();
    meet(run, claim('mcp:one'));
    expect(meet(run, claim('mcp:one', 500))).toBeUndefined();
    expect(meet(run, answer('mcp:two'), 200)).toContain('claimed');
    expect(meet(run, answer('mcp:one'), 200)).toBeUndefined();
    expect(nextTimerAfter(run, 0)).toBeUndefined();
  });

  test('is given back by its holder alone', () => {
    const run = forAgents();
    expect(meet(run, release('mcp:one'))).toContain('is not claimed');
    meet(run, claim('mcp:one'));
    expect(meet(run, release('mcp:two'))).toContain('is not claimed by `mcp:two`');
    expect(meet(run, release('mcp:one'))).toBeUndefined();
    expect(meet(run, claim('mcp:two'))).toBeUndefined();
  });

  test('has a timer that gives it back', () => {
    const run = forAgents();
    meet(run, claim('mcp:one'));
    expect(nextTimerAfter(run, 10)).toBe(100);
    expect(decide(run, 99, 1)).toEqual([]);
    expect(decide(run, 100, 1)).toMatchObject([{ kind: 'release', question: { id: 'q1' } }]);
    meet(run, release('mcp:one'), 100);
    expect(decide(run, 100, 1)).toEqual([]);
  });

  test('of a question for a person, of the past, or of one that is closed is refused', () => {
    expect(meet(asking({}), claim('mcp:one'))).toContain('is for a person');
    expect(meet(forAgents(), claim('mcp:one', 10))).toContain('over before it begins');
    const run = forAgents();
    meet(run, answer('mcp:two'));
    expect(meet(run, claim('mcp:one'))).toContain('not open');
  });
});

test.each([
  [['ann'], 'cli:ann', 'human', true],
  [['cli:ann'], 'cli:ann', 'human', true],
  [['cli:ann'], 'rest:ann', 'human', false],
  [['ann'], 'cli:annette', 'human', false],
  [['ann'], 'mcp:ann', 'human', false],
  [['mcp:ann'], 'mcp:ann', 'human', true],
  [['ann'], 'mcp:ann', 'agent', true],
  [['ann'], 'ann', 'human', true],
  [[], 'cli:ann', 'human', false],
] as const)('%j names %s, of a %s: %s', (names, caller, askedOf, isOne) => {
  expect(isNamed(names, caller, askedOf)).toBe(isOne);
});

test('one person is one at every face', () => {
  expect(isSamePerson('cli:ann', 'rest:ann')).toBe(true);
  expect(isSamePerson('cli:ann', 'cli:bob')).toBe(false);
});
