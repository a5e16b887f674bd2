/** A run's whole state as plain data, so that two states can be compared and nothing is missed. */
import type { Command } from '../../../../src/engine/core/decide.ts';
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

/** Everything but the touched sets, which say what a projection has not seen yet. */
export function snapshot(run: RunState): unknown {
  const { touched, touchedQuestions, timers, steps, cleanup, byKey, questions, ...rest } = run;
  const { ready, running, parked, closing, stopping, resolved, workflow, ...scalars } = rest;
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
    const { step, question, ...rest } = command as {
      step?: StepState;
      question?: { id: string };
      kind: string;
    };
    return { ...rest, ...(step && { step: step.key }), ...(question && { question: question.id }) };
  });
