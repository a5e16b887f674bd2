/**
 * Tools of the conformance suite that fit the contract of a Belay tool, so that the product's own call code answers them:
 * plain text, errors, progress, and forms in both protocol eras with the state that the product seals.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { JsonObject } from '../../src/engine/core/model.ts';
import type { FormAsk, FormResponse, Tool, ToolAnswer } from '../../src/tools/tool.ts';

type Responses = { readonly [ask: string]: FormResponse };

/** Longer than the pause between two notifications of one call, so that none is left out. */
const BETWEEN_PROGRESS_MS = 120;

const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** The suite chooses the names. */
function fixtureTool<Input extends z.ZodObject>(
  name: string,
  definition: Pick<Tool<Input>, 'input' | 'run' | 'resume'>,
): Tool {
  const description = `fixture \`${name}\` of the conformance suite`;
  return {
    name,
    title: name,
    description,
    annotations,
    output: z.looseObject({}),
    ...definition,
  } as unknown as Tool;
}

const nothing = z.strictObject({});

/** A plain answer. */
const textAnswer = (text: string): ToolAnswer => ({ kind: 'done', structured: { text }, text });

const form = (id: string, message: string, properties: JsonObject, required: readonly string[]): FormAsk => ({
  id,
  message,
  schema: { type: 'object', properties, required: [...required] },
});

/** Asks one form, then says what came back. */
function formTool<Input extends z.ZodObject>(
  name: string,
  input: Input,
  ask: (given: z.output<Input>) => FormAsk,
  text: (responses: Responses) => string,
): Tool {
  return fixtureTool(name, {
    input,
    run: async (_context, given) => ({
      kind: 'ask',
      asks: [ask(given)],
      state: {},
      otherwise: { kind: 'error', error: { code: 'cannot_ask', message: 'nobody can be asked' } },
    }),
    resume: async (_context, _given, _state, responses) => textAnswer(text(responses)),
  });
}

const said = (prefix: string) => (responses: Responses) => {
  const [response] = Object.values(responses);
  return `${prefix}: action=${response?.action}, content=${JSON.stringify(response?.content ?? {})}`;
};

const progress = fixtureTool('test_tool_with_progress', {
  input: nothing,
  async run(context) {
    for (const done of [0, 50, 100]) {
      context.progress(done, 100, `${done} of 100`);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_PROGRESS_MS));
    }
    return textAnswer('all of it is done');
  },
});

/** A workflow that turns up on disk is one prompt more. */
const promptChange = fixtureTool('test_trigger_prompt_change', {
  input: nothing,
  async run({ cwd }) {
    const folder = join(cwd, '.belay', 'workflows');
    mkdirSync(folder, { recursive: true });
    const name = `made-${readdirSync(folder).length + 1}`;
    writeFileSync(
      join(folder, `${name}.yaml`),
      `name: ${name}\ndescription: one more\nsteps:\n  - command: "true"\n`,
    );
    return textAnswer(`prompt ${name} is new`);
  },
});

const asked = z.strictObject({ message: z.string() });

const elicitation = formTool(
  'test_elicitation',
  asked,
  ({ message }) =>
    form('who', message, { username: { type: 'string' }, email: { type: 'string' } }, ['username', 'email']),
  said('User response'),
);

const DEFAULTS: JsonObject = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
};

const titled = (word: string) =>
  ['First', 'Second', 'Third'].map((each, index) => ({
    const: `value${index + 1}`,
    title: `${each} ${word}`,
  }));

const CHOICES: JsonObject = {
  untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  titledSingle: { type: 'string', oneOf: titled('Option') },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
  titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
};

const confirm = () => form('confirm', 'Please confirm', { ok: { type: 'boolean' } }, ['ok']);

const ROUNDS = [
  form('step1', 'Step 1: What is your name?', { name: { type: 'string' } }, ['name']),
  form('step2', 'Step 2: What is your favorite color?', { color: { type: 'string' } }, ['color']),
];

function nextRound(round: number): ToolAnswer {
  const ask = ROUNDS[round];
  if (ask === undefined) return textAnswer('both steps are answered');
  const otherwise = { kind: 'error', error: { code: 'cannot_ask', message: 'nobody can be asked' } } as const;
  return { kind: 'ask', asks: [ask], state: { round }, otherwise };
}

const multiRound = fixtureTool('test_input_required_result_multi_round', {
  input: nothing,
  run: async () => nextRound(0),
  resume: async (_context, _given, state, responses) => {
    const round = state.round as number;
    const isAnswered = responses[ROUNDS[round]?.id ?? '']?.action === 'accept';
    return nextRound(isAnswered ? round + 1 : round);
  },
});

export const fixtureTools: readonly Tool[] = [
  fixtureTool('test_simple_text', {
    input: nothing,
    run: async () => textAnswer('This is a simple text response for testing.'),
  }),
  fixtureTool('test_error_handling', {
    input: nothing,
    run: async () => ({
      kind: 'error',
      error: { code: 'meant', message: 'This tool intentionally returns an error for testing' },
    }),
  }),
  fixtureTool('greet', {
    input: z.strictObject({ name: z.string() }),
    run: async (_context, { name }) => textAnswer(`Hello, ${name}!`),
  }),
  progress,
  promptChange,
  elicitation,
  formTool(
    'test_elicitation_sep1034_defaults',
    nothing,
    () => form('look', 'Please look at the defaults', DEFAULTS, []),
    said('Elicitation completed'),
  ),
  formTool(
    'test_elicitation_sep1330_enums',
    nothing,
    () => form('choose', 'Please choose', CHOICES, []),
    said('Elicitation completed'),
  ),
  formTool('test_input_required_result_request_state', nothing, confirm, () => 'state-ok'),
  formTool('test_input_required_result_tampered_state', nothing, confirm, () => 'the state was ours'),
  formTool('test_streaming_elicitation', nothing, confirm, said('Elicitation completed')),
  multiRound,
];
