/** The transition table as a whole: every status of a run and of a step against every event. */
import { describe, expect, test } from 'vitest';
import type { Event, EventType, RunStatus, StepStatus } from '../../../../src/engine/core/events.ts';
import { EVENT_TYPES } from '../../../../src/engine/core/events.ts';
import { evolve } from '../../../../src/engine/core/evolve.ts';
import type { CheckpointTaken } from '../../../../src/engine/core/rollback-events.ts';
import type { RunState } from '../../../../src/engine/core/state.ts';
import { foreach, group, repeat, step, workflow } from './build-workflow.ts';
import { failure } from './failure-example.ts';
import { created, replay } from './fake-host.ts';
import { fullSnapshot } from './snapshot.ts';

const oneStep = workflow([step('a', { undo: [step('u')] })]);
const start: Event = { type: 'step.started', step: 'a', attempt: 1 };
const succeed: Event = { type: 'step.succeeded', step: 'a', attempt: 1 };
const fail = (code = 'exit'): Event => ({
  type: 'step.failed',
  step: 'a',
  attempt: 1,
  failure: failure(code),
});
const ask: Event = {
  type: 'question.asked',
  question: 'q1',
  step: 'a',
  kind: 'input',
  prompt: '?',
  schema: {},
  asked_of: 'human',
  expires_at: 50,
};
const cached: Event = { type: 'step.cached', step: 'a', key: 'k', from: { run: 'r0', step: 'a' } };
const answer: Event = { type: 'question.answered', question: 'q1', answer: 1, by: 'ann' };
const begin: Event = { type: 'run.started' };
const finish: Event = { type: 'run.finished', status: 'succeeded' };
const interrupt: Event = { type: 'step.interrupted', step: 'a', attempt: 1, cause: 'reboot', again: false };
const pause: Event = { type: 'run.paused', reason: 'asked for' };
const rollBack: Event = { type: 'unwind.requested', strategy: 'graceful', by: 'ann' };
const unwind: Event = { type: 'unwind.started' };
const undo: Event = { type: 'undo.started', step: 'a' };
const undoWith = (event: Event): Event[] => [{ type: 'step.started', step: 'u', attempt: 1 }, event];
const undoOnce = undoWith({ type: 'step.succeeded', step: 'u', attempt: 1 });
const restored: Event = {
  type: 'restore.finished',
  checkpoint: 'before a',
  result: 'complete',
  created: 0,
  changed: 1,
  deleted: 0,
  kept: 0,
};
const taken = (why: CheckpointTaken['why'], of?: string): Event => ({
  type: 'checkpoint.taken',
  checkpoint: of === undefined ? 'rescue' : `before ${of}`,
  ...(of !== undefined && { step: of }),
  why,
  snapshot: 's',
  scope: { roots: ['/'], exclude: [], base: '/' },
  files: 1,
  bytes: 1,
  added_bytes: 1,
  duration_ms: 1,
});

function runAfter(events: readonly Event[], of = oneStep): RunState {
  return replay(
    [created(of), ...events].map((event, index) => ({
      run_id: 'r',
      seq: index + 1,
      at: index,
      epoch: 1,
      event,
    })),
  );
}

