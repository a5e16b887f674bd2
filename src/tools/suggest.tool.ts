/** workflow_suggest: which workflow fits an intent, with its inputs filled in, and which command comes next. */
import { z } from 'zod';
import { done } from './answers.ts';
import {
  contextField,
  LIMIT_USUAL,
  learnedView,
  limitField,
  recentCommands,
} from './learning/learning-input.ts';
import { type SuggestionView, suggestionSchema } from './learning/suggestion-view.ts';
import type { Tool } from './tool.ts';

const INTENT_CHARS_MAX = 2_000;

const input = z.strictObject({
  intent: z.string().max(INTENT_CHARS_MAX).optional().describe('what is to be done, in a sentence'),
  recent_commands: recentCommands.optional(),
  context: contextField.optional(),
  limit: limitField.optional(),
});

const output = z.object({
  suggestions: z.array(suggestionSchema),
  learned: learnedView,
  next: z.array(z.object({ tool: z.string(), arguments: z.record(z.string(), z.json()), why: z.string() })),
});

export const suggestTool: Tool<typeof input> = {
  name: 'workflow_suggest',
  title: 'Suggest what comes next',
  description:
    'Suggests workflows for an intent, with the inputs that its words name and those that are missing, and the next command ' +
    'after recent ones, learned from earlier runs. Each with a confidence that means what it says, and the reasons for it.',
  input,
  output,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },

  async run(context, args) {
    // loaded with the first question: most sessions ask none
    const { suggestions } = await import('./learning/suggestions.ts');
    const { found, learned } = await suggestions(context, { ...args, limit: args.limit ?? LIMIT_USUAL });
    const next = nextCalls(found, args.intent);
    return done({ suggestions: found, learned, next } as never, textOf(found, learned.commands));
  },
};

/** The best workflow, and the best that could be saved: the likelier first. */
function nextCalls(
  found: readonly SuggestionView[],
  intent: string | undefined,
): z.output<typeof output>['next'] {
  const best = found.find(({ kind }) => kind === 'workflow');
  const fresh = found.find(({ kind }) => kind === 'new_workflow');
  const calls = [...(best ? [runCall(best, intent)] : []), ...(fresh ? [saveCall(fresh)] : [])];
  return (fresh?.confidence ?? 0) > (best?.confidence ?? 0) ? calls.reverse() : calls;
}

type NextCall = z.output<typeof output>['next'][number];

/** The intent goes along, so that the run is found by it later. */
function runCall(
  { workflow = '', inputs, missing_inputs: missing }: SuggestionView,
  intent: string | undefined,
): NextCall {
  return {
    tool: 'workflow_execute',
    arguments: { workflow, inputs, ...(intent !== undefined && { intent }) },
    why: missing.length === 0 ? 'run it' : `run it, when you know ${missing.join(', ')}`,
  };
}

/** `name`: another workflow may have the one that the pattern would get. */
const saveCall = ({ workflow: name = '', pattern = '' }: SuggestionView): NextCall => ({
  tool: 'workflow_create',
  arguments: { from_pattern: pattern, name },
  why: `save it as ${name}`,
});

function textOf(found: readonly SuggestionView[], commands: number): string {
  if (found.length === 0)
    return commands === 0
      ? 'nothing is learned yet; `intent` finds workflows by their words'
      : 'nothing is likely enough to be suggested';
  return found.map(lineOf).join('\n');
}

function lineOf({
  kind,
  workflow,
  pattern,
  command,
  confidence,
  reasons,
  inputs,
  missing_inputs: missing,
}: SuggestionView): string {
  const given = Object.entries(inputs).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const parts = [
    `${Math.round(confidence * 100)} % ${kind} ${workflow ?? command ?? ''}`,
    ...(pattern === undefined ? [] : [`pattern ${pattern}`]),
    ...(given.length > 0 ? [given.join(' ')] : []),
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
  ];
  return `${parts.join(', ')}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`;
}
