/**
 * The router. Deny by default: a request passes the checks below in order, then exactly one route of the table, or gets 404.
 * 1. `Host` names this server, and `Origin`, where a browser sends one, is this server itself: 403.
 * 2. The path stands in the table as it is written: no encoding, no dots, no other case, no slash more.
 * 3. The caller is who the key says, and holds the role of the route; the tool asks about its arguments.
 */
import { getOAuthProtectedResourceMetadataUrl, validateHostHeader } from '@modelcontextprotocol/server';
import { type Context, Hono, type Next } from 'hono';
import { log } from '../engine/host/log.ts';
import { type Access, holds } from '../tools/access.ts';
import type { ToolError } from '../tools/tool.ts';
import { cutStalled } from './cut-stalled.ts';
import { authenticate } from './keys/authenticate.ts';
import { SCOPE } from './keys/token-verifier.ts';
import { ownAnswers } from './own-answers.ts';
import { problem } from './problem.ts';
import { type Needs, type Route, routes } from './routes.ts';
import type { HttpEnv, Site } from './site.ts';
import { toolAnswer } from './tool-answer.ts';

/** Everything that a route, a run id or the name of a workflow is made of. */
const PATH = /^(?:\/\.well-known)?(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/;

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export function httpApp(site: Site): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(async (c, next) => observed(site, c, next));
  app.use(async (c, next) => foreign(site, c) ?? next());
  for (const route of routes) app.on(route.method, route.path, (c) => enter(site, route, c));
  for (const path of new Set(routes.map((each) => each.path))) app.all(path, (c) => wrongMethod(path, c));
  app.notFound((c) => problem(noRoute(c.req.path)));
  app.onError((err, c) => {
    const hasLeft = c.req.raw.signal.aborted;
    log[hasLeft ? 'debug' : 'error']({ err, path: c.req.path }, 'a request broke');
    return problem(broken);
  });
  return app;
}

async function observed(site: Site, c: Context<HttpEnv>, next: Next): Promise<void> {
  const beginMs = performance.now();
  cutStalled(c.env.outgoing, site.bounds.stallMs);
  await next();
  for (const [name, value] of Object.entries(SECURITY_HEADERS))
    if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  if (site.leaving.aborted) c.res.headers.set('connection', 'close');
  const seconds = (performance.now() - beginMs) / 1_000;
  const route = c.get('route');
  const { method, path } = c.req;
  const { status } = c.res;
  site.metrics.observe(route ?? 'none', method, status, seconds);
  if (status >= 400 && status < 500)
    site.refused.add({ status, method, route, path, caller: c.get('access')?.caller }, beginMs);
}

/** The answer for a request that is meant for another server, comes from another site, or is written another way. */
function foreign(site: Site, c: Context<HttpEnv>): Response | undefined {
  const host = c.req.header('host');
  if (!validateHostHeader(host, [...site.hosts]).ok) return problem(wrongHost);
  const origin = c.req.header('origin');
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    return problem(wrongOrigin);
  const [path = ''] = (c.env.incoming.url ?? '').split('?');
  if (!PATH.test(path) || path !== c.req.path) return problem(noRoute(path));
  // Hono answers HEAD by GET, which would open a stream for nobody
  return c.req.method === 'HEAD' ? wrongMethod(path, c) : undefined;
}

async function enter(site: Site, route: Route, c: Context<HttpEnv>): Promise<Response> {
  c.set('route', route.path);
  // the page of a question asks by itself who is there: a browser cannot send a key in a header
  if (route.needs !== 'open' && route.needs !== 'person') {
    const known = await authenticate(site.authentication, c.req.header('authorization'));
    if (!known.ok) return stranger(site, known.error, route.needs, c);
    const waitMs = known.value ? site.calls.take(known.value.caller) : 0;
    if (waitMs > 0) return tooFast(waitMs);
    const refused = known.value && lackedRole(known.value, route.needs);
    if (refused) return problem(refused, challenge(site, 'insufficient_scope', route.needs));
    if (!site.answers.take(known.value?.caller, c.env.outgoing)) return problem(tooManyOpen);
    c.set('access', known.value);
  }
  if (site.leaving.aborted && route.needs !== 'open') return problem(isLeaving);
  if ('own' in route) return ownAnswers[route.own](site, c);
  const tool = site.tools.find(({ name }) => name === route.tool);
  return tool ? toolAnswer(site, route, tool, c) : problem(noRoute(c.req.path));
}

