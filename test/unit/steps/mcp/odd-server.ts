/** An MCP server of our own whose tools are as a test wants them: other definitions, bad schemas, questions, bad ends. */
import {
  type CallToolResult,
  inputRequired,
  type McpServerFactory,
  Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';

/** What a test may change about it. */
export interface Oddities {
  /** Of the tool `greet`; without it the tool is not there. */
  readonly description?: string;
  /** `tools/list` gives one tool a page. */
  readonly pages?: boolean;
}

type Given = { readonly [name: string]: unknown };

interface OddTool {
  /** Properties of its arguments. */
  readonly takes?: object;
  readonly needs?: readonly string[];
  /** Properties of what it returns. */
  readonly gives?: object;
  /** Asks this form first; the answer is its result. */
  readonly form?: object;
  /** How often at once. */
  readonly times?: number;
  readonly use?: (
    given: Given,
    context: Pick<ServerContext['mcpReq'], 'log' | 'notify' | '_meta'>,
  ) => CallToolResult | Promise<CallToolResult>;
}

const text = (said: string): CallToolResult => ({ content: [{ type: 'text', text: said }] });
const object = (properties: object = {}, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
});

/** A pattern and a text that it needs for ever to refuse. */
const SLOW = { type: 'string', pattern: '^(a+)+$' };
export const SLOW_TEXT = `${'a'.repeat(40)}b`;

const FORM = object(
  {
    name: { type: 'string', title: 'Name' },
    size: {
      type: 'string',
      oneOf: [
        { const: 's', title: 'small' },
        { const: 'l', title: 'large' },
      ],
    },
    extras: { type: 'array', items: { type: 'string', enum: ['milk', 'sugar'] } },
    count: { type: 'integer', default: 1 },
  },
  ['name'],
);

const TOOLS: { readonly [name: string]: OddTool } = {
  greet: {
    takes: {
      name: { type: 'string' },
      times: { type: 'integer', minimum: 1 },
      tags: { type: 'array', items: { type: 'string' } },
    },
    needs: ['name'],
    use: (given) => ({ ...text(`hello ${given.name}`), structuredContent: { given } }),
  },
  order: { form: FORM },
  confirm: { form: object() },
  nag: { form: object(), times: 25 },
  chat: {
    use: async (_, { log }) => {
      await log('info', 'tea is ready', 'kitchen');
      await log('warning', { left: 0 });
      return text('done');
    },
  },
  work: {
    use: async (_, { notify, _meta }) => {
      const progressToken = _meta?.progressToken as string;
      for (const progress of [1, 2])
        await notify({ method: 'notifications/progress', params: { progressToken, progress, total: 2 } });
      return text('done');
    },
  },
  fail: { use: () => ({ ...text('out of coffee'), isError: true, structuredContent: { left: 0 } }) },
  refuse: {
    use: () => {
      throw Object.assign(new Error('not today'), { code: -32_000 });
    },
  },
  die: {
    use: () => {
      process.stderr.write('about to fall over\n');
      return process.exit(3);
    },
  },
  hang: {
    use: () => {
      process.stderr.write('hanging\n');
      return new Promise(() => {});
    },
  },
  world: {
    use: () => text(JSON.stringify({ cwd: process.cwd(), env: process.env, argv: process.argv.slice(3) })),
  },
  constructor: { takes: { a: { type: 'string', description: 'hid\u200bden', default: 'a\u200bb' } } },
  deep: {
    use: () => ({ ...text('deep'), structuredContent: { a: JSON.parse('['.repeat(999) + ']'.repeat(999)) } }),
  },
  pictures: {
    use: () => ({
      content: [
        { type: 'image', data: 'AAEC', mimeType: 'image/png' },
        { type: 'resource', resource: { uri: 'x://y', blob: 'AwQ=', mimeType: '../../etc/x' } },
        { type: 'resource_link', uri: 'x://z', name: 'z' },
      ],
    }),
  },
  many: {
    takes: { count: { type: 'integer' } },
    use: ({ count }) => ({
      content: Array.from({ length: Number(count) }, () => ({
        type: 'image',
        data: 'AAEC',
        mimeType: 'image/png',
      })),
    }),
  },
  large: { takes: { bytes: { type: 'integer' } }, use: ({ bytes }) => text('x'.repeat(Number(bytes))) },
  'slow-pattern': { takes: { a: SLOW } },
  'slow-answer': { gives: { a: SLOW }, use: () => ({ ...text(''), structuredContent: { a: SLOW_TEXT } }) },
  liar: {
    gives: { n: { type: 'integer' } },
    use: () => ({ ...text('said'), structuredContent: { n: 'many' } }),
  },
  empty: { gives: { n: { type: 'integer' } } },
  unreadable: { takes: { a: { $ref: 'https://example.invalid/schema' } } },
};

const definitionOf = (name: string, { takes, needs, gives }: OddTool, description?: string) =>
  ({
    name,
    ...(description !== undefined && { description }),
    inputSchema: object(takes, needs),
    ...(gives && { outputSchema: object(gives) }),
  }) as unknown as Tool;

function definitions({ description }: Oddities): readonly Tool[] {
  const all = Object.entries(TOOLS).filter(([name]) => name !== 'greet' || description !== undefined);
  return all.map(([name, tool]) => definitionOf(name, tool, name === 'greet' ? description : undefined));
}

/** For `serveStdio` and `createMcpHandler` alike. */
export const oddServer =
  (oddities: Oddities): McpServerFactory =>
  () => {
    const server = new Server({ name: 'odd', version: '1' }, { capabilities: { tools: {}, logging: {} } });
    server.setRequestHandler('tools/list', ({ params }) => {
      const tools = [...definitions(oddities)];
      if (!oddities.pages) return { tools };
      const at = Number(params?.cursor ?? 0);
      return { tools: tools.slice(at, at + 1), ...(at + 1 < tools.length && { nextCursor: String(at + 1) }) };
    });
    server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
      const { form, use, times = 1 } = TOOLS[params.name] ?? {};
      const { q } = mcpReq.inputResponses ?? {};
      if (!form) return use ? await use(params.arguments ?? {}, mcpReq) : text(params.name);
      if (q !== undefined) return text(JSON.stringify(q));
      const asks = Object.fromEntries(
        Array.from({ length: times }, (_, at) => [at === 0 ? 'q' : `q${at}`, form]),
      );
      return inputRequired({
        inputRequests: Object.fromEntries(
          Object.entries(asks).map(([key, requestedSchema]) => [
            key,
            inputRequired.elicit({ message: 'What will it be?', requestedSchema: requestedSchema as never }),
          ]),
        ),
      });
    });
    return server;
  };
