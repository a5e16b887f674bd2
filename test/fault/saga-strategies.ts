/** The four strategies, asked for by people at runs in every state, and back and forth between checkpoints. */
import { spawnSync } from 'node:child_process';
import type { Event } from '../../src/engine/core/events.ts';
import { isFinal } from '../../src/engine/core/events.ts';
import type { RunState } from '../../src/engine/core/state.ts';
import {
  act,
  inOrder,
  needs,
  outside,
  type People,
  type Place,
  rollback,
  rollbackAtEnd,
  type Saga,
  undo,
  waitFor,
} from './saga.ts';
import { atTop, isBack, LADDER_ORDER, ladder } from './saga-ladder.ts';
import { BUILT, EDIT, EDITED, onTop } from './saga-tree.ts';

const hasBegun = (run: RunState, step: string): boolean => (run.byKey.get(step)?.attempt ?? 0) > 0;

/** Stops the run in `publish`, which waits for them; and takes back what came of it. */
const stopped =
  (how: Event, strategy: 'immediate' | 'graceful'): People =>
  (run, place) => {
    if (run.cancel || run.pausing !== undefined) place.signal('go');
    if (isFinal(run.status) || run.status === 'paused')
      return run.status === 'rolled_back' ? undefined : rollback(strategy);
    return hasBegun(run, 'publish') && !place.has('go') && !run.cancel && run.pausing === undefined
      ? how
      : undefined;
  };

const atPublish = ladder({ after: { publish: waitFor('go') } });

const IN_EVERY_STATE = {
  'succeeded-run': { ...isBack, definition: ladder(), people: rollbackAtEnd('graceful') },
  'failed-run': { ...isBack, definition: ladder({ fails: 'migrate' }), people: rollbackAtEnd('immediate') },
  'partial-run': {
    ...isBack,
    definition: ladder({ after: { build: 'exit 5' }, more: { defaults: { on_failure: 'continue' } } }),
    people: rollbackAtEnd('graceful'),
  },
  'cancelled-run': {
    ...isBack,
    definition: atPublish,
    people: stopped({ type: 'run.cancel_requested', mode: 'graceful', by: 'ann' }, 'graceful'),
  },
  'paused-run': {
    ...isBack,
    definition: atPublish,
    people: stopped({ type: 'run.pause_requested', by: 'ann' }, 'immediate'),
  },
  'run-that-asks': {
    ...isBack,
    definition: {
      steps: [
        act('edit', EDIT),
        outside('account'),
        { id: 'go', type: 'approval', message: 'go on?' },
        act('never', 'touch ../outside/never'),
      ],
    },
    people: (run: RunState) => (run.status === 'waiting' ? rollback('graceful') : undefined),
  },
} satisfies { readonly [name: string]: Saga };

/** Writes files until it is stopped, and one more when it is told to stop. */
const WRITES = `trap 'echo late > late; exit 1' TERM
mkdir growing
touch ../signals/began
n=0; while [ $n -lt 15000 ]; do n=$((n + 1)); echo $n >> growing/$((n % 5)); echo $n > notes.txt; sleep 0.02; done`;

const whileItRuns = {
  ...isBack,
  order: [],
  definition: {
    steps: [
      outside('account'),
      { id: 'side', parallel: [act('writes', WRITES), act('waits', waitFor('go'))] },
      act('never', 'touch ../outside/never'),
    ],
  },
} as const;

const UNDER_WAY = {
  'immediate-while-files-are-written': {
    ...whileItRuns,
    people: (run: RunState, place: Place) =>
      place.has('began') && !run.unwind && !isFinal(run.status) ? rollback('immediate') : undefined,
  },
  'a-branch-fails-beside-others': {
    ...whileItRuns,
    definition: {
      steps: [
        outside('account'),
        {
          id: 'side',
          parallel: [
            act('writes', WRITES),
            act('waits', waitFor('go'), { undo: undo('waits', 'rm -f ../outside/waits') }),
            act('fails', `${waitFor('began')}\nexit 3`, { on_failure: 'rollback:immediate' }),
          ],
        },
      ],
    },
  },
  'graceful-while-a-step-runs': {
    ...isBack,
    definition: atPublish,
    people: (run: RunState, place: Place) => {
      if (run.unwind) place.signal('go');
      return hasBegun(run, 'publish') && !run.unwind && !isFinal(run.status)
        ? rollback('graceful')
        : undefined;
    },
  },
} satisfies { readonly [name: string]: Saga };

/** Repairs what made the step fail, and resumes. */
const repair: People = (run, place) => {
  if (run.status !== 'paused') return undefined;
  place.signal('fixed');
  return { type: 'run.resumed', by: 'ann' };
};

