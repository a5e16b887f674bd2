/** A run's whole state as plain data, so that two states can be compared and nothing is missed. */
import type { Command } from '../../../../src/engine/core/decide.ts';
import type { CheckpointState, UnwindItem, UnwindState } from '../../../../src/engine/core/rollback-state.ts';
import type { Frame, RunState, StepState } from '../../../../src/engine/core/state.ts';

const keys = (steps: Iterable<StepState>): string[] => [...steps].map((one) => one.key);

function frameOf(frame: Frame): unknown {
  const { owner, children, failed, held, ...rest } = frame;
  return {
    ...rest,
    owner: owner?.key,
    failed: failed?.key,
    held: held && keys(held),
    children: [...children].map(([slot, child]) => [slot, stepOf(child)]),
  };
}

function stepOf(state: StepState): unknown {
  const { frame, body, step, ...rest } = state;
  return { ...rest, id: step.id, root: frame.root, body: body && frameOf(body) };
}

const checkpointOf = ({ step, older, ...rest }: CheckpointState): object => ({
  ...rest,
  step: step?.key,
  older: older && checkpointOf(older),
});

function itemOf(item: UnwindItem): object {
  if (item.kind === 'restore') return { ...item, checkpoint: item.checkpoint.id };
  return { ...item, step: stepOf(item.step), body: item.body && frameOf(item.body) };
}

function unwindOf(unwind: UnwindState): object {
  const { items, byStep, order, underWay, closing, rescue, goesOn, ...rest } = unwind;
  return {
    ...rest,
    items: items?.map(itemOf),
    next: order?.next(Number.POSITIVE_INFINITY).map((item) => item.order),
    underWay: [...underWay].map((item) => item.order),
    closing: [...closing].map((item) => item.order),
    rescue: rescue?.id,
    goesOn: goesOn && { rescue: goesOn.rescue?.id },
  };
}

/** Everything but the touched sets, which say what a projection has not seen yet. */
export function snapshot(run: RunState): unknown {
  const { touched, touchedQuestions, timers, steps, cleanup, byKey, questions, ...rest } = run;
  const { ready, running, parked, closing, stopping, resolved, workflow, ...more } = rest;
  const { checkpoints, forgotten, rescue, unwind, unwound, ...scalars } = more;
  return structuredClone({
    ...scalars,
    workflow: workflow.name,
    steps: frameOf(steps),
    cleanup: cleanup && frameOf(cleanup),
    byKey: [...byKey.keys()].sort(),
    questions: [...questions.values()].map((question) => ({ ...question, step: question.step.key })),
    timers: timers.due(Number.POSITIVE_INFINITY),
    retries: timers.retries.due(Number.POSITIVE_INFINITY),
    ready: keys(ready),
    running: keys(running),
    parked: keys(parked),
    closing: keys(closing),
    stopping: keys(stopping),
    resolved: [...resolved].map((question) => question.id),
    checkpoints: [...checkpoints.values()].map(checkpointOf),
    forgotten: [...forgotten.values()].map(stepOf),
    rescue: rescue?.id,
    unwind: unwind && unwindOf(unwind),
    unwound: unwound && unwindOf(unwound),
  });
}

/** The state with what a projection has not seen yet. */
export const fullSnapshot = (run: RunState): unknown => [
  snapshot(run),
  keys(run.touched),
  [...run.touchedQuestions].map((question) => question.id),
];

/** Commands by kind, key and fields. */
export const plainCommands = (commands: readonly Command[]): unknown[] =>
  commands.map((command) => {
    const { step, question, item, ...rest } = command as {
      step?: StepState;
      question?: { id: string };
      item?: UnwindItem;
      kind: string;
    };
    return {
      ...rest,
      ...(step && { step: step.key }),
      ...(question && { question: question.id }),
      ...(item && { item: item.order }),
    };
  });
