/** Runs of other shapes: side by side, in loops, with captured state, lives that began anew, and what stays as it is. */
import type { Event } from '../../src/engine/core/events.ts';
import type { RunState } from '../../src/engine/core/state.ts';
import { act, inOrder, needs, outside, type Place, rollback, type Saga, undo } from './saga.ts';
import { isBack } from './saga-ladder.ts';
import { BUILD, BUILT, EDIT, EDITED, MIGRATE, MIGRATED } from './saga-tree.ts';

const ROLLS_BACK = { on_failure: 'rollback' };

const EACH = ['each-a', 'each-b', 'each-c', 'each-d'];
const ROUNDS = ['round-1', 'round-2', 'round-3'];

const rounds = {
  id: 'rounds',
  command: `n=$(($(ls ../outside | grep -c round || true) + 1))
echo "do round-$n" >> ../log
touch ../outside/round-$n
echo $n`,
  outputs: { n: '{{ trim(stdout) }}' },
  repeat: { max: 3, delay: '10ms' },
  undo: undo('round-{{ outputs.n }}', 'rm -f ../outside/round-{{ outputs.n }}'),
};

/** `branch` and `later` in one arm and files in another; a loop and rounds behind them. */
const wide = (branchUndo: object): object => ({
  ...ROLLS_BACK,
  steps: [
    act('edit', EDIT),
    outside('start'),
    {
      id: 'side',
      parallel: [
        {
          id: 'arm',
          steps: [act('branch', 'touch ../outside/branch', { undo: branchUndo }), outside('later')],
        },
        outside('right'),
        act('files', BUILD),
      ],
    },
    act(
      'each',
      'touch ../outside/each-{{ item }}',
      {
        foreach: ['a', 'b', 'c', 'd'],
        max_parallel: 2,
        undo: undo('each-{{ item }}', 'rm -f ../outside/each-{{ item }}'),
      },
      'each-{{ item }}',
    ),
    rounds,
    act('last', `${MIGRATE}\nexit 3`),
  ],
});

const WIDE_ORDER = [
  ...inOrder('start', 'branch', 'later'),
  ...inOrder('start', 'right'),
  ...EACH.flatMap((each) => ['branch', 'later', 'right'].flatMap((arm) => inOrder(arm, each, ...ROUNDS))),
];

const SIDE_BY_SIDE = {
  'wide-run': {
    ...isBack,
    definition: wide(undo('branch', 'rm -f ../outside/branch')),
    order: WIDE_ORDER,
  },
  'wide-run-with-a-branch-stuck': {
    definition: wide(undo('branch', needs('mended'))),
    status: 'stuck',
    tree: MIGRATED,
    outside: { start: '', branch: '' },
    undoFailed: ['branch'],
    order: WIDE_ORDER,
  },
} satisfies { readonly [name: string]: Saga };

const DATABASE = '../outside/database';

/** A checkpoint in the middle keeps what a command says of a database, and gives it back. */
const captured = (more: object): object => ({
  steps: [
    act('create', `echo one > ${DATABASE}`, { undo: undo('create', `rm -f ${DATABASE}`) }),
    act('edit', EDIT),
    {
      id: 'dump',
      type: 'checkpoint',
      name: 'whole',
      capture: [`cat ${DATABASE}`, 'cat notes.txt'],
      restore: [`cat > ${DATABASE}`, 'test "$(cat)" = edited'],
    },
    act('fill', `echo two >> ${DATABASE}\n${BUILD}`),
    act('fails', `rm ${DATABASE}\n${needs('fixed')}\necho three > ${DATABASE}`, more),
  ],
});

