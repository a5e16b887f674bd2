/** Routes that are no tool call: one workflow with its text, health, metrics, and what describes the interface itself. */
import type { Context } from 'hono';
import type { JsonObject } from '../engine/core/model.ts';
import { ROLES } from '../tools/access.ts';
import { unknownWorkflow } from '../tools/answers.ts';
import { callTool } from './call-tool.ts';
import { endWithKey } from './end-with-key.ts';
import { runEvents } from './event-stream.ts';
import { allEvents } from './feed-stream.ts';
import { SCOPE } from './keys/token-verifier.ts';
import { errorOf, problem } from './problem.ts';
import { questionForm, questionPage } from './questions/question-pages.ts';
import type { OwnAnswer } from './routes.ts';
import { artifact, runReport, stepLog } from './run-files.ts';
import type { HttpEnv, Site } from './site.ts';
import { tagged } from './tool-answer.ts';
import {
  deliveries,
  newWebhook,
  removedWebhook,
  retried,
  webhook,
  webhooks,
} from './webhooks/webhook-answers.ts';

type Answer = (site: Site, c: Context<HttpEnv>) => Response | Promise<Response>;

export const ownAnswers: { readonly [own in OwnAnswer]: Answer } = {
  mcp,
  workflow: oneWorkflow,
  events: runEvents,
  feed: allEvents,
  webhooks,
  newWebhook,
  webhook,
  removedWebhook,
  deliveries,
  retried,
  report: runReport,
  log: stepLog,
  artifact,
  health: () => Response.json({ status: 'ok' }),
  ready,
  metrics,
  questionPage,
  questionForm,
  resource,
  openapi: ({ description }) =>
    new Response(description.json, { headers: { 'content-type': 'application/json' } }),
  docs: ({ description }) =>
    new Response(description.page, {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      },
    }),
};

function mcp(site: Site, c: Context<HttpEnv>): Promise<Response> {
  // streams of news end when nobody is there to tell any, and not before
  const { outgoing } = c.env;
  const isCall = c.req.method === 'POST' && c.req.header('mcp-method') !== 'subscriptions/listen';
  if (isCall) site.underWay.follow(outgoing);
  else endWithKey(site, c, () => outgoing.destroy());
  return site.mcp.fetch(c.req.raw, outgoing, c.get('access'));
}

/** As `workflow_list` shows it, and its text. */
async function oneWorkflow(site: Site, c: Context<HttpEnv>): Promise<Response> {
  const name = c.req.param('name') ?? '';
  const opened = await site.open();
  if (!opened.ok) return problem({ ...opened.error });
  const tool = site.tools.find((each) => each.name === 'workflow_list');
  const found = opened.value.library.find(name);
  if (!found) return problem(errorOf(unknownWorkflow(opened.value, name)));
  if (!tool) throw new Error('workflow_list is not in the catalogue');
  const access = c.get('access');
  for (let cursor: string | undefined; ; ) {
    const given: JsonObject = { query: name, limit: 200, ...(cursor !== undefined && { cursor }) };
    const page = await callTool(site, { tool, given, access, gone: c.req.raw.signal });
    if (page.kind === 'error') return problem(page.error);
    const { workflows, next_cursor } = page.structured as {
      workflows: readonly JsonObject[];
      next_cursor?: string;
    };
    const listed = workflows.find((each) => each.name === name);
    if (listed || next_cursor === undefined) return tagged(c, { ...listed, definition: found.text });
    cursor = next_cursor;
  }
}

async function ready(site: Site): Promise<Response> {
  if (site.leaving.aborted) return problem({ code: 'leaving', message: 'the server is ending' });
  const opened = await site.open();
  if (!opened.ok) return problem({ code: 'storage', message: 'the data folder cannot be used' });
  // the words may name paths, and whoever asks is nobody
  if (opened.value.host?.problem) return problem({ code: 'storage', message: 'the journal cannot be used' });
  return Response.json({ status: 'ready' });
}

/** For MCP clients that look for the authorization server of a token. */
function resource({ tokens }: Site): Response {
  if (!tokens) return problem({ code: 'unknown_route', message: 'tokens of nobody count here, only keys' });
  return Response.json({
    resource: tokens.audience,
    authorization_servers: [tokens.issuer],
    scopes_supported: ROLES.map((role) => `${SCOPE}${role}`),
    bearer_methods_supported: ['header'],
  });
}

async function metrics(site: Site): Promise<Response> {
  const opened = await site.open();
  if (!opened.ok) return problem({ ...opened.error });
  const text = site.metrics.text(opened.value, {
    sessions: site.mcp.sessions,
    version: site.version,
    deliveries: site.sender.counts,
  });
  return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
}
