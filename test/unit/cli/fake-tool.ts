/** A tool that answers as told and remembers how it was called. */
import { z } from 'zod';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import type { FormResponse, Tool, ToolAnswer, ToolContext } from '../../../src/tools/tool.ts';

interface Call {
  readonly context: ToolContext;
  readonly input: JsonObject;
  readonly responses?: { readonly [ask: string]: FormResponse };
}

export interface FakeTool extends Tool {
  readonly calls: Call[];
}

/** The answers are given one after the other, the last one again and again. */
export function fakeTool(
  name: Tool['name'],
  shape: z.ZodRawShape,
  ...answers: readonly ToolAnswer[]
): FakeTool {
  const calls: Call[] = [];
  const answer = (): ToolAnswer => answers[Math.min(calls.length, answers.length) - 1]!;
  const hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
  return {
    name,
    title: name,
    description: name,
    input: z.strictObject(shape),
    output: z.object({}),
    annotations: hints,
    calls,
    run: async (context, input) => {
      calls.push({ context, input: input as JsonObject });
      return answer();
    },
    resume: async (context, input, _state, responses) => {
      calls.push({ context, input: input as JsonObject, responses });
      return answer();
    },
  };
}

export const answered = (structured: JsonObject): ToolAnswer => ({ kind: 'done', structured, text: 'text' });
