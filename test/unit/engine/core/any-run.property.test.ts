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
import { anyTrial, chanceFrom, play } from './any-trial.ts';
import { FakeHost, replay } from './fake-host.ts';
import { plainCommands, snapshot } from './snapshot.ts';

const settings = {
  seed: Number(process.env.BELAY_TEST_SEED ?? 20_261_121),
  numRuns: Number(process.env.BELAY_TEST_RUNS ?? 150),
};

const rows = (all: Iterable<StepRow>): readonly StepRow[] =>
  [...all].sort((a, b) => (a.key < b.key ? -1 : 1));

describe('any run', { timeout: 240_000 }, () => {
  test('ends or pauses, whatever happens, and keeps the laws on the way', () => {
    fc.assert(
      fc.property(anyTrial, (trial) => {
        const { run } = play(trial);
        expect(isFinal(run.status) || run.status === 'paused').toBe(true);
        // a rollback is stuck because something in it failed, never because everything waits for everything
        expect(run.reason ?? '').not.toContain('have not been taken back');
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
