/** The two real clients of the tests, behind one small face: the 2025-era one (SDK v1) and the 2026-07-28 one (SDK v2). */
import { Client as ModernClient, type Transport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport as LegacyTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** What the person does with a form: the whole response, as MCP words it. */
export type AnswerForm = (message: string) => { action: string; content?: { [key: string]: string } };

export interface CallOptions {
  readonly onprogress?: (progress: { progress: number; total?: number; message?: string }) => void;
  readonly signal?: AbortSignal;
}

export interface CallAnswer {
  readonly content: { type: string; text?: string; uri?: string }[];
  readonly structuredContent?: { [key: string]: unknown };
  readonly isError?: boolean;
}

interface ListedTool {
  readonly name: string;
  readonly inputSchema: object;
  readonly outputSchema?: object | undefined;
  readonly annotations?: object | undefined;
}

export interface TestClient {
  /** Protocol revision that was negotiated. */
  revision(): string | undefined;
  listTools(): Promise<ListedTool[]>;
  call(tool: string, args?: object, options?: CallOptions): Promise<CallAnswer>;
  readResource(uri: string): Promise<unknown>;
  close(): Promise<void>;
}

export type Connect = (transport: unknown, answerForm: AnswerForm | undefined) => Promise<TestClient>;

const INFO = { name: 'test-client', version: '1.0.0' };

const connectLegacy: Connect = async (transport, answerForm) => {
  const client = new LegacyClient(INFO, { capabilities: answerForm ? { elicitation: { form: {} } } : {} });
  if (answerForm) {
    client.setRequestHandler(ElicitRequestSchema, (request) => answerForm(request.params.message) as never);
  }
  let revision: string | undefined;
  (transport as LegacyTransport).setProtocolVersion = (version) => {
    revision = version;
  };
  await client.connect(transport as LegacyTransport);
  return {
    revision: () => revision,
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args, options = {}) =>
      (await client.callTool(
        { name, arguments: { ...args } },
        CallToolResultSchema,
        options as object,
      )) as CallAnswer,
    readResource: (uri) => client.readResource({ uri }),
    close: () => client.close(),
  };
};

const connectV2 =
  (versionNegotiation: object): Connect =>
  async (transport, answerForm) => {
    const capabilities = answerForm ? { elicitation: { form: {} } } : {};
    const client = new ModernClient(INFO, { capabilities, ...versionNegotiation });
    if (answerForm) {
      client.setRequestHandler(
        'elicitation/create',
        (request) => answerForm(request.params.message) as never,
      );
    }
    await client.connect(transport as ModernTransport);
    return {
      revision: () => client.getNegotiatedProtocolVersion(),
      listTools: async () => (await client.listTools()).tools,
      call: async (name, args, options = {}) =>
        (await client.callTool({ name, arguments: { ...args } }, options as object)) as CallAnswer,
      readResource: (uri) => client.readResource({ uri }),
      close: () => client.close(),
    };
  };

/** SDK v2 as it comes: it still speaks 2025-11-25. */
const connectV2Legacy = connectV2({});
/** SDK v2 that asks for the newest revision. */
const connectModern = connectV2({ versionNegotiation: { mode: 'auto' } });

export const allClients: readonly [string, Connect, string][] = [
  ['SDK v1', connectLegacy, '2025-11-25'],
  ['SDK v2 as it comes', connectV2Legacy, '2025-11-25'],
  ['SDK v2 on the newest revision', connectModern, '2026-07-28'],
];
