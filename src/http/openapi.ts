/** The interface as an OpenAPI 3.1 document, out of the table of routes and the schemas of the tools. */
import { jsonSchema } from '../tools/json-schema.ts';
import type { Tool } from '../tools/tool.ts';
import { type Needs, pathNames, type Route, routes } from './routes.ts';

interface ObjectSchema {
  readonly properties?: { readonly [name: string]: object };
  readonly required?: readonly string[];
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly [type: string]: { readonly schema: object } } };
  readonly responses: { readonly [status: string]: object };
  readonly security: readonly object[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: object;
}

export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: object;
}

const KEY_SCHEME = 'key';
const PROBLEM = { $ref: '#/components/schemas/Problem' };

export function openApi(tools: readonly Tool[], version: string): OpenApi {
  const paths: { [path: string]: { [method: string]: Operation } } = {};
  for (const route of routes) {
    const path = route.path.replace(/:([a-z_]+)/g, '{$1}');
    const tool = 'tool' in route ? tools.find(({ name }) => name === route.tool) : undefined;
    if ('tool' in route && !tool) continue;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, tool) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Belay',
      version,
      description: 'Durable, reversible command workflows. The same tools are at /mcp for MCP clients.',
    },
    paths,
    components: {
      securitySchemes: { [KEY_SCHEME]: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

function operation(route: Route, tool: Tool | undefined): Operation {
  const schema = tool?.input ?? ('input' in route ? route.input : undefined);
  const input = schema ? (jsonSchema(schema) as ObjectSchema) : {};
  const body =
    schema && (route.method === 'POST' || route.method === 'PUT')
      ? bodySchema(input, pathNames(route))
      : undefined;
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^a-z0-9]+/gi, '_')}`,
    summary: route.summary,
    description: [tool?.description, needsText(route.needs)].filter(Boolean).join(' '),
    parameters: parameters(
      route,
      route.method === 'GET' ? input : {},
      body !== undefined && 'creates' in route,
    ),
    ...(body && { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: responses(route, tool),
    security: typeof route.needs === 'string' ? [] : [{ [KEY_SCHEME]: [] }],
  };
}

function needsText(needs: Needs): string {
  if (needs === 'open') return 'Needs no key.';
  return needs === 'person' ? 'The page asks who is there.' : `Needs role ${needs.join(' or ')}.`;
}

/** Without what the address says already. */
function bodySchema(
  { properties = {}, required = [], ...rest }: ObjectSchema,
  inPath: readonly string[],
): object {
  const left = Object.entries(properties).filter(([name]) => !inPath.includes(name));
  return {
    ...rest,
    properties: Object.fromEntries(left),
    required: required.filter((name) => !inPath.includes(name)),
  };
}

function parameters(
  route: Route,
  { properties = {}, required = [] }: ObjectSchema,
  keyed: boolean,
): readonly Parameter[] {
  const inPath = pathNames(route);
  const fixed = 'fixed' in route ? Object.keys(route.fixed ?? {}) : [];
  const inQuery = Object.entries(properties).filter(
    ([name]) => !inPath.includes(name) && !fixed.includes(name),
  );
  return [
    ...inPath.map((name) => ({ name, in: 'path' as const, required: true, schema: { type: 'string' } })),
    ...inQuery.map(([name, schema]) => ({
      name,
      in: 'query' as const,
      required: required.includes(name),
      schema,
    })),
    ...('query' in route ? (route.query ?? []).map(queryText) : []),
    ...(keyed
      ? [header('Idempotency-Key', 'a second call with the same key answers with the first run')]
      : []),
    ...('own' in route && (route.own === 'events' || route.own === 'feed')
      ? [header('Last-Event-ID', 'number of the last event that was seen')]
      : []),
  ];
}

const queryText = (name: string): Parameter => ({
  name,
  in: 'query',
  required: true,
  schema: { type: 'string' },
});

const header = (name: string, description: string): Parameter => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

const TYPES: { readonly [own: string]: string } = {
  events: 'text/event-stream',
  feed: 'text/event-stream',
  report: 'text/plain',
  log: 'text/plain',
  artifact: 'application/octet-stream',
  metrics: 'text/plain',
  docs: 'text/html',
  questionPage: 'text/html',
  questionForm: 'text/html',
};

function responses(route: Route, tool: Tool | undefined): { readonly [status: string]: object } {
  const type = ('own' in route && TYPES[route.own]) || 'application/json';
  const done = {
    description: route.summary,
    content: { [type]: { schema: tool ? jsonSchema(tool.output) : {} } },
  };
  return {
    ...statuses(route, done),
    default: { description: 'A problem', content: { 'application/problem+json': { schema: PROBLEM } } },
  };
}

function statuses(route: Route, done: object): { readonly [status: string]: object } {
  if ('own' in route && route.own === 'newWebhook') return { '201': done };
  if ('own' in route && route.own === 'removedWebhook') return { '204': { description: route.summary } };
  return { '200': done, ...('creates' in route && { '201': done }) };
}

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457, with the code, the message, the hint and the next calls of the tool',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'a stable word for programs' },
    message: { type: 'string' },
    hint: { type: 'string' },
    next: { type: 'array', items: { type: 'object' } },
    data: { type: 'object' },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'message'],
};