const CAPTURED = {
  'captured-state': {
    ...isBack,
    definition: { ...captured({}), ...ROLLS_BACK },
    order: [],
  },
  'back-at-captured-state': {
    definition: captured({ on_failure: 'rollback:checkpoint' }),
    status: 'paused',
    tree: EDITED,
    outside: { database: 'one\n' },
    order: [],
  },
  'back-at-captured-state-and-on': {
    definition: captured({}),
    people: (run: RunState, place: Place): Event | undefined => {
      if (run.status === 'failed') return rollback('checkpoint', { checkpoint: 'whole' });
      if (run.status !== 'paused') return undefined;
      place.signal('fixed');
      return { type: 'run.resumed', by: 'ann' };
    },
    status: 'succeeded',
    tree: BUILT,
    outside: { database: 'three\n' },
    order: [],
  },
} satisfies { readonly [name: string]: Saga };

/** Its own undo works on files of the tree, beside what the checkpoint brings back. */
const undoOnFiles = {
  steps: [
    act('mark', 'echo marked > mark', { undo: undo('mark', 'rm -f mark') }),
    act('edit', EDIT),
    act('mark-more', 'echo more >> mark', {
      undo: undo('mark-more', 'echo marked > mark; [ ! -e old/file ]'),
    }),
    act('build', `${BUILD}\nexit 3`, { on_failure: 'rollback:immediate' }),
  ],
};

const flaky = act('flaky', 'echo x >> flaky; touch ../outside/flaky; [ "$(wc -l < flaky)" -ge 3 ]', {
  retry: { attempts: 3, delay: '10ms', jitter: 0 },
  undo: undo('flaky', 'rm -f ../outside/flaky'),
  checkpoint: true,
});

const LIVES = {
  'attempts-of-one-step': {
    ...isBack,
    definition: { steps: [flaky, act('fails', 'rm flaky; exit 3', { on_failure: 'rollback' })] },
    order: [],
  },
  'resumed-then-taken-back': {
    ...isBack,
    definition: {
      steps: [
        act('edit', EDIT),
        outside('account'),
        act('build', `rm -rf old; echo file > old; rm -rf empty; ${needs('fixed')}`),
      ],
    },
    people: (run: RunState, place: Place): Event | undefined => {
      if (run.status === 'succeeded') return rollback('graceful');
      if (run.status !== 'failed') return undefined;
      place.signal('fixed');
      return { type: 'run.resumed', by: 'ann', from_step: 'account' };
    },
    order: [],
  },
  'undone-steps-of-files': {
    ...isBack,
    definition: undoOnFiles,
    anyFolderTimes: true,
    order: inOrder('mark', 'mark-more'),
  },
} satisfies { readonly [name: string]: Saga };

const STAYS = {
  'some-of-it-stays': {
    definition: {
      ...ROLLS_BACK,
      checkpoints: false,
      steps: [
        outside('account'),
        act('mail', 'echo sent >> ../outside/mail', { effects: 'remote', irreversible: 'it was sent' }),
        act('call', 'echo called >> ../outside/call', { effects: 'remote' }),
        outside('publish'),
        act('fails', 'exit 3', { effects: 'none' }),
      ],
    },
    status: 'rolled_back',
    tree: 'before',
    outside: { mail: 'sent\n', call: 'called\n' },
    stays: ['mail', 'call'],
    order: inOrder('account', 'publish'),
  },
  'steps-of-an-undo': {
    ...isBack,
    definition: {
      ...ROLLS_BACK,
      steps: [
        act('account', 'touch ../outside/account; mkdir ../signals/left ../signals/right', {
          undo: [
            { id: 'both', parallel: [{ command: 'rm -rf ../signals/left' }, { command: 'true' }] },
            { id: 'unless', when: "status == 'failed'", command: 'exit 9' },
            undo('account', 'rm -f ../outside/account'),
          ],
        }),
        act('skipped', 'touch ../outside/skipped', { when: 'false', undo: 'exit 9' }),
        outside('publish'),
        act('fails', `${MIGRATE}\nexit 3`),
      ],
      cleanup: [{ id: 'sweep', command: 'rm -rf ../signals/right' }],
    },
    order: inOrder('account', 'publish'),
  },
} satisfies { readonly [name: string]: Saga };

export const SHAPE_SAGAS = { ...SIDE_BY_SIDE, ...CAPTURED, ...LIVES, ...STAYS };
