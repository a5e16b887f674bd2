/**
 * The ladder: six steps one upon the other, files and effects outside in turn, with an automatic, an asked and a
 * destructive step's checkpoint between them. Every step in turn fails, every undo in turn fails once and for ever.
 */
import { act, inOrder, needs, type People, rollback, type Saga, type Texts, undo } from './saga.ts';
import { BUILD, BUILT, EDIT, EDITED, MIGRATE, MIGRATED } from './saga-tree.ts';

const STEPS = ['edit', 'account', 'build', 'publish', 'migrate', 'notify'] as const;
export type LadderStep = (typeof STEPS)[number];
type UndoneStep = 'account' | 'publish' | 'notify';
const UNDONE: readonly UndoneStep[] = ['account', 'publish', 'notify'];

export interface LadderTerms {
  /** Fails until people give the signal `fixed`. */
  readonly fails?: LadderStep;
  /** Its undo fails once, and is tried again; or until people give the signal `mended`. */
  readonly undoFails?: { readonly step: UndoneStep; readonly until: 'retry' | 'mended' };
  /** What stands behind the effects of a step. */
  readonly after?: { readonly [step in LadderStep]?: string };
  /** Of the whole workflow. */
  readonly more?: object;
}

/** What a step of the ladder does, and what must be as it was right after it when its undo comes. */
const ACTS: { readonly [step in LadderStep]: readonly [command: string, more?: object] } = {
  edit: [EDIT],
  account: ['touch ../outside/account'],
  build: [BUILD, { checkpoint: true }],
  publish: ['touch ../outside/publish; echo 7', { outputs: { line: '{{ trim(stdout) }}' } }],
  migrate: [MIGRATE, { destructive: true }],
  notify: ['touch ../outside/notify'],
};

const UNDOS: { readonly [step in UndoneStep]: string } = {
  account: '[ -d old ]; rm -f ../outside/account',
  publish:
    '[ -f docs/guide.md ]; line={{ default(outputs.line, "none") }}; [ $line = 7 ] || [ $line = none ]; rm -f ../outside/publish',
  notify: 'rm -f ../outside/notify',
};

function undoOf(step: UndoneStep, { undoFails }: LadderTerms): object {
  if (undoFails?.step !== step) return undo(step, UNDOS[step]);
  if (undoFails.until === 'mended') return undo(step, `${needs('mended')}\n${UNDOS[step]}`);
  const once = `if mkdir ../signals/tried 2>/dev/null; then exit 4; fi`;
  return undo(step, `${once}\n${UNDOS[step]}`, { retry: { attempts: 2, delay: '10ms', jitter: 0 } });
}

export function ladder(terms: LadderTerms = {}): object {
  const steps = STEPS.map((id) => {
    const [command, more] = ACTS[id];
    const lines = [command, terms.after?.[id] ?? '', terms.fails === id ? needs('fixed') : ''];
    const undone = UNDONE.find((each) => each === id);
    return act(id, lines.filter((line) => line !== '').join('\n'), {
      ...more,
      ...(undone && { undo: undoOf(undone, terms) }),
    });
  });
  return { steps, ...terms.more };
}

export const LADDER_ORDER = inOrder(...UNDONE);
const ROLLS_BACK = { on_failure: 'rollback' };

export const isBack: Pick<Saga, 'status' | 'tree' | 'outside' | 'order'> = {
  status: 'rolled_back',
  tree: 'before',
  outside: {},
  order: LADDER_ORDER,
};

/** All that the ladder leaves when nothing goes wrong. */
export const atTop: Pick<Saga, 'tree' | 'outside' | 'order'> = {
  tree: MIGRATED,
  outside: { account: '', publish: '', notify: '' },
  order: LADDER_ORDER,
};

const failing = (step: LadderStep, policy: string): Saga => ({
  ...isBack,
  definition: ladder({ fails: step, more: { on_failure: policy } }),
});

/** Every step in turn, with each way of taking back what has run. */
const FAILING_STEPS = {
  'edit-fails': failing('edit', 'rollback'),
  'account-fails': failing('account', 'rollback:immediate'),
  'build-fails': failing('build', 'rollback:graceful'),
  'publish-fails': failing('publish', 'rollback'),
  'migrate-fails': failing('migrate', 'rollback:immediate'),
  'notify-fails': failing('notify', 'rollback'),
} as const;

const tried = (step: UndoneStep): Saga => ({
  ...isBack,
  definition: ladder({ fails: 'notify', undoFails: { step, until: 'retry' }, more: ROLLS_BACK }),
});

/** Stuck; then somebody mends what was wrong and asks again. */
const mend: People = (run, place) => {
  if (run.status !== 'stuck') return undefined;
  place.signal('mended');
  return rollback('graceful');
};

const mended = (step: UndoneStep): Saga => ({
  ...isBack,
  definition: ladder({ fails: 'notify', undoFails: { step, until: 'mended' }, more: ROLLS_BACK }),
  people: mend,
});

/** Asked for once more without anything mended. */
const insist: People = (run) =>
  run.status === 'stuck' && !run.unwound?.goesOn ? rollback('immediate') : undefined;

const stuckAt = (step: UndoneStep, tree: Texts): Saga => ({
  definition: ladder({ fails: 'notify', undoFails: { step, until: 'mended' }, more: ROLLS_BACK }),
  people: insist,
  status: 'stuck',
  tree,
  outside: Object.fromEntries(UNDONE.slice(0, UNDONE.indexOf(step) + 1).map((name) => [name, ''])),
  undoFailed: [step],
  order: LADDER_ORDER,
});

const FAILING_UNDOS = {
  'undo-of-account-tried-twice': tried('account'),
  'undo-of-publish-tried-twice': tried('publish'),
  'undo-of-notify-tried-twice': tried('notify'),
  'undo-of-account-mended': mended('account'),
  'undo-of-publish-mended': mended('publish'),
  'undo-of-notify-mended': mended('notify'),
  'undo-of-account-fails': stuckAt('account', EDITED),
  'undo-of-publish-fails': stuckAt('publish', BUILT),
  'undo-of-notify-fails': stuckAt('notify', MIGRATED),
} as const;

export const LADDER_SAGAS = { ...FAILING_STEPS, ...FAILING_UNDOS };
