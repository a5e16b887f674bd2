/**
 * `belay serve`: the HTTP server from its first connection to its last.
 * 1. An address that others can reach is not opened without a key.
 * 2. When it ends, it takes no more connections, lets waiting calls answer, ends streams, then closes what is left.
 */
import type { Server } from 'node:http';
import { type AddressInfo, BlockList, isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { createAdaptorServer } from '@hono/node-server';
import type { McpServerFactory } from '@modelcontextprotocol/server';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { PromptReader } from '../mcp/prompts.ts';
import { ResourceWatch } from '../mcp/resource-watch.ts';
import type { ResourceReader } from '../mcp/resources.ts';
import { mcpServerFactory } from '../mcp/server.ts';
import { Tasks } from '../mcp/tasks/tasks.ts';
import type { OpenBelay } from '../tools/belay.ts';
import type { Tool, ToolError } from '../tools/tool.ts';
import { httpApp } from './app.ts';
import { HTTP_BOUNDS, type HttpBounds } from './bounds.ts';
import { CallerShares } from './caller-shares.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { Description } from './description.ts';
import { FeedTail } from './feed-tail.ts';
import { KeyFolder } from './keys/key-folder.ts';
import { type TokenIssuer, tokenVerifier } from './keys/token-verifier.ts';
import { mcpEndpoint } from './mcp-endpoint.ts';
import { HttpMetrics } from './metrics.ts';
import { Persons } from './questions/persons.ts';
import { QuestionAddress } from './questions/question-address.ts';
import { RateLimit } from './rate-limit.ts';
import { RefusalLog } from './refusal-log.ts';
import type { Site } from './site.ts';
import { WebhookSender } from './webhooks/webhook-sender.ts';

export interface HttpOptions {
  readonly home: string;
  readonly open: OpenBelay;
  readonly tools: readonly Tool[];
  readonly resources: ResourceReader;
  readonly prompts?: PromptReader;
  readonly version: string;
  /** Working directory for runs that name none. */
  readonly cwd: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** More names in `Host` that mean this server: it stands behind a proxy. */
  readonly allowedHosts?: readonly string[];
  /** Its address as browsers know it, without a path: it stands behind a proxy. */
  readonly publicUrl?: string;
  /** Whose tokens count besides keys. */
  readonly tokens?: TokenIssuer;
  readonly bounds?: Partial<HttpBounds>;
  readonly now?: () => number;
  /** From 0 to 1, for the waits between two tries. */
  readonly random?: () => number;
  /** Adds to the MCP server of each client what is not Belay's own, such as the fixtures of the conformance suite. */
  readonly extendMcp?: (own: McpServerFactory) => McpServerFactory;
}

export interface HttpServer {
  readonly url: string;
  /** Resolves when the server has ended, by `close` or by itself. */
  readonly closed: Promise<void>;
  /** Ends it; a second call does not wait for anybody. */
  close(): void;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Can only this machine reach it? */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

export async function serveHttp(options: HttpOptions): Promise<Result<HttpServer, ToolError>> {
  const { home, host, tokens, now = Date.now, random = Math.random } = options;
  const keys = new KeyFolder(home, now);
  if (!isLoopback(host) && !tokens && !keys.hasActive) return err(keysNeeded(host));
  const bounds = { ...HTTP_BOUNDS, ...options.bounds };
  const leaving = new AbortController();
  const watch = new ResourceWatch(options.open, leaving.signal);
  const tasks = new Tasks(home);
  const questionAddress = new QuestionAddress(options.publicUrl);
  const factory = mcpFactory(options, { watch, tasks, questionAddress, leaving: leaving.signal });
  const authentication = {
    keys,
    keysAlways: !isLoopback(host) || tokens !== undefined,
    verifyToken: tokens && tokenVerifier(tokens, now),
    now,
  };
  const refusals = new RateLimit(bounds.refusalsPerSecondMax, now);
  const sender = new WebhookSender({ open: options.open, now, random, leaving: leaving.signal });
  const site: Site = {
    ...options,
    mcp: mcpEndpoint(factory, { ...options, leaving: leaving.signal, watch, tasks }, { bounds, now }),
    underWay: new CallsUnderWay(),
    tail: new FeedTail(leaving.signal),
    streams: new CallerShares(bounds.streamsEachMax),
    answers: new CallerShares(bounds.answersEachMax),
    sender,
    calls: new RateLimit(bounds.callsPerSecondMax, now),
    refusals,
    authentication,
    persons: new Persons({ home, authentication, tries: refusals, now }),
    questionAddress,
    hosts: hostNames(host, [...(options.allowedHosts ?? []), ...questionAddress.hosts]),
    bounds,
    metrics: new HttpMetrics(),
    refused: new RefusalLog(),
    description: new Description(options.tools, options.version),
    leaving: leaving.signal,
    now,
  };
  const server = newServer(site);
  const problem = await listen(server, host, options.port);
  if (problem) return err(problem);
  const served = running(server, site, { leaving, sending: sender.live() });
  questionAddress.listens(served.url);
  return ok(served);
}

/** What MCP shares with the rest of the server. */
interface Shared {
  readonly watch: ResourceWatch;
  readonly tasks: Tasks;
  readonly questionAddress: QuestionAddress;
  readonly leaving: AbortSignal;
}

function mcpFactory(
  options: HttpOptions,
  { watch, tasks, questionAddress, leaving }: Shared,
): McpServerFactory {
  const own = mcpServerFactory({
    ...options,
    updates: { watch, listens: true },
    tasks,
    questionUrl: (runId, questionId) => questionAddress.of(runId, questionId),
    leaving,
  });
  return options.extendMcp?.(own) ?? own;
}

function newServer(site: Site): Server {
  const { bounds } = site;
  const server = createAdaptorServer({
    fetch: httpApp(site).fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      maxHeaderSize: bounds.headersBytesMax,
      headersTimeout: bounds.headersMsMax,
      requestTimeout: bounds.requestMsMax,
      connectionsCheckingInterval: bounds.lookMs,
      keepAliveTimeout: bounds.idleMsMax,
    },
  }) as Server;
  server.maxConnections = bounds.connectionsMax;
  return server;
}

function listen(server: Server, host: string, port: number): Promise<ToolError | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(cannotListen(host, port, error));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve(undefined);
    });
  });
}

