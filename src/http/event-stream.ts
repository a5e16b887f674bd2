/**
 * The events of a run as Server-Sent Events: those that are there, then each one as it comes, until the run has ended.
 * The id of each is its number in the journal, so a client that was cut off goes on where it was.
 */

import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { isFinal } from '../engine/core/events.ts';
import { log } from '../engine/host/log.ts';
import { unknownRun } from '../tools/answers.ts';
import type { Belay } from '../tools/belay.ts';
import { shownEvent } from '../tools/event-list.ts';
import type { ToolError } from '../tools/tool.ts';
import { errorOf, problem } from './problem.ts';
import type { HttpEnv, Site } from './site.ts';

/** `Last-Event-ID`, or `after` for a client that cannot set headers. */
export async function runEvents(site: Site, c: Context<HttpEnv>): Promise<Response> {
  const after = c.req.header('last-event-id') ?? c.req.query('after') ?? '0';
  if (!/^\d{1,15}$/.test(after)) return problem(badId(after));
  const opened = await site.open();
  if (!opened.ok) return problem({ ...opened.error });
  const belay = opened.value;
  const runId = c.req.param('run_id') ?? '';
  const row = belay.journal.run(runId);
  if (!row) return problem(errorOf(unknownRun(belay, runId)));
  // by this answer a browser knows that it need not come again
  if (isFinal(row.status) && Number(after) >= row.seq) return new Response(null, { status: 204 });
  if (site.metrics.streams >= site.bounds.streamsMax) return problem(tooMany(site.bounds.streamsMax));
  return streamSSE(c, async (stream) => {
    site.metrics.streams += 1;
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    try {
      const signal = AbortSignal.any([gone.signal, site.leaving]);
      await follow({ belay, stream, signal, site }, runId, Number(after));
    } catch (err) {
      log.debug({ err, runId }, 'an event stream broke');
    } finally {
      site.metrics.streams -= 1;
    }
  });
}

interface Following {
  readonly belay: Belay;
  readonly stream: SSEStreamingApi;
  readonly signal: AbortSignal;
  readonly site: Site;
}

async function follow(
  { belay, stream, signal, site }: Following,
  runId: string,
  after: number,
): Promise<void> {
  let seq = after;
  let beatAtMs = 0;
  while (!signal.aborted) {
    const row = belay.journal.run(runId);
    if (row && row.seq > seq) {
      const read = belay.journal.read(runId, seq);
      if (!read.ok) return stream.writeSSE({ event: 'corrupt', data: JSON.stringify(read.error) });
      for (const each of read.value) {
        // each waits for a slow reader, so nothing is heaped up here
        await stream.writeSSE({
          id: String(each.seq),
          event: each.event.type,
          data: JSON.stringify(shownEvent(each)),
        });
        if (signal.aborted) return;
        seq = each.seq;
      }
    } else if (!row || isFinal(row.status)) return;
    else if (site.now() >= beatAtMs) {
      beatAtMs = site.now() + site.bounds.beatMs;
      await stream.write(': still here\n\n');
    } else await belay.changes.next(Date.now() + site.bounds.beatMs, signal);
  }
}

const badId = (found: string): ToolError => ({
  code: 'invalid_input',
  message: `expected the number of an event in \`Last-Event-ID\`, found \`${found.slice(0, 64)}\``,
  hint: 'send the id of the last event that you have seen, or none',
});

const tooMany = (max: number): ToolError => ({
  code: 'busy',
  message: `${max} event streams are open, and that is the most this server keeps`,
  hint: 'come again later, or ask for the run with `wait_seconds`',
});