const backAt = (status: 'paused' | 'succeeded'): Pick<Saga, 'status' | 'order'> => ({
  status,
  order: LADDER_ORDER,
});

const CHECKPOINTS = {
  'back-at-the-last-checkpoint': {
    ...backAt('paused'),
    definition: ladder({ fails: 'notify', more: { on_failure: 'rollback:checkpoint' } }),
    tree: BUILT,
    outside: { account: '', publish: '' },
  },
  'back-at-a-named-checkpoint': {
    ...backAt('paused'),
    definition: ladder(),
    people: (run: RunState) =>
      run.status === 'succeeded' ? rollback('checkpoint', { checkpoint: 'build' }) : undefined,
    tree: EDITED,
    outside: { account: '' },
  },
  'back-and-on-to-success': {
    ...atTop,
    ...backAt('succeeded'),
    definition: ladder({ fails: 'notify', more: { on_failure: 'rollback:checkpoint' } }),
    people: repair,
  },
  'back-and-on-with-other-inputs': {
    ...atTop,
    ...backAt('succeeded'),
    definition: ladder({
      after: { notify: '[ {{ inputs.mode }} = good ] || exit 3' },
      more: { inputs: { mode: { type: 'string' } } },
    }),
    inputs: { mode: 'bad' },
    people: (run: RunState): Event | undefined => {
      if (run.status === 'paused') return { type: 'run.resumed', by: 'ann', inputs: { mode: 'good' } };
      return run.status === 'failed' ? rollback('checkpoint', { checkpoint: 'build' }) : undefined;
    },
  },
  'back-and-forth-and-all-back': {
    ...isBack,
    definition: ladder({ fails: 'migrate' }),
    people: (run: RunState, place: Place): Event | undefined => {
      if (run.status === 'failed') return rollback('checkpoint', { checkpoint: 'migrate' });
      if (run.status === 'succeeded') return rollback('graceful');
      if (run.status !== 'paused') return undefined;
      if (!run.checkpoints.has('migrate')) place.signal('fixed');
      else return rollback('checkpoint', { checkpoint: 'build' });
      return { type: 'run.resumed', by: 'ann' };
    },
  },
} satisfies { readonly [name: string]: Saga };

/** Does what an instruction says, by hand: the commands in its fence, or the files from the copy. */
function carryOut(prompt: string, place: Place): void {
  const script = /```sh\n([\s\S]*?)\n```/.exec(prompt)?.[1];
  const byHand = 'find . -mindepth 1 -delete; cp -a ../before/. .';
  const { status, stderr } = spawnSync('bash', ['-ec', script ?? byHand], { cwd: place.at('tree') });
  if (status !== 0) throw new Error(`by hand: ${stderr}`);
}

const byHand =
  (answerTo: (prompt: string) => 'done' | 'leave'): People =>
  (run, place) => {
    if (isFinal(run.status)) return run.status === 'rolled_back' ? undefined : rollback('manual');
    const open = [...run.questions.values()].find(({ status }) => status === 'open');
    if (!open) return undefined;
    const answer = answerTo(open.prompt);
    if (answer === 'done') carryOut(open.prompt, place);
    return { type: 'question.answered', question: open.id, answer, by: 'ann' };
  };

const onlyEffects = {
  steps: [
    act('account', 'touch ../outside/account', { undo: undo('account', 'rm -f ../outside/account') }),
    act('edit', EDIT),
    act('publish', 'touch ../outside/publish; echo 7', {
      outputs: { line: '{{ trim(stdout) }}' },
      undo: undo('publish', '[ {{ outputs.line }} = 7 ]; rm -f ../outside/publish'),
    }),
    act('fails', `echo x > more; ${needs('fixed')}`),
  ],
} as const;

const MANUAL = {
  'manual-all-carried-out': {
    ...isBack,
    order: inOrder('account', 'publish'),
    definition: onlyEffects,
    people: byHand(() => 'done'),
  },
  'manual-by-policy-undos-left': {
    ...isBack,
    order: [],
    definition: { ...onlyEffects, on_failure: 'rollback:manual' },
    people: byHand((prompt) => (prompt.includes('Undo step') ? 'leave' : 'done')),
    outside: { account: '', publish: '' },
    stays: ['account', 'publish'],
  },
  'manual-files-left': {
    ...isBack,
    order: inOrder('account', 'publish'),
    definition: onlyEffects,
    people: byHand((prompt) => (prompt.includes('Undo step') ? 'done' : 'leave')),
    tree: onTop(EDITED, { more: 'x\n' }),
    stays: ['edit', 'fails'],
  },
} satisfies { readonly [name: string]: Saga };

export const STRATEGY_SAGAS = { ...IN_EVERY_STATE, ...UNDER_WAY, ...CHECKPOINTS, ...MANUAL };
