/**
 * Random workflows under random interleavings of everything that may happen to a run. The laws are checked after
 * each event by the fake host. A failing seed is printed; `BELAY_TEST_SEED` and `BELAY_TEST_RUNS` run others.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../../../src/engine/core/decide.ts';
import { isFinal } from '../../../../src/engine/core/events.ts';
import type { Workflow } from '../../../../src/engine/core/model.ts';
import type { StepRow } from '../../../../src/engine/core/ports.ts';
import { forgetTouched, takeProjection } from '../../../../src/engine/core/projection.ts';
import { anyWorkflow } from './build-workflow.ts';
import { FakeHost, replay } from './fake-host.ts';
import { plainCommands, snapshot } from './snapshot.ts';

const settings = {
  seed: Number(process.env.BELAY_TEST_SEED ?? 20_261_121),
  numRuns: Number(process.env.BELAY_TEST_RUNS ?? 150),
};

/** A small generator of numbers from 0 to 1 (mulberry32). */
function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Trial {
  readonly workflow: Workflow;
  readonly seed: number;
  readonly slots: number;
  readonly failing: number;
  readonly turns: number;
}

const anyTrial: fc.Arbitrary<Trial> = fc.record({
  workflow: anyWorkflow,
  seed: fc.integer(),
  slots: fc.integer({ min: 1, max: 4 }),
  failing: fc.constantFrom(0, 0.1, 0.3),
  turns: fc.nat(60),
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
  if (open) host.append({ type: 'question.answered', question: open.id, answer: true, by: 'test' });
};

const cancel: Move = (host, chance) => {
  if (isFinal(host.run.status)) return;
  host.append({ type: 'run.cancel_requested', mode: chance() < 0.5 ? 'graceful' : 'immediate', by: 'test' });
};

const pause: Move = (host) => {
  if (!host.over) host.append({ type: 'run.pause_requested', by: 'test' });
};

const resume: Move = (host, chance) => {
  if (!host.over) return;
  const steps = [...host.run.byKey.values()].filter((step) => step.frame.root === 'steps');
  const from = steps[Math.floor(chance() * steps.length)];
  const fresh = chance() < 0.3 ? { inputs: { changed: host.run.seq } } : {};
  if (from && (chance() < 0.5 || host.run.status === 'succeeded'))
    host.append({ type: 'run.resumed', by: 'test', from_step: from.key, ...fresh });
  else if (host.run.status !== 'succeeded') host.append({ type: 'run.resumed', by: 'test', ...fresh });
};

const crash: Move = (host) => host.crash();

/** The machine restarts: what ran was lost or never began. */
const reboot: Move = (host, chance) => {
  host.crash();
  for (const step of host.processes) {
    if (!host.over) host.interrupt(step, chance() < 0.3 ? 'never_started' : 'reboot');
  }
};

const often: readonly Move[] = [drive, drive, drive, drive, exit, exit, passTime, answer, crash];
const seldom: readonly Move[] = [cancel, pause, resume, resume, reboot];

function play(trial: Trial): FakeHost {
  const chance = chanceFrom(trial.seed);
  const host = new FakeHost(trial.workflow, { chance, slots: trial.slots, failing: trial.failing });
  for (let turn = 0; turn < trial.turns; turn += 1) {
    const moves = chance() < 0.12 ? seldom : often;
    moves[Math.floor(chance() * moves.length)]?.(host, chance);
  }
  host.settle();
  return host;
}

const rows = (all: Iterable<StepRow>): readonly StepRow[] =>
  [...all].sort((a, b) => (a.key < b.key ? -1 : 1));

describe('any run', { timeout: 240_000 }, () => {
  test('ends or pauses, whatever happens, and keeps the laws on the way', () => {
    fc.assert(
      fc.property(anyTrial, (trial) => {
        const { run } = play(trial);
        expect(isFinal(run.status) || run.status === 'paused').toBe(true);
        expect(run.status).not.toBe('stuck');
      }),
      settings,
    );
  });

  test('is the same after a replay of any prefix, and so is what happens next', () => {
    fc.assert(
      fc.property(anyTrial, (trial) => {
        const host = play(trial);
        const again = replay(host.entries, (run, index) => {
          const { now, commands } = host.decided[index]!;
          expect(plainCommands(decide(run, now, trial.slots))).toEqual(commands);
        });
        expect(snapshot(again)).toEqual(snapshot(host.run));
      }),
      settings,
    );
  });

  test('has projections that equal those made from scratch', () => {
    fc.assert(
      fc.property(anyTrial, (trial) => {
        const host = play(trial);
        const scratch = takeProjection(replay(host.entries));
        const fromScratch = new Map(scratch.steps.map((row) => [row.key, row]));
        expect(rows(host.stepRows.values())).toEqual(rows(fromScratch.values()));
        expect([...host.questionRows.values()]).toEqual(scratch.questions);
        for (const step of host.run.byKey.values()) {
          const status = host.stepRows.get(step.key)?.status ?? 'pending';
          expect(status, step.key).toBe(step.status);
        }
        forgetTouched(host.run);
        expect({ ...takeProjection(host.run) }).toEqual({ ...scratch, steps: [], questions: [] });
      }),
      settings,
    );
  });

  test('that nobody disturbs and where nothing fails succeeds with every step done', () => {
    fc.assert(
      fc.property(anyTrial, (trial) => {
        const chance = chanceFrom(trial.seed);
        const calm = { ...trial.workflow, steps: trial.workflow.steps.filter((step) => isCalm(step)) };
        fc.pre(calm.steps.length > 0);
        const host = new FakeHost(withoutLostNeeds(calm), { chance, slots: trial.slots, failing: 0 });
        host.settle();
        expect(host.run.status).toBe('succeeded');
        expect(host.run.done).toBe(host.run.total);
      }),
      settings,
    );
  });
});

/** Neither out of time nor out of rounds by chance. */
function isCalm(step: Workflow['steps'][number]): boolean {
  return (
    !step.repeat && step.timeoutMs === undefined && step.type !== 'ask' && (step.body ?? []).every(isCalm)
  );
}

function withoutLostNeeds(workflow: Workflow): Workflow {
  const ids = new Set(workflow.steps.map((step) => step.id));
  const steps = workflow.steps.map((step) => ({
    ...step,
    needs: step.needs.filter((need) => ids.has(need)),
  }));
  return { ...workflow, steps, cleanup: [] };
}
