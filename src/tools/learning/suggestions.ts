/** Workflows and commands in one list, the likeliest first; none of the two kinds pushes the other out. */
import { coldCommands } from '../prior/cold-commands.ts';
import type { ToolContext } from '../tool.ts';
import { type KnownModels, knownModels } from './known-models.ts';
import { newWorkflowViews } from './new-workflow-views.ts';
import { type CommandSuggestion, rounded, suggestCommands } from './suggest-commands.ts';
import { suggestGoalCommands } from './suggest-goal-commands.ts';
import { type IntentPlace, suggestWorkflows } from './suggest-workflows.ts';
import type { SuggestionView } from './suggestion-view.ts';

/** Under this silence is better. */
const COLD_CONFIDENCE_MIN = 0.05;

interface Moment {
  readonly cwd?: string | undefined;
  readonly last_exit_code?: number | undefined;
}

export interface SuggestionQuestion {
  readonly intent?: string | undefined;
  readonly recent_commands?: readonly string[] | undefined;
  readonly context?: (IntentPlace & Moment) | undefined;
  readonly limit: number;
}

export async function suggestions(
  { belay, cwd }: ToolContext,
  { intent, recent_commands: recent = [], context = {}, limit }: SuggestionQuestion,
): Promise<{ readonly found: readonly SuggestionView[]; readonly learned: KnownModels['learned'] }> {
  const models = await knownModels(belay);
  const { learned } = models;
  const lastExitCode = context.last_exit_code;
  const known = { entries: belay.library.list(), catalogue: belay.catalogue };
  const workflows = intent === undefined ? [] : suggestWorkflows(known, models, intent, context);
  const forGoal =
    intent === undefined ? undefined : suggestGoalCommands(belay.learning.store, intent, recent);
  const ranked = suggestCommands(models, belay.learning.store, {
    recent,
    intent,
    cwd: context.cwd ?? cwd,
    lastExitCode,
    limit,
  });
  const next = withGoal(ranked, forGoal?.commands ?? []);
  const own = new Set(next.map(({ command }) => command));
  const question = { home: belay.home, intent, before: recent.at(-1), limit };
  // what others do counts only where the own history and the workflows leave room
  const left = (1 - sumOf(next)) * (1 - (workflows[0]?.confidence ?? 0));
  const cold = coldCommands(belay.learning.store, question)
    .filter(({ command }) => !own.has(command))
    .map((each) => ({ ...each, confidence: rounded(each.confidence * Math.max(0, left)) }))
    .filter(({ confidence }) => confidence >= COLD_CONFIDENCE_MIN);
  const views: readonly (readonly SuggestionView[])[] = [
    workflows.map(({ workflow, confidence, reasons, inputs, missing }) => ({
      kind: 'workflow',
      workflow,
      confidence,
      reasons: [...reasons],
      inputs: { ...inputs } as SuggestionView['inputs'],
      missing_inputs: [...missing],
    })),
    [...next, ...cold].map(({ command, confidence, reasons }) => ({
      kind: 'command',
      command,
      confidence,
      reasons: [...reasons],
      inputs: {},
      missing_inputs: [],
    })),
    await newWorkflowViews(belay, { recent, intent, lastExitCode }, forGoal?.workflow),
  ];
  return { found: likeliest(views, limit), learned };
}

/** Those of earlier runs for the same goal keep their chance; the others share what it leaves. */
function withGoal(
  commands: readonly CommandSuggestion[],
  forGoal: readonly CommandSuggestion[],
): readonly CommandSuggestion[] {
  const known = new Map(commands.map((each) => [each.command, each]));
  const told = forGoal.filter(
    ({ command, confidence }) => confidence > (known.get(command)?.confidence ?? 0),
  );
  const own = new Set(told.map(({ command }) => command));
  const others = commands.filter(({ command }) => !own.has(command));
  const left = Math.max(0, 1 - sumOf(told));
  const scale = Math.min(1, left / Math.max(sumOf(others), left, 1e-9));
  return [
    ...told.map((each) => ({
      ...each,
      reasons: [...each.reasons, ...(known.get(each.command)?.reasons ?? [])],
    })),
    ...others.map((each) => ({ ...each, confidence: rounded(each.confidence * scale) })),
  ].sort((a, b) => b.confidence - a.confidence);
}

const sumOf = (commands: readonly CommandSuggestion[]): number =>
  commands.reduce((sum, { confidence }) => sum + confidence, 0);

function likeliest(kinds: readonly (readonly SuggestionView[])[], limit: number): readonly SuggestionView[] {
  const byConfidence = (a: SuggestionView, b: SuggestionView): number => b.confidence - a.confidence;
  const firsts = kinds.flatMap(([first]) => (first ? [first] : [])).sort(byConfidence);
  const others = kinds.flatMap(([, ...more]) => more).sort(byConfidence);
  return [...firsts, ...others].slice(0, limit).sort(byConfidence);
}