/** Applies the event; a refusal must leave the state exactly as it was. */
function isAllowed(run: RunState, event: Event): boolean {
  const before = fullSnapshot(run);
  const entry = { run_id: 'r', seq: run.seq + 1, at: 1_000, epoch: 2, event };
  const result = evolve(run, entry);
  if (result.ok) return true;
  expect(fullSnapshot(run)).toEqual(before);
  expect(result.error.event).toBe(event.type);
  expect(result.error.message).toMatch(/^[`\da-z]/);
  return false;
}

/** One well-formed example of each event for the run of one step `a`. */
const examples: { readonly [T in EventType]: Event } = {
  'run.created': created(oneStep),
  'run.claimed': { type: 'run.claimed', host: 'h' },
  'run.started': begin,
  'run.pause_requested': { type: 'run.pause_requested', by: 'ann' },
  'run.paused': pause,
  'run.resumed': { type: 'run.resumed', by: 'ann', from_step: 'a' },
  'run.cancel_requested': { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' },
  'run.timed_out': { type: 'run.timed_out' },
  'run.finished': { type: 'run.finished', status: 'stuck' },
  'step.scheduled': { type: 'step.scheduled', step: 'a' },
  'step.started': start,
  'step.succeeded': succeed,
  'step.failed': fail(),
  'step.retry_scheduled': { type: 'step.retry_scheduled', step: 'a', attempt: 2, at: 99 },
  'step.noted': { type: 'step.noted', step: 'a', attempt: 1, note: 'n' },
  'step.skipped': { type: 'step.skipped', step: 'a', reason: 'no' },
  'step.cached': cached,
  'step.stop_requested': { type: 'step.stop_requested', step: 'a', why: 'timeout' },
  'step.interrupted': interrupt,
  'question.asked': ask,
  'step.sleeping': { type: 'step.sleeping', step: 'a', attempt: 1, wake_at: 99 },
  'question.approved': { type: 'question.approved', question: 'q1', answer: true, by: 'bob' },
  'question.answered': answer,
  'question.claimed': { type: 'question.claimed', question: 'q1', by: 'bob', until: 5_000 },
  'question.released': { type: 'question.released', question: 'q1', by: 'bob' },
  'signal.received': { type: 'signal.received', name: 's', payload: 1, by: 'bob' },
  'question.expired': { type: 'question.expired', question: 'q1' },
  'cleanup.started': { type: 'cleanup.started' },
  'cleanup.finished': { type: 'cleanup.finished', failed: 0 },
  'checkpoint.taken': taken('asked', 'a'),
  'checkpoint.skipped': { type: 'checkpoint.skipped', step: 'a', reason: 'too large' },
  'unwind.requested': rollBack,
  'unwind.started': { type: 'unwind.started' },
  'undo.started': undo,
  'undo.succeeded': { type: 'undo.succeeded', step: 'a' },
  'undo.failed': { type: 'undo.failed', step: 'a', failure: failure('exit') },
  'restore.started': { type: 'restore.started', checkpoint: 'before a', operation: 'o' },
  'restore.finished': restored,
};

const again: EventType[] = ['run.resumed', 'unwind.requested'];
const undone: Event = { type: 'undo.succeeded', step: 'a' };
const back: Event = { type: 'run.finished', status: 'rolled_back' };

/** How a run gets into a status, and which of the example events it then takes. */
const runTable: {
  readonly [S in RunStatus]: readonly [Event[], EventType[]];
} = {
  queued: [
    [],
    [
      'run.claimed',
      'run.started',
      'run.pause_requested',
      'run.paused',
      'run.cancel_requested',
      'run.finished',
      'signal.received',
    ],
  ],
  running: [
    [begin, start],
    [
      'run.claimed',
      'run.pause_requested',
      'run.cancel_requested',
      'run.finished',
      'step.succeeded',
      'step.failed',
      'step.retry_scheduled',
      'step.interrupted',
      'question.asked',
      'signal.received',
      'checkpoint.taken',
      'checkpoint.skipped',
      'unwind.requested',
    ],
  ],
  waiting: [
    [begin, start, ask],
    [
      'run.claimed',
      'run.pause_requested',
      'run.paused',
      'run.cancel_requested',
      'run.finished',
      'step.succeeded',
      'step.failed',
      'step.retry_scheduled',
      'question.answered',
      'question.expired',
      'signal.received',
      'checkpoint.taken',
      'checkpoint.skipped',
      'unwind.requested',
    ],
  ],
  paused: [
    [begin, start, ask, pause],
    [
      'run.claimed',
      'run.resumed',
      'run.cancel_requested',
      'run.finished',
      'question.answered',
      'signal.received',
      'unwind.requested',
    ],
  ],
  rolling_back: [
    [begin, start, succeed, rollBack],
    ['run.claimed', 'run.finished', 'signal.received', 'unwind.started'],
  ],
  succeeded: [[begin, start, succeed, finish], again],
  partial: [[begin, start, succeed, { type: 'run.finished', status: 'partial' }], again],
  failed: [[begin, start, fail(), { type: 'run.finished', status: 'failed' }], again],
  cancelled: [[begin, start, fail('cancelled'), { type: 'run.finished', status: 'cancelled' }], again],
  rolled_back: [[begin, start, succeed, rollBack, unwind, undo, ...undoOnce, undone, back], []],
  stuck: [[begin, start, { type: 'run.finished', status: 'stuck' }], again],
};

describe('a run that is', () => {
  for (const [status, [events, allowed]] of Object.entries(runTable)) {
    test.each(EVENT_TYPES)(`${status} and meets %s`, (type) => {
      const run = runAfter(events);
      expect(run.status).toBe(status);
      expect(isAllowed(run, examples[type])).toBe(allowed.includes(type));
    });
  }

  test('not there takes nothing but its creation', () => {
    for (const type of EVENT_TYPES) {
      const result = evolve(undefined, { run_id: 'r', seq: 1, at: 0, epoch: 0, event: examples[type] });
      expect(result.ok, type).toBe(type === 'run.created');
    }
  });

  test('at another place of its journal takes nothing', () => {
    const run = runAfter([]);
    for (const seq of [0, 1, 3]) {
      expect(evolve(run, { run_id: 'r', seq, at: 0, epoch: 0, event: begin }).ok, `${seq}`).toBe(false);
    }
  });
});

const STEP_EVENTS = EVENT_TYPES.filter((type) => type.startsWith('step.') || type.startsWith('question.'));
type StepEventType = (typeof STEP_EVENTS)[number];

/** A step's way into a status beside a sibling that keeps the run live, and what it then takes. */
const stepTable: {
  readonly [S in Exclude<StepStatus, 'undone' | 'undo_failed'>]: readonly [Event[], StepEventType[]];
} = {
  pending: [[], ['step.started', 'step.skipped', 'step.cached', 'step.failed']],
  running: [
    [start],
    ['step.succeeded', 'step.failed', 'step.retry_scheduled', 'step.interrupted', 'question.asked'],
  ],
  waiting: [
    [start, ask],
    ['step.succeeded', 'step.failed', 'step.retry_scheduled', 'question.answered', 'question.expired'],
  ],
  succeeded: [[start, succeed], []],
  failed: [[start, fail()], []],
  soft_failed: [[start, fail()], []],
  skipped: [[{ type: 'step.skipped', step: 'a', reason: 'no' }], []],
  cached: [[cached], []],
  interrupted: [[start, interrupt], []],
  cancelled: [[start, fail('cancelled')], []],
};

describe('a step that is', () => {
  for (const [status, [events, allowed]] of Object.entries(stepTable)) {
    test.each(STEP_EVENTS)(`${status} and meets %s`, (type) => {
      const onFailure = status === 'soft_failed' ? 'continue' : 'stop';
      const other: Event = { type: 'step.started', step: 'other', attempt: 1 };
      const run = runAfter([begin, other, ...events], workflow([step('a', { onFailure }), step('other')]));
      expect(run.byKey.get('a')?.status).toBe(status);
      expect(isAllowed(run, examples[type])).toBe(allowed.includes(type));
    });
  }

  test('under way takes no end of another attempt', () => {
    for (const attempt of [0, 2]) {
      const run = runAfter([begin, start]);
      expect(isAllowed(run, { type: 'step.succeeded', step: 'a', attempt })).toBe(false);
      expect(isAllowed(run, { type: 'step.failed', step: 'a', attempt, failure: failure('exit') })).toBe(
        false,
      );
      expect(isAllowed(run, { ...interrupt, attempt } as Event)).toBe(false);
      expect(isAllowed(run, { type: 'step.retry_scheduled', step: 'a', attempt: attempt + 1, at: 9 })).toBe(
        false,
      );
    }
  });

  test('ready starts with the next attempt only', () => {
    for (const attempt of [0, 2])
      expect(isAllowed(runAfter([begin]), { type: 'step.started', step: 'a', attempt })).toBe(false);
  });

  test('not in the run takes nothing', () => {
    const run = runAfter([begin]);
    for (const type of STEP_EVENTS) {
      const event = { ...examples[type], step: 'nobody', question: 'nobody' } as Event;
      expect(isAllowed(run, event), type).toBe(false);
    }
  });

  test('waiting for its needs neither starts nor is skipped', () => {
    const run = runAfter([begin], workflow([step('z'), step('a', { needs: ['z'] })]));
    expect(STEP_EVENTS.filter((type) => isAllowed(run, examples[type]))).toEqual([]);
  });
});

describe('a block that is', () => {
  const loop = workflow([step('a', foreach(2, 1))]);
  const rounds = workflow([step('a', repeat(3))]);
  const nested = workflow([group('a', [step('b')])]);
  const open: Event = { type: 'step.scheduled', step: 'a' };
  const openLoop: Event = { type: 'step.scheduled', step: 'a', items: [1, 2], count: 2 };
  const take = (make: () => RunState) => STEP_EVENTS.filter((type) => isAllowedForBlock(make(), type));
  const cases: readonly [string, () => RunState, readonly StepEventType[]][] = [
    ['a ready group', () => runAfter([begin], nested), ['step.scheduled', 'step.failed', 'step.skipped']],
    ['an open group', () => runAfter([begin, open], nested), ['step.stop_requested']],
    ['a ready loop without items', () => runAfter([begin], loop), ['step.failed', 'step.skipped']],
    ['an open loop', () => runAfter([begin, openLoop], loop), ['step.stop_requested']],
    ['an open repeat', () => runAfter([begin, open], rounds), ['step.stop_requested']],
  ];

  /** Blocks count no attempts but rounds. */
  function isAllowedForBlock(run: RunState, type: EventType): boolean {
    const attempt = run.byKey.get('a')?.attempt ?? 0;
    const event = { ...examples[type], ...(type !== 'step.retry_scheduled' && { attempt }) } as Event;
    return isAllowed(run, event);
  }

  test.each(cases)('%s', (_, make, allowed) => {
    expect(take(make)).toEqual(allowed);
  });

  test('a group with all its steps done closes', () => {
    const inner: Event[] = [
      { type: 'step.started', step: 'b', attempt: 1 },
      { type: 'step.succeeded', step: 'b', attempt: 1 },
    ];
    expect(take(() => runAfter([begin, open, ...inner], nested))).toEqual([
      'step.succeeded',
      'step.failed',
      'step.stop_requested',
    ]);
  });

  test('a repeat after its round closes or goes on', () => {
    const round: Event[] = [
      { type: 'step.started', step: 'a[0]', attempt: 1 },
      { type: 'step.succeeded', step: 'a[0]', attempt: 1 },
    ];
    const after = [begin, open, ...round];
    expect(take(() => runAfter(after, rounds))).toEqual([
      'step.succeeded',
      'step.failed',
      'step.retry_scheduled',
      'step.stop_requested',
    ]);
    const waits: Event = { type: 'step.retry_scheduled', step: 'a', attempt: 2, at: 9 };
    expect(take(() => runAfter([...after, waits], rounds))).toEqual([
      'step.scheduled',
      'step.stop_requested',
    ]);
  });
});
