/** Random trials: a random workflow, and everything that may happen to its run in a random order. */
import fc from 'fast-check';
import { isFinal } from '../../../../src/engine/core/events.ts';
import { STRATEGIES, type Workflow } from '../../../../src/engine/core/model.ts';
import { isHalfBack } from '../../../../src/engine/core/rollback-state.ts';
import type { RunState } from '../../../../src/engine/core/state.ts';
import { anyWorkflow } from './build-workflow.ts';
import { FakeHost } from './fake-host.ts';

/** A small generator of numbers from 0 to 1 (mulberry32). */
export function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Trial {
  readonly workflow: Workflow;
  readonly seed: number;
  readonly slots: number;
  readonly failing: number;
  readonly caching: number;
  readonly turns: number;
}

export const anyTrial: fc.Arbitrary<Trial> = fc.record({
  workflow: anyWorkflow,
  seed: fc.integer(),
  slots: fc.integer({ min: 1, max: 4 }),
  failing: fc.constantFrom(0, 0.1, 0.3),
  caching: fc.constantFrom(0, 0.2, 0.5),
  turns: fc.nat(120),
});

type Move = (host: FakeHost, chance: () => number) => void;

const drive: Move = (host, chance) => {
  host.drive(chance() < 0.2 ? 1 + Math.floor(chance() * 3) : undefined);
};

const exit: Move = (host, chance) => {
  const process = host.processes[Math.floor(chance() * host.processes.length)];
  if (process && !host.over) host.exit(process);
};

const passTime: Move = (host, chance) => {
  host.now += Math.floor(chance() * 60);
};

const answer: Move = (host) => {
  const open = [...host.run.questions.values()].find((question) => question.status === 'open');
  if (open) host.answer(open);
};

const signal: Move = (host) => {
  if (!host.over && host.run.signals.size === 0) host.signal();
};

const claim: Move = (host, chance) => {
  const open = [...host.run.questions.values()].find(
    ({ status, askedOf, claim: held, approvals }) =>
      status === 'open' && askedOf === 'agent' && !held && !approvals,
  );
  if (!open) return;
  const until = host.now + 1 + Math.floor(chance() * 60);
  host.append({ type: 'question.claimed', question: open.id, by: 'claimer', until });
};

const cancel: Move = (host, chance) => {
  if (isFinal(host.run.status) || host.run.unwind) return;
  host.append({ type: 'run.cancel_requested', mode: chance() < 0.5 ? 'graceful' : 'immediate', by: 'test' });
};

const pause: Move = (host) => {
  if (!host.over && !host.run.unwind) host.append({ type: 'run.pause_requested', by: 'test' });
};

const resume: Move = (host, chance) => {
  if (!host.over || host.run.status === 'rolled_back' || isHalfWay(host.run)) return;
  const steps = [...host.run.byKey.values()].filter((step) => step.frame.root === 'steps');
  const from = steps[Math.floor(chance() * steps.length)];
  const fresh = chance() < 0.3 ? { inputs: { changed: host.run.seq } } : {};
  if (from && (chance() < 0.5 || host.run.status === 'succeeded'))
    host.append({ type: 'run.resumed', by: 'test', from_step: from.key, ...fresh });
  else if (host.run.status !== 'succeeded') host.append({ type: 'run.resumed', by: 'test', ...fresh });
};

const isHalfWay = ({ status, unwound }: RunState): boolean =>
  status === 'stuck' && unwound !== undefined && isHalfBack(unwound);

const rollBack: Move = (host, chance) => {
  const { run } = host;
  const strategy = STRATEGIES[Math.floor(chance() * STRATEGIES.length)]!;
  const names = [...run.checkpoints.keys()];
  const checkpoint = names[Math.floor(chance() * names.length)];
  if (run.unwind || run.status === 'queued' || run.status === 'rolled_back') return;
  if (strategy === 'checkpoint' && !checkpoint) return;
  const on_conflict = (['stop', 'keep', 'overwrite'] as const)[Math.floor(chance() * 3)]!;
  const to = strategy === 'checkpoint' && checkpoint ? { checkpoint } : {};
  host.append({ type: 'unwind.requested', strategy, by: 'test', on_conflict, ...to });
};

/** An invariant of the program broke. */
const bug: Move = (host) => {
  if (!host.over && host.world.failing > 0) host.append({ type: 'run.finished', status: 'stuck' });
};

const crash: Move = (host) => host.crash();

/** The machine restarts, or a host dies with its calls: what ran was lost or never began. */
const reboot: Move = (host, chance) => {
  host.crash();
  for (const step of host.processes) {
    const lost = chance() < 0.5 ? 'reboot' : 'host_died';
    if (!host.over) host.interrupt(step, chance() < 0.3 ? 'never_started' : lost);
  }
};

const often: readonly Move[] = [
  drive,
  drive,
  drive,
  drive,
  exit,
  exit,
  passTime,
  answer,
  signal,
  claim,
  crash,
];
const seldom: readonly Move[] = [cancel, pause, resume, resume, reboot, reboot, rollBack, bug];

/** Plays it to its end, or to where it waits for somebody. */
export function play(trial: Trial): FakeHost {
  const chance = chanceFrom(trial.seed);
  const { slots, failing, caching } = trial;
  const host = new FakeHost(trial.workflow, { chance, slots, failing, caching });
  for (let turn = 0; turn < trial.turns; turn += 1) {
    const moves = chance() < 0.12 ? seldom : often;
    moves[Math.floor(chance() * moves.length)]?.(host, chance);
  }
  host.settle();
  return host;
}
