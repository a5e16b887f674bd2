/**
 * Every route of the server, as data: the router is made of this table and knows no other way in, the OpenAPI document
 * and the pages for people are made of it too. Most routes are one call of a tool.
 */
import type { z } from 'zod';
import type { Role } from '../tools/access.ts';
import { feedSchema } from './feed-stream.ts';
import { deliveriesSchema, newWebhookSchema, retrySchema } from './webhooks/webhook-acts.ts';

/**
 * Who comes in: everybody, whoever proves on the page itself to be a person, or who holds one of the roles. A tool looks at
 * its arguments besides.
 */
export type Needs = 'open' | 'person' | readonly Role[];

interface Place {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters as `:name`. */
  readonly path: string;
  readonly needs: Needs;
  readonly summary: string;
}

export interface ToolRoute extends Place {
  readonly tool: string;
  /** Arguments that the route itself gives. */
  readonly fixed?: { readonly [name: string]: string | readonly string[] };
  /** What it makes has an address of its own. */
  readonly creates?: true;
}

/** What a route that is no tool call answers with; `own-answers.ts` has one function for each. */
export type OwnAnswer =
  | 'mcp'
  | 'workflow'
  | 'events'
  | 'feed'
  | 'webhooks'
  | 'newWebhook'
  | 'webhook'
  | 'removedWebhook'
  | 'deliveries'
  | 'retried'
  | 'report'
  | 'log'
  | 'artifact'
  | 'health'
  | 'ready'
  | 'metrics'
  | 'openapi'
  | 'docs'
  | 'questionPage'
  | 'questionForm'
  | 'resource';

export interface OwnRoute extends Place {
  readonly own: OwnAnswer;
  /** Names in the query; `/docs` shows them. */
  readonly query?: readonly string[];
  /** What a POST takes as body, what a GET takes as query. */
  readonly input?: z.ZodObject;
}

export type Route = ToolRoute | OwnRoute;

const RUN = '/api/v1/runs/:run_id';
const QUESTION = '/questions/:run_id/:question_id';
const WEBHOOKS = '/api/v1/webhooks';
const WEBHOOK = `${WEBHOOKS}/:webhook_id`;

