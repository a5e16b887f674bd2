/** What every request of one server has in common, and the names under which Hono keeps what belongs to one of them. */
import type { HttpBindings } from '@hono/node-server';
import type { ResourceReader } from '../mcp/resources.ts';
import type { Access } from '../tools/access.ts';
import type { OpenBelay } from '../tools/belay.ts';
import type { Tool } from '../tools/tool.ts';
import type { HttpBounds } from './bounds.ts';
import type { CallerShares } from './caller-shares.ts';
import type { CallsUnderWay } from './calls-under-way.ts';
import type { FeedTail } from './feed-tail.ts';
import type { Authentication } from './keys/authenticate.ts';
import type { TokenIssuer } from './keys/token-verifier.ts';
import type { McpEndpoint } from './mcp-endpoint.ts';
import type { HttpMetrics } from './metrics.ts';
import type { Persons } from './questions/persons.ts';
import type { QuestionAddress } from './questions/question-address.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { WebhookSender } from './webhooks/webhook-sender.ts';

export interface Site {
  readonly open: OpenBelay;
  readonly tools: readonly Tool[];
  readonly resources: ResourceReader;
  readonly mcp: McpEndpoint;
  /** Of MCP. */
  readonly underWay: CallsUnderWay;
  /** Of event streams. */
  readonly tail: FeedTail;
  /** Event streams that are open. */
  readonly streams: CallerShares;
  /** All answers that are open. */
  readonly answers: CallerShares;
  readonly sender: Pick<WebhookSender, 'counts'>;
  readonly authentication: Authentication;
  /** Who sits at question pages, and where those are. */
  readonly persons: Persons;
  readonly questionAddress: QuestionAddress;
  /** Whose tokens count besides keys. */
  readonly tokens?: TokenIssuer;
  /** By caller. */
  readonly calls: RateLimit;
  /** By address, of what could not be authenticated. */
  readonly refusals: RateLimit;
  /** Names in `Host` that mean this server. */
  readonly hosts: readonly string[];
  readonly bounds: HttpBounds;
  readonly metrics: HttpMetrics;
  readonly refused: RefusalLog;
  /** Of the interface itself, as OpenAPI and as HTML. */
  readonly description: { readonly json: string; readonly page: string };
  readonly version: string;
  /** Working directory for runs that name none. */
  readonly cwd: string;
  /** Fires when the server ends: waiting ends, runs go on. */
  readonly leaving: AbortSignal;
  readonly now: () => number;
}

export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: {
    /** Who calls; absent for the local user. */
    access: Access | undefined;
    /** Pattern of the route, for the metrics. */
    route: string;
  };
}
