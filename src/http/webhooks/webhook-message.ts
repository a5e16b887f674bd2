/** The body of a delivery, the same at every try: an event in the envelope of Standard Webhooks. */
import { WEBHOOK_BODY_BYTES_MAX } from '../../engine/core/limits.ts';
import type { FeedEntry } from '../../store/feed.ts';
import type { Delivery } from '../../store/webhooks/delivery-list.ts';
import { shownEntry } from '../shown-entry.ts';

const ID = /^msg_([0-9a-f]{16})_([1-9]\d{0,14})$/;

/** The same for each try, another one for each webhook: receivers tell a repetition by it. */
export const messageId = ({ webhook, position }: Pick<Delivery, 'webhook' | 'position'>): string =>
  `msg_${webhook.slice('wh_'.length)}_${position}`;

/** Which delivery an id names; undefined where it is no such id. */
export function parseMessageId(id: string): Pick<Delivery, 'webhook' | 'position'> | undefined {
  const [, webhook, position] = ID.exec(id) ?? [];
  return webhook && position ? { webhook: `wh_${webhook}`, position: Number(position) } : undefined;
}

/** Of an event that is too long only its head, with `truncated`. */
export function messageBody(id: string, type: string, entry: FeedEntry): string {
  const data = shownEntry(entry);
  const { run_id, workflow = null, seq = null, at: timestamp = null } = data;
  const whole = JSON.stringify({ id, type, timestamp, data });
  if (Buffer.byteLength(whole) <= WEBHOOK_BODY_BYTES_MAX) return whole;
  return JSON.stringify({ id, type, timestamp, data: { run_id, workflow, seq, type, truncated: true } });
}
