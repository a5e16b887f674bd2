/** An event of the feed as callers see it: what `workflow_status` shows of it, and which run it belongs to. */
import type { Json, JsonObject } from '../engine/core/model.ts';
import type { FeedEntry } from '../store/feed.ts';
import { shownEvent } from '../tools/event-list.ts';

/** `corrupt` stands for an event that does not verify; only where it was is known of it. */
export const entryType = ({ event }: FeedEntry): string => event?.event.type ?? 'corrupt';

export function shownEntry({ runId, workflow, seq, event }: FeedEntry): JsonObject {
  const place = { run_id: runId, ...(workflow !== undefined && { workflow }) };
  return event
    ? { ...place, ...(shownEvent(event) as { readonly [name: string]: Json }) }
    : { ...place, seq, type: 'corrupt' };
}
