/**
 * Everything that is learned from the log, as one: the models, what each of them learns of a session, and their states.
 * To be counted up in `learner.ts`, `SNAPSHOT_VERSION`: each change of what the states look like.
 */
import { CommandModel, type CommandModelState } from '../../learning/command-model.ts';
import { FailureModel, type FailureModelState } from '../../learning/failure/failure-model.ts';
import { FailureSession } from '../../learning/failure/failure-session.ts';
import { WorkflowFailures, type WorkflowFailuresState } from '../../learning/failure/workflow-failures.ts';
import { IntentMemory, type IntentMemoryState } from '../../learning/intent/intent-memory.ts';
import type { LearnedSession, LearnedStep } from '../../learning/learned-session.ts';
import { readCommand, readSlots } from '../../learning/shell/read-command.ts';
import { SlotModel, type SlotModelState } from '../../learning/slots/slot-model.ts';
import { SlotSession } from '../../learning/slots/slot-session.ts';
import { wholeState } from '../../learning/state-check.ts';
import { bundledHabits } from '../prior/bundled-habits.ts';
import { inputSlots, workflowStub } from './fill-inputs.ts';
import { judgeSuggestion, type KnownWorkflows } from './suggest-workflows.ts';

export interface Models {
  readonly commands: CommandModel;
  readonly intents: IntentMemory;
  readonly slots: SlotModel;
  readonly failures: FailureModel;
  readonly workflows: WorkflowFailures;
}

interface SavedModels {
  readonly commands: CommandModelState;
  readonly intents: IntentMemoryState;
  readonly slots: SlotModelState;
  readonly failures: FailureModelState;
  readonly workflows: WorkflowFailuresState;
}

export const newModels = (): Models => ({
  commands: new CommandModel({ habits: bundledHabits() }),
  intents: new IntentMemory(),
  slots: new SlotModel(),
  failures: new FailureModel(),
  workflows: new WorkflowFailures(),
});

/** What is to be done to learn from the session, in order; each of it takes about a millisecond. */
export function lessonsOf(
  models: Models,
  session: LearnedSession,
  workflows: () => KnownWorkflows,
): readonly (() => void)[] {
  const { commands, slots, failures } = models;
  const following = commands.begin(session.goal);
  const filled = new SlotSession();
  const outcomes = new FailureSession();
  const learn = (step: LearnedStep) => (): void => {
    const { command, exitCode, intent, place } = step;
    if (exitCode === undefined) outcomes.follow(command, undefined);
    else failures.learn(outcomes, command, exitCode !== 0, intent);
    const { stub, template } = readCommand(command);
    slots.learn(filled, { stub, template, ...readSlots(command), intent, place });
    // the order of a workflow is known; nobody chose it command by command
    if (session.workflow === undefined) commands.learn(following, step);
  };
  return [...runLessons(models, session, workflows), ...session.steps.map(learn)];
}

function runLessons(
  { intents, slots, workflows: ends }: Models,
  { goal, workflow, ending, inputs = {}, steps }: LearnedSession,
  workflows: () => KnownWorkflows,
): readonly (() => void)[] {
  if (workflow === undefined) return [];
  const judge = (): void => {
    if (goal !== undefined) judgeSuggestion(workflows(), intents, goal, workflow);
  };
  const learn = (): void => {
    intents.learn({ workflow, goal, ending, inputs });
    const given = { stub: workflowStub(workflow), slots: inputSlots(inputs), written: [] };
    slots.learn(new SlotSession(), given);
    if (ending === undefined || ending === 'cancelled') return;
    const failed = ending !== 'succeeded' && ending !== 'partial';
    const last = steps.findLast(({ exitCode }) => exitCode !== undefined && exitCode !== 0);
    ends.learn({
      workflow,
      inputs,
      failed,
      stub: failed && last ? readCommand(last.command).stub : undefined,
    });
  };
  return [judge, learn];
}

export const savedModels = ({ commands, intents, slots, failures, workflows }: Models): SavedModels => ({
  commands: commands.snapshot(),
  intents: intents.snapshot(),
  slots: slots.snapshot(),
  failures: failures.snapshot(),
  workflows: workflows.snapshot(),
});

/** Undefined where the state is none of this program's, whatever its version says. */
export function restoredModels(state: unknown): Models | undefined {
  const whole = wholeState(() => {
    const saved = state as SavedModels;
    const commands = CommandModel.restore(saved.commands, { habits: bundledHabits() });
    return (
      commands.ok && {
        commands: commands.value,
        intents: IntentMemory.restore(saved.intents),
        slots: SlotModel.restore(saved.slots),
        failures: FailureModel.restore(saved.failures),
        workflows: WorkflowFailures.restore(saved.workflows),
      }
    );
  });
  return whole.ok && whole.value ? whole.value : undefined;
}
