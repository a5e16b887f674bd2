/** The routes of webhooks. Who may come in is for the table of routes. */
import type { Context } from 'hono';
import type { z } from 'zod';
import type { Result } from '../../engine/core/failure.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { Store } from '../../store/open-store.ts';
import { parseArguments } from '../../tools/parse-arguments.ts';
import { thrownProblem } from '../../tools/storage-problem.ts';
import type { ToolError } from '../../tools/tool.ts';
import { jsonBody } from '../json-body.ts';
import { LOCAL_CALLER } from '../keys/authenticate.ts';
import { problem } from '../problem.ts';
import { queryArguments } from '../query-arguments.ts';
import type { HttpEnv, Site } from '../site.ts';
import {
  addWebhook,
  deliveriesOf,
  deliveriesSchema,
  newWebhookSchema,
  oneWebhook,
  retryDeliveries,
  retrySchema,
  shownWebhook,
} from './webhook-acts.ts';

type Answer = (site: Site, c: Context<HttpEnv>) => Promise<Response>;

const idOf = (c: Context<HttpEnv>): string => c.req.param('webhook_id') ?? '';

/** `act` with the opened store; what storage refuses is an answer, too. */
async function stored(site: Site, act: (journal: Store) => Response): Promise<Response> {
  const opened = await site.open();
  if (!opened.ok) return problem({ ...opened.error });
  try {
    return act(opened.value.journal);
  } catch (error) {
    const refused = thrownProblem(error);
    if (refused) return problem(refused);
    throw error;
  }
}

const answered = (result: Result<JsonObject, ToolError>, status = 200): Response =>
  result.ok ? Response.json(result.value, { status }) : problem(result.error);

/** Checks what was sent, then acts. */
async function sent<Input extends z.ZodObject>(
  site: Site,
  c: Context<HttpEnv>,
  input: Input,
  act: (journal: Store, given: z.output<Input>) => Response,
): Promise<Response> {
  const body = await jsonBody(c.req.raw, site.bounds.bodyBytesMax);
  if (!body.ok) return problem(body.error);
  const given = parseArguments({ name: `${c.req.method} ${c.req.path}`, input }, body.value);
  return given.ok ? stored(site, (journal) => act(journal, given.value)) : problem(given.error);
}

export const webhooks: Answer = (site) =>
  stored(site, (journal) => Response.json({ webhooks: journal.webhooks.list().map(shownWebhook) }));

export const newWebhook: Answer = (site, c) =>
  sent(site, c, newWebhookSchema, (journal, given) => {
    const by = c.get('access')?.caller ?? LOCAL_CALLER;
    return answered(addWebhook(journal, given, { by, nowMs: site.now() }), 201);
  });

export const webhook: Answer = (site, c) =>
  stored(site, (journal) => {
    const found = oneWebhook(journal, idOf(c));
    return found.ok ? Response.json(shownWebhook(found.value)) : problem(found.error);
  });

export const removedWebhook: Answer = (site, c) =>
  stored(site, (journal) => {
    const found = oneWebhook(journal, idOf(c));
    if (!found.ok) return problem(found.error);
    journal.webhooks.remove(found.value.id);
    return new Response(null, { status: 204 });
  });

export const deliveries: Answer = async (site, c) => {
  const query = queryArguments(deliveriesSchema, new URL(c.req.url).searchParams);
  const given = parseArguments({ name: `GET ${c.req.path}`, input: deliveriesSchema }, query);
  if (!given.ok) return problem(given.error);
  return stored(site, (journal) => answered(deliveriesOf(journal, idOf(c), given.value)));
};

export const retried: Answer = (site, c) =>
  sent(site, c, retrySchema, (journal, given) =>
    answered(retryDeliveries(journal, idOf(c), given.delivery_id, site.now())),
  );
