/** What can be done with webhooks, for REST and for the command line: parsed values in, what is shown of them out. */
import { z } from 'zod';
import { EVENT_TYPES } from '../../engine/core/events.ts';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { WEBHOOK_URL_CHARS_MAX, WEBHOOKS_MAX } from '../../engine/core/limits.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import { isRefused, literalAddress } from '../../steps/http/address-rule.ts';
import type { Store } from '../../store/open-store.ts';
import type { Delivery } from '../../store/webhooks/delivery-list.ts';
import type { Webhook } from '../../store/webhooks/webhook-list.ts';
import type { ToolError } from '../../tools/tool.ts';
import { isPattern } from './event-pattern.ts';
import { newSecret, parseSecret, secretText } from './signature.ts';
import { messageId, parseMessageId } from './webhook-message.ts';

const PATTERNS_MAX = 50;
const PAGE_MAX = 200;
const PAGE_USUAL = 50;

export const newWebhookSchema = z.strictObject({
  url: z.string().max(WEBHOOK_URL_CHARS_MAX).describe('where events are sent: an https address'),
  events: z
    .array(z.string().max(64))
    .min(1)
    .max(PATTERNS_MAX)
    .describe('types of events such as `run.finished`, a whole kind such as `run.*`, or `*`'),
  secret: z
    .string()
    .max(200)
    .optional()
    .describe('`whsec_` and 24 to 64 bytes in Base64; one is made unless given'),
  allow_private: z
    .boolean()
    .optional()
    .describe('it may lie on this machine or in its network, and may be plain http'),
});

export const deliveriesSchema = z.strictObject({
  status: z.enum(['pending', 'delivered', 'dead']).optional(),
  limit: z.int().min(1).max(PAGE_MAX).optional(),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});

export const retrySchema = z.strictObject({
  delivery_id: z.string().max(64).optional().describe('one delivery; all that were given up unless said'),
});

interface Caller {
  readonly by: string;
  readonly nowMs: number;
}

/** The answer holds the secret: this once, and never again. */
export function addWebhook(
  { webhooks }: Pick<Store, 'webhooks'>,
  wish: z.output<typeof newWebhookSchema>,
  { by, nowMs }: Caller,
): Result<JsonObject, ToolError> {
  const { events, allow_private: allowPrivate = false } = wish;
  const url = targetOf(wish.url, allowPrivate);
  if (!url.ok) return url;
  const strange = events.find((each) => !isPattern(each));
  if (strange !== undefined) return err(unknownEvent(strange));
  const secret = wish.secret === undefined ? newSecret() : parseSecret(wish.secret);
  if (!secret) return err(NO_SECRET);
  const added = webhooks.add({ url: url.value, events, secret, allowPrivate, by, atMs: nowMs });
  return added.ok ? ok({ ...shownWebhook(added.value), secret: secretText(secret) }) : err(FULL);
}

function targetOf(text: string, allowPrivate: boolean): Result<string, ToolError> {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return err(badUrl('is no http address'));
  if (url.username !== '' || url.password !== '') return err(badUrl('holds a user or a password'));
  if (url.protocol === 'http:' && !allowPrivate)
    return err(badUrl('is not https, so anybody could read along'));
  const address = literalAddress(url);
  if (address !== undefined && !allowPrivate && isRefused(address))
    return err(badUrl('is a private address'));
  url.hash = '';
  return ok(url.href);
}

export function oneWebhook({ webhooks }: Pick<Store, 'webhooks'>, id: string): Result<Webhook, ToolError> {
  const found = webhooks.find(id);
  return found ? ok(found) : err(unknownWebhook(id));
}

export function deliveriesOf(
  { webhooks, deliveries }: Pick<Store, 'webhooks' | 'deliveries'>,
  id: string,
  { status, limit = PAGE_USUAL, cursor }: z.output<typeof deliveriesSchema>,
): Result<JsonObject, ToolError> {
  if (!webhooks.find(id)) return err(unknownWebhook(id));
  const found = deliveries.list(id, {
    ...(status && { status }),
    ...(cursor !== undefined && { before: Number(cursor) }),
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return ok({
    deliveries: page.map(shownDelivery),
    ...(found.length > limit && last && { next_cursor: String(last.position) }),
  });
}

/** Also takes up a webhook again whose receiver was gone. */
export function retryDeliveries(
  { webhooks, deliveries }: Pick<Store, 'webhooks' | 'deliveries'>,
  id: string,
  deliveryId: string | undefined,
  nowMs: number,
): Result<JsonObject, ToolError> {
  if (!webhooks.find(id)) return err(unknownWebhook(id));
  const named = deliveryId === undefined ? undefined : parseMessageId(deliveryId);
  const isOwn = named?.webhook === id && deliveries.find(id, named.position) !== undefined;
  if (deliveryId !== undefined && !isOwn) return err(unknownDelivery(deliveryId));
  const retried = deliveries.retry(id, named?.position, nowMs);
  webhooks.setStatus(id, 'active');
  return ok({ webhook_id: id, retried });
}

export const shownWebhook = (webhook: Webhook): JsonObject => ({
  webhook_id: webhook.id,
  url: webhook.url,
  events: webhook.events,
  status: webhook.status,
  ...(webhook.allowPrivate && { allow_private: true }),
  created_at: new Date(webhook.createdAt).toISOString(),
  created_by: webhook.createdBy,
});

const shownDelivery = (delivery: Delivery): JsonObject => ({
  delivery_id: messageId(delivery),
  type: delivery.type,
  run_id: delivery.runId,
  seq: delivery.seq,
  status: delivery.status,
  attempts: delivery.attempts,
  ...(delivery.status === 'pending' && { next_at: new Date(delivery.nextAt).toISOString() }),
  ...(delivery.endedAt !== undefined && { ended_at: new Date(delivery.endedAt).toISOString() }),
  ...(delivery.answer !== undefined && { answer: delivery.answer }),
  ...(delivery.error !== undefined && { error: delivery.error }),
});

const badUrl = (what: string): ToolError => ({
  code: 'invalid_input',
  message: `\`url\` ${what}`,
  hint: 'give an https address that others can reach; `allow_private` lets it lie on this machine or in its network',
});

const unknownEvent = (found: string): ToolError => ({
  code: 'invalid_input',
  message: `there are no events of type \`${found}\``,
  hint: `choose from \`*\`, a kind such as \`run.*\`, and ${EVENT_TYPES.join(', ')}`,
});

const NO_SECRET: ToolError = {
  code: 'invalid_input',
  message: '`secret` is no secret: expected `whsec_` and 24 to 64 bytes in Base64',
  hint: 'leave it out, and one is made',
};

const FULL: ToolError = {
  code: 'limit',
  message: `there are ${WEBHOOKS_MAX} webhooks, and that is the most there may be`,
  hint: 'remove one that is no longer needed',
};

const unknownWebhook = (id: string): ToolError => ({
  code: 'unknown_webhook',
  message: `there is no webhook \`${id.slice(0, 64)}\``,
  hint: '`belay webhooks ls`, or GET /api/v1/webhooks, shows all of them',
});

const unknownDelivery = (id: string): ToolError => ({
  code: 'unknown_delivery',
  message: `this webhook has no delivery \`${id.slice(0, 64)}\``,
  hint: 'its deliveries are listed with their ids; those that arrived long ago are forgotten',
});