export const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/workflows',
    needs: ['viewer'],
    tool: 'workflow_list',
    summary: 'List workflows',
  },
  {
    method: 'GET',
    path: '/api/v1/workflows/:name',
    needs: ['viewer'],
    own: 'workflow',
    summary: 'One workflow, with its definition',
  },
  {
    method: 'PUT',
    path: '/api/v1/workflows/:name',
    needs: ['author'],
    tool: 'workflow_create',
    summary: 'Save a workflow under that name',
  },
  {
    method: 'POST',
    path: '/api/v1/workflows/validate',
    needs: ['viewer'],
    tool: 'workflow_validate',
    summary: 'Check a workflow without running it',
  },
  {
    method: 'POST',
    path: '/api/v1/suggest',
    needs: ['viewer'],
    tool: 'workflow_suggest',
    summary: 'Workflows for an intent, and the next command',
  },
  {
    method: 'POST',
    path: '/api/v1/autocomplete',
    needs: ['viewer'],
    tool: 'workflow_autocomplete',
    summary: 'How a command goes on',
  },
  {
    method: 'GET',
    path: '/api/v1/analytics',
    needs: ['viewer'],
    tool: 'workflow_analytics',
    summary: 'How runs went: success, durations, the slowest and flakiest steps, failures, proposals',
  },
  {
    method: 'GET',
    path: '/api/v1/runs',
    needs: ['viewer'],
    tool: 'workflow_history',
    summary: 'List runs, newest first',
  },
  {
    method: 'POST',
    path: '/api/v1/runs',
    needs: ['operator'],
    tool: 'workflow_execute',
    creates: true,
    summary: 'Start a run, and wait a while for it',
  },
  { method: 'GET', path: RUN, needs: ['viewer'], tool: 'workflow_status', summary: 'Where a run stands' },
  {
    method: 'GET',
    path: `${RUN}/events`,
    needs: ['viewer'],
    own: 'events',
    summary: 'The events of a run, as they come (Server-Sent Events)',
  },
  {
    method: 'GET',
    path: `${RUN}/report`,
    needs: ['viewer'],
    own: 'report',
    summary: 'All that a run did, as one page of Markdown',
  },
  {
    method: 'GET',
    path: `${RUN}/log`,
    needs: ['viewer'],
    own: 'log',
    query: ['step'],
    summary: 'What a step has written',
  },
  {
    method: 'GET',
    path: `${RUN}/artifact`,
    needs: ['viewer'],
    own: 'artifact',
    query: ['name'],
    summary: 'A file that the run has handed out',
  },
  {
    method: 'POST',
    path: `${RUN}/answer`,
    needs: ['operator', 'approver'],
    tool: 'workflow_answer',
    summary: 'Answer or claim a question, or send a signal',
  },
  {
    method: 'POST',
    path: `${RUN}/cancel`,
    needs: ['operator'],
    tool: 'workflow_cancel',
    summary: 'Cancel a run',
  },
  {
    method: 'POST',
    path: `${RUN}/resume`,
    needs: ['operator'],
    tool: 'workflow_resume',
    summary: 'Resume a run',
  },
  {
    method: 'POST',
    path: `${RUN}/rollback`,
    needs: ['operator'],
    tool: 'workflow_rollback',
    summary: 'Take a run back',
  },
  {
    method: 'GET',
    path: '/api/v1/questions',
    needs: ['viewer'],
    tool: 'workflow_status',
    fixed: { include: ['questions'] },
    summary: 'Open questions for agents, of all runs',
  },
  {
    method: 'GET',
    path: '/api/v1/events',
    needs: ['viewer'],
    own: 'feed',
    input: feedSchema,
    summary: 'The events of all runs, as they come (Server-Sent Events)',
  },
  { method: 'GET', path: WEBHOOKS, needs: ['admin'], own: 'webhooks', summary: 'List webhooks' },
  {
    method: 'POST',
    path: WEBHOOKS,
    needs: ['admin'],
    own: 'newWebhook',
    input: newWebhookSchema,
    summary: 'Have events sent to an address; the answer shows the secret, once',
  },
  { method: 'GET', path: WEBHOOK, needs: ['admin'], own: 'webhook', summary: 'One webhook' },
  {
    method: 'DELETE',
    path: WEBHOOK,
    needs: ['admin'],
    own: 'removedWebhook',
    summary: 'Remove a webhook and its deliveries',
  },
  {
    method: 'GET',
    path: `${WEBHOOK}/deliveries`,
    needs: ['admin'],
    own: 'deliveries',
    input: deliveriesSchema,
    summary: 'Deliveries of a webhook, newest first',
  },
  {
    method: 'POST',
    path: `${WEBHOOK}/retry`,
    needs: ['admin'],
    own: 'retried',
    input: retrySchema,
    summary: 'Deliver again: one, or all that were given up',
  },
  { method: 'POST', path: '/mcp', needs: ['viewer'], own: 'mcp', summary: 'MCP, Streamable HTTP' },
  { method: 'GET', path: '/mcp', needs: ['viewer'], own: 'mcp', summary: 'MCP, the stream of a session' },
  { method: 'DELETE', path: '/mcp', needs: ['viewer'], own: 'mcp', summary: 'MCP, the end of a session' },
  { method: 'GET', path: '/healthz', needs: 'open', own: 'health', summary: 'The process lives' },
  { method: 'GET', path: '/readyz', needs: 'open', own: 'ready', summary: 'The process can take up work' },
  { method: 'GET', path: '/metrics', needs: ['viewer'], own: 'metrics', summary: 'Counts, for Prometheus' },
  {
    method: 'GET',
    path: '/openapi.json',
    needs: 'open',
    own: 'openapi',
    summary: 'This interface, as OpenAPI 3.1',
  },
  {
    method: 'GET',
    path: '/.well-known/oauth-protected-resource/mcp',
    needs: 'open',
    own: 'resource',
    summary: 'Whose tokens count here (RFC 9728)',
  },
  { method: 'GET', path: '/docs', needs: 'open', own: 'docs', summary: 'This interface, for people' },
  {
    method: 'GET',
    path: QUESTION,
    needs: 'person',
    own: 'questionPage',
    summary: 'A question, for a person with a browser',
  },
  {
    method: 'POST',
    path: QUESTION,
    needs: 'person',
    own: 'questionForm',
    summary: "The form of that page: a person's proof, or their answer",
  },
];

/** Names of the parameters in a path. */
export const pathNames = ({ path }: Route): readonly string[] =>
  [...path.matchAll(/:([a-z_]+)/g)].map(([, name = '']) => name);
