/**
 * Tools of the conformance suite that no Belay tool can be: other kinds of content, logging, sampling, roots, a schema with
 * every keyword. They are answered with the SDK alone and reach it through the product's mount, checks and transports.
 */
import {
  acceptedContent,
  type CallToolRequest,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type CreateMessageResult,
  type InputRequests,
  type InputRequiredResult,
  inputRequired,
  MissingRequiredClientCapabilityError,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { RequestStates } from '../../src/mcp/request-state.ts';

/** One grey pixel. */
export const IMAGE = {
  type: 'image' as const,
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  mimeType: 'image/png',
};

/** One silent sample. */
const AUDIO = {
  type: 'audio' as const,
  data: 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA==',
  mimeType: 'audio/wav',
};

const text = (words: string): CallToolResult => ({ content: [{ type: 'text', text: words }] });

type Answer = CallToolResult | InputRequiredResult;

interface PlainCall {
  readonly inputSchema?: Tool['inputSchema'];
  answer(
    params: CallToolRequest['params'],
    context: ServerContext,
    states: RequestStates,
  ): Answer | Promise<Answer>;
}

const ASK_NAME = inputRequired.elicit({
  message: 'What is your name?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
});
const askModel = (question: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: question } }],
    maxTokens: 100,
  });

const responseOf = ({ mcpReq }: ServerContext, key: string): unknown => mcpReq.inputResponses?.[key];

/** Asks until the response is there. */
const asking =
  (requests: InputRequests) =>
  (_params: CallToolRequest['params'], context: ServerContext): Answer =>
    Object.keys(requests).every((key) => responseOf(context, key) !== undefined)
      ? text(`brought back: ${JSON.stringify(context.mcpReq.inputResponses)}`)
      : inputRequired({ inputRequests: requests });

const MANY: InputRequests = {
  user_name: ASK_NAME,
  greeting: askModel('Generate a greeting'),
  client_roots: inputRequired.listRoots(),
};

const LOGGED = ['Tool execution started', 'Tool processing data', 'Tool execution completed'];

async function logging(_params: CallToolRequest['params'], { mcpReq }: ServerContext): Promise<Answer> {
  for (const line of LOGGED) await mcpReq.log('info', line);
  return text('three lines were logged');
}

/** Cuts the stream of its own call: the client has to come back for the answer. */
function reconnection(_params: CallToolRequest['params'], { http }: ServerContext): Answer {
  if (http?.closeSSE === undefined) return { ...text('no stream could be cut'), isError: true };
  http.closeSSE();
  return text('here is the answer all the same');
}

const capabilitiesOf = ({ mcpReq }: ServerContext): ClientCapabilities =>
  ((mcpReq.envelope ?? {}) as { [key: string]: ClientCapabilities })[CLIENT_CAPABILITIES_META_KEY] ?? {};

const contact = (by: string) => ({ required: [by] });

/** Every keyword that the suite wants to see again in the list. */
const EVERY_KEYWORD = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [contact('phone'), contact('email')] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: contact('phone'),
  else: contact('email'),
  additionalProperties: false,
} as Tool['inputSchema'];

const embedded = (uri: string, mimeType: string, words: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: words },
});

async function sampling(params: CallToolRequest['params'], { mcpReq }: ServerContext): Promise<Answer> {
  const prompt = z.object({ prompt: z.string() }).parse(params.arguments).prompt;
  const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }];
  const request = { method: 'sampling/createMessage' as const, params: { messages, maxTokens: 100 } };
  const { content } = (await mcpReq.send(request)) as CreateMessageResult;
  return text(`LLM response: ${JSON.stringify(content)}`);
}

/** A state of the product for requests that no Belay tool makes. */
async function manyInputs(
  { name }: CallToolRequest['params'],
  context: ServerContext,
  states: RequestStates,
): Promise<Answer> {
  const call = { tool: name, arguments: {} };
  const sealed = context.mcpReq.requestState<string>();
  if (sealed !== undefined) {
    const { asks } = await states.unseal(sealed, call, context);
    if (asks.every((key) => responseOf(context, key) !== undefined)) return text('all of them are answered');
  }
  const requestState = await states.seal(call, { asks: Object.keys(MANY), state: {} }, context);
  return inputRequired({ inputRequests: MANY, requestState });
}

export const plainCalls: { readonly [name: string]: PlainCall } = {
  test_image_content: { answer: () => ({ content: [IMAGE] }) },
  test_audio_content: { answer: () => ({ content: [AUDIO] }) },
  test_embedded_resource: {
    answer: () => ({
      content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
    }),
  },
  test_multiple_content_types: {
    answer: () => ({
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        IMAGE,
        embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ],
    }),
  },
  test_tool_with_logging: { answer: logging },
  test_logging_tool: { answer: logging },
  test_reconnection: { answer: reconnection },
  test_sampling: {
    inputSchema: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
    answer: sampling,
  },
  json_schema_2020_12_tool: {
    inputSchema: EVERY_KEYWORD,
    answer: (params) => text(JSON.stringify(params.arguments ?? {})),
  },
  test_missing_capability: {
    answer(_params, context) {
      if (capabilitiesOf(context).sampling === undefined)
        throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
      return text('the client can sample');
    },
  },
  test_input_required_result_elicitation: {
    answer(_params, { mcpReq }) {
      const named = acceptedContent(mcpReq.inputResponses, 'user_name', z.object({ name: z.string() }));
      return named
        ? text(`Hello, ${named.name}!`)
        : inputRequired({ inputRequests: { user_name: ASK_NAME } });
    },
  },
  test_input_required_result_sampling: {
    answer: asking({ capital_question: askModel('What is the capital of France?') }),
  },
  test_input_required_result_list_roots: { answer: asking({ client_roots: inputRequired.listRoots() }) },
  test_input_required_result_multiple_inputs: { answer: manyInputs },
  test_input_required_result_capabilities: {
    answer(_params, context) {
      const { elicitation, sampling: samples } = capabilitiesOf(context);
      const inputRequests = {
        ...(elicitation !== undefined && { user_name: ASK_NAME }),
        ...(samples !== undefined && { greeting: askModel('Generate a greeting') }),
      };
      return Object.keys(inputRequests).length > 0
        ? inputRequired({ inputRequests })
        : text('the client can be asked nothing');
    },
  },
};
