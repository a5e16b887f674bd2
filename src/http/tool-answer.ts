/** A route that is a tool call: arguments out of path, query, body and headers, and the tool's answer as an HTTP answer. */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { Json, JsonObject } from '../engine/core/model.ts';
import type { Tool, ToolError } from '../tools/tool.ts';
import { callTool } from './call-tool.ts';
import { jsonBody } from './json-body.ts';
import { problem } from './problem.ts';
import { queryArguments } from './query-arguments.ts';
import { pathNames, type ToolRoute } from './routes.ts';
import type { HttpEnv, Site } from './site.ts';

export async function toolAnswer(
  site: Site,
  route: ToolRoute,
  tool: Tool,
  c: Context<HttpEnv>,
): Promise<Response> {
  const given = await givenArguments(site, route, tool, c);
  if (!given.ok) return problem(given.error);
  const result = await callTool(site, {
    tool,
    given: given.value,
    access: c.get('access'),
    trace: c.req.header('traceparent'),
    gone: c.req.raw.signal,
  });
  if (result.kind === 'error') return problem(result.error);
  if (route.method === 'GET') return tagged(c, result.structured);
  return route.creates ? created(result.structured) : Response.json(result.structured);
}

async function givenArguments(
  site: Site,
  route: ToolRoute,
  tool: Tool,
  c: Context<HttpEnv>,
): Promise<Result<JsonObject, ToolError>> {
  const sent =
    route.method === 'GET'
      ? ok(queryArguments(tool.input, new URL(c.req.url).searchParams))
      : await jsonBody(c.req.raw, site.bounds.bodyBytesMax);
  if (!sent.ok) return sent;
  const ofRoute: { [name: string]: Json } = { ...(route.fixed as JsonObject | undefined) };
  for (const name of pathNames(route)) ofRoute[name] = c.req.param(name) ?? '';
  const key = c.req.header('idempotency-key');
  if (key !== undefined && Object.hasOwn(tool.input.shape, 'idempotency_key')) ofRoute.idempotency_key = key;
  const twice = Object.keys(ofRoute).find(
    (name) => Object.hasOwn(sent.value, name) && sent.value[name] !== ofRoute[name],
  );
  if (twice !== undefined) return err(saidTwice(twice));
  return ok({ ...sent.value, ...ofRoute });
}

/** A reader that has the same answer already is told so in a few bytes. */
export function tagged(c: Context<HttpEnv>, structured: JsonObject): Response {
  const body = JSON.stringify(structured);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  const headers = { etag, 'cache-control': 'private, no-cache' };
  const known = (c.req.header('if-none-match') ?? '')
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return new Response(null, { status: 304, headers });
  return new Response(body, { headers: { ...headers, 'content-type': 'application/json' } });
}

/** A plan, or a run that an earlier call with the same key has started, is nothing new. */
function created(structured: JsonObject): Response {
  const { run_id, dry_run, existing } = structured;
  if (typeof run_id !== 'string' || dry_run === true) return Response.json(structured);
  const headers = { location: `/api/v1/runs/${run_id}` };
  return Response.json(structured, { status: existing === true ? 200 : 201, headers });
}

const saidTwice = (name: string): ToolError => ({
  code: 'invalid_input',
  message: `\`${name}\` is said twice, with two values`,
  hint: 'the address or the header says it: leave it out of the body and the query',
});