type Roles = Exclude<Needs, string>;

function stranger(site: Site, error: ToolError, needs: Roles, c: Context<HttpEnv>): Response {
  const waitMs = site.refusals.take(c.env.incoming.socket.remoteAddress ?? 'unknown');
  if (waitMs > 0) return tooFast(waitMs);
  if (error.code !== 'unauthorized') return problem(error);
  const brought = c.req.header('authorization') !== undefined;
  return problem(error, challenge(site, brought ? 'invalid_token' : undefined, needs));
}

function tooFast(waitMs: number): Response {
  const error = {
    code: 'rate_limited',
    message: 'too many requests',
    hint: 'wait as long as `Retry-After` says; `wait_seconds` and event streams save looking again and again',
  };
  return problem(error, { 'retry-after': String(Math.ceil(waitMs / 1_000)) });
}

/** What is wrong with the caller's token (RFC 6750), and, if tokens count here, where one comes from and with what scope. */
function challenge({ tokens }: Site, error: string | undefined, needs: Roles) {
  const resource = tokens && new URL(getOAuthProtectedResourceMetadataUrl(new URL(tokens.audience)));
  const said = [
    'realm="belay"',
    ...(error === undefined ? [] : [`error="${error}"`]),
    ...(resource ? [`scope="${SCOPE}${needs[0]}"`, `resource_metadata="${resource.href}"`] : []),
  ];
  return { 'www-authenticate': `Bearer ${said.join(', ')}` };
}

function lackedRole({ caller, roles }: Access, needs: Roles): ToolError | undefined {
  if (needs.some((role) => holds(roles, role))) return undefined;
  return {
    code: 'forbidden',
    message: `this needs role ${needs.map((role) => `\`${role}\``).join(' or ')}; \`${caller}\` has ${roles.join(', ')}`,
    hint: 'ask whoever runs this server for a key with that role (`belay keys add`)',
  };
}

function wrongMethod(path: string, c: Context<HttpEnv>): Response {
  const allowed = routes.filter((each) => each.path === path).map(({ method }) => method);
  const error = {
    code: 'method_not_allowed',
    message: `\`${c.req.method}\` is not what this address takes`,
    hint: '/docs shows all of them',
  };
  return problem(error, { allow: allowed.join(', ') || 'GET, POST' });
}

const broken: ToolError = {
  code: 'internal',
  message: 'the request failed unexpectedly; the log on stderr has the details',
};

const noRoute = (path: string): ToolError => ({
  code: 'unknown_route',
  message: `there is nothing at \`${path.slice(0, 200)}\``,
  hint: '/docs shows all addresses; they are written exactly as there',
});

const wrongHost: ToolError = {
  code: 'forbidden',
  message: 'the name in `Host` is not one of this server',
  hint: 'use the address it was started with, or start it with `--allow-host NAME`',
};

const wrongOrigin: ToolError = {
  code: 'forbidden',
  message: 'requests of other web sites are refused',
  hint: 'call it from a program, or from a page of this server',
};

const tooManyOpen: ToolError = {
  code: 'busy',
  message: 'as many answers to this key are open as there may be at once',
  hint: 'end streams and waits that are no longer needed, or come again later',
};

const isLeaving: ToolError = {
  code: 'leaving',
  message: 'the server is ending; runs go on',
  hint: 'call again in a moment',
};
