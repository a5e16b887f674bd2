/**
 * Workflows that nobody has saved yet, as they are shown: made of a pattern, or of what was run for the same goal. One
 * that is in the library already, under any name, is not shown; a name that is taken gets a number.
 */
import { definitionText } from '../../definition/write/definition-text.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { Belay } from '../belay.ts';
import { isRunnable } from '../create/is-runnable.ts';
import { secretFree } from '../create/secret-free.ts';
import type { GoalSuggestions } from './suggest-goal-commands.ts';
import { type NewWorkflowQuestion, suggestNewWorkflows } from './suggest-new-workflows.ts';
import type { SuggestionView } from './suggestion-view.ts';
import { workflowCommands } from './workflow-words.ts';

/** How long a question waits for sequences that are not mined yet. */
const MINING_WAIT_MS = 1_000;

interface NewWorkflow {
  readonly definition: JsonObject;
  readonly pattern: string;
  readonly confidence: number;
  readonly reasons: readonly string[];
}

/** Best first. */
export async function newWorkflowViews(
  belay: Belay,
  question: NewWorkflowQuestion,
  forGoal: GoalSuggestions['workflow'],
): Promise<readonly SuggestionView[]> {
  const miner = await belay.learning.miner(belay.catalogue);
  const mined = suggestNewWorkflows(await miner.patterns(MINING_WAIT_MS), question);
  const all: readonly NewWorkflow[] = [
    ...(forGoal && isRunnable(forGoal.definition, belay.catalogue) ? [forGoal] : []),
    ...mined,
  ];
  const entries = belay.library.list();
  const names = new Set(entries.map(({ name }) => name));
  const known = new Set(entries.map((entry) => workflowCommands(entry, belay.catalogue).join('\n')));
  const views: SuggestionView[] = [];
  for (const { definition, pattern, confidence, reasons } of [...all].sort(
    (a, b) => b.confidence - a.confidence,
  )) {
    const clean = secretFree(definition).definition;
    const commands = commandsOf(clean);
    if (known.has(commands)) continue;
    known.add(commands);
    const name = freeName(String(clean.name), names);
    views.push({
      kind: 'new_workflow',
      workflow: name,
      pattern,
      definition: definitionText({ ...clean, name }),
      confidence,
      reasons: [...reasons],
      inputs: {},
      missing_inputs: [],
    });
  }
  return views;
}

const commandsOf = ({ steps }: JsonObject): string =>
  (steps as readonly JsonObject[]).map(({ command }) => String(command)).join('\n');

/** Adds itself to `taken`. */
function freeName(wish: string, taken: Set<string>): string {
  for (let twin = 1; ; twin += 1) {
    const name = twin === 1 ? wish : `${wish}-${twin}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}