/** What goes on beside the answers. */
interface Beside {
  readonly leaving: AbortController;
  /** Resolves when nothing is delivered any more. */
  readonly sending: Promise<void>;
}

function running(server: Server, site: Site, { leaving, sending }: Beside): HttpServer {
  const { address, port, family } = server.address() as AddressInfo;
  const closed = new Promise<void>((resolve) => server.once('close', resolve)).then(() => sending);
  server.on('request', (_request, answer) =>
    answer.once('close', () => leaving.signal.aborted && hangUp(server)),
  );
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    closed,
    close() {
      if (leaving.signal.aborted) return server.closeAllConnections();
      leaving.abort();
      server.close();
      const impatience = setTimeout(() => server.closeAllConnections(), site.bounds.drainMs);
      void closed.then(() => clearTimeout(impatience));
      // sessions hold streams open; calls under way have been told to answer, and get their turn first
      void site.underWay.none().then(() => site.mcp.close());
    },
  };
}

/** A connection that is kept for more has no more to wait for; it counts as idle only after this turn. */
const hangUp = (server: Server): void => void setImmediate(() => server.closeIdleConnections());

/** As `validateHostHeader` wants them: IPv6 in brackets. */
function hostNames(host: string, more: readonly string[]): readonly string[] {
  const own = isLoopback(host)
    ? []
    : [
        hostname(),
        ...Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address)),
      ];
  return ['localhost', '127.0.0.1', '::1', host, ...own, ...more].map((name) =>
    isIP(name) === 6 ? `[${name}]` : name.toLowerCase(),
  );
}

const keysNeeded = (host: string): ToolError => ({
  code: 'keys_needed',
  message: `\`${host}\` can be reached from other machines, and there is no key that callers would need`,
  hint: 'make one with `belay keys add NAME --role ROLE`, or serve on 127.0.0.1',
});

const cannotListen = (host: string, port: number, { code, message }: NodeJS.ErrnoException): ToolError => ({
  code: 'cannot_listen',
  message:
    code === 'EADDRINUSE'
      ? `port ${port} of \`${host}\` is in use`
      : `cannot listen on port ${port} of \`${host}\`: ${message}`,
  hint: 'choose another one with `--port`; 0 takes any that is free',
});
