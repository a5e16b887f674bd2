/** Workflows and commands in one list, the likeliest first; none of the two kinds pushes the other out. */

import { definitionText } from '../../definition/write/definition-text.ts';
import type { Belay } from '../belay.ts';
import { coldCommands } from '../prior/cold-commands.ts';
import type { ToolContext } from '../tool.ts';
import { type KnownModels, knownModels } from './known-models.ts';
import { newWorkflows } from './new-workflows.ts';
import { rounded, suggestCommands } from './suggest-commands.ts';
import { suggestNewWorkflows } from './suggest-new-workflows.ts';
import { type IntentPlace, suggestWorkflows } from './suggest-workflows.ts';
import type { SuggestionView } from './suggestion-view.ts';

/** How long a question waits for sequences that are not mined yet. */
const MINING_WAIT_MS = 1_000;

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
  const known = { entries: belay.library.list(), catalogue: belay.catalogue };
  const workflows = intent === undefined ? [] : suggestWorkflows(known, models, intent, context);
  const next = suggestCommands(models, belay.learning.store, {
    recent,
    intent,
    cwd: context.cwd ?? cwd,
    lastExitCode: context.last_exit_code,
    limit,
  });
  const own = new Set(next.map(({ command }) => command));
  const question = { home: belay.home, intent, before: recent.at(-1), limit };
  // what others do counts only where the own history and the workflows leave room
  const told = next.reduce((sum, { confidence }) => sum + confidence, 0);
  const left = (1 - told) * (1 - (workflows[0]?.confidence ?? 0));
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
    await newWorkflowViews(belay, recent, intent),
  ];
  return { found: likeliest(views, limit), learned };
}

/** Those whose name is taken have been saved, or would be another. */
async function newWorkflowViews(
  belay: Belay,
  recent: readonly string[],
  intent: string | undefined,
): Promise<readonly SuggestionView[]> {
  const found = suggestNewWorkflows(await newWorkflows(belay, MINING_WAIT_MS), { recent, intent });
  const taken = new Set(belay.library.list().map(({ name }) => name));
  return found
    .filter(({ definition }) => !taken.has(String(definition.name)))
    .map(({ pattern, definition, confidence, reasons }) => ({
      kind: 'new_workflow',
      workflow: String(definition.name),
      pattern,
      definition: definitionText(definition),
      confidence,
      reasons: [...reasons],
      inputs: {},
      missing_inputs: [],
    }));
}

function likeliest(kinds: readonly (readonly SuggestionView[])[], limit: number): readonly SuggestionView[] {
  const byConfidence = (a: SuggestionView, b: SuggestionView): number => b.confidence - a.confidence;
  const firsts = kinds.flatMap(([first]) => (first ? [first] : [])).sort(byConfidence);
  const others = kinds.flatMap(([, ...more]) => more).sort(byConfidence);
  return [...firsts, ...others].slice(0, limit).sort(byConfidence);
}
