/** MCP prompts and completion over a reader that the caller wires; this file knows neither workflows nor runs. */
import {
  type CompleteRequest,
  type GetPromptResult,
  type Prompt,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
} from '@modelcontextprotocol/server';

/** As many as the protocol lets an answer have. */
const VALUES_MAX = 100;

/** What is to be completed: the value of an argument, with those that are known already. */
export type Completing = CompleteRequest['params'];

export interface PromptReader {
  list(): Promise<readonly Prompt[]>;
  /** A string says why there is no such prompt, or what is wrong with its arguments. */
  get(name: string, given: { readonly [argument: string]: string }): Promise<GetPromptResult | string>;
  /** All values that fit, likeliest first. */
  complete(completing: Completing): Promise<readonly string[]>;
}

/** A client is about to see a list: what changes from now on is news to it. */
export type BeforeListing = () => Promise<void> | undefined;

/** Adds the methods to a server that has declared the `prompts` and `completions` capabilities. */
export function servePrompts(server: Server, reader: PromptReader, listing: BeforeListing): void {
  server.setRequestHandler('prompts/list', async ({ params }) => {
    refuseCursor(params?.cursor);
    await listing();
    return { prompts: [...(await reader.list())] };
  });
  server.setRequestHandler('prompts/get', async ({ params }) => {
    const prompt = await reader.get(params.name, params.arguments ?? {});
    if (typeof prompt === 'string') throw new ProtocolError(ProtocolErrorCode.InvalidParams, prompt);
    return prompt;
  });
  server.setRequestHandler('completion/complete', async ({ params }) => {
    const values = await reader.complete(params);
    const total = values.length;
    return { completion: { values: values.slice(0, VALUES_MAX), total, hasMore: total > VALUES_MAX } };
  });
}

/** For lists of one page, of which no answer has named a next one. */
export function refuseCursor(cursor: string | undefined): void {
  if (cursor === undefined) return;
  const expected = 'expected none: the list has one page';
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `cursor \`${cursor}\` is not known, ${expected}`);
}
