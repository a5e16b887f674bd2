/**
 * The events of a run as Server-Sent Events: those that are there, then each one as it comes, until the run has ended.
 * The id of each is its number in the journal, so a client that was cut off goes on where it was.
 */
import type { Context } from 'hono';
import { isFinal } from '../engine/core/events.ts';
import { unknownRun } from '../tools/answers.ts';
import type { Belay } from '../tools/belay.ts';
import { shownEvent } from '../tools/event-list.ts';
import { afterOf, badEventNumber, isEventNumber, type LiveStream, liveStream } from './live-stream.ts';
import { errorOf, problem } from './problem.ts';
import type { HttpEnv, Site } from './site.ts';

/** As `Last-Event-ID`, or `after`, says. */
export async function runEvents(site: Site, c: Context<HttpEnv>): Promise<Response> {
  const after = afterOf(c) ?? '0';
  if (!isEventNumber(after)) return problem(badEventNumber(after));
  const opened = await site.open();
  if (!opened.ok) return problem({ ...opened.error });
  const belay = opened.value;
  const runId = c.req.param('run_id') ?? '';
  const row = belay.journal.run(runId);
  if (!row) return problem(errorOf(unknownRun(belay, runId)));
  // by this answer a browser knows that it need not come again
  if (isFinal(row.status) && Number(after) >= row.seq) return new Response(null, { status: 204 });
  return liveStream(site, c, belay, (live) => follow(belay, live, runId, Number(after)));
}

async function follow({ journal }: Belay, live: LiveStream, runId: string, after: number): Promise<void> {
  let seq = after;
  while (!live.signal.aborted) {
    const row = journal.run(runId);
    if (row && row.seq > seq) {
      const page = journal.readPage(runId, seq);
      if (!page.ok) return live.write(`event: corrupt\ndata: ${JSON.stringify(page.error)}\n\n`);
      for (const each of page.value.events) {
        // each waits for a slow reader, so nothing is heaped up here
        const data = JSON.stringify(shownEvent(each));
        await live.write(`id: ${each.seq}\nevent: ${each.event.type}\ndata: ${data}\n\n`);
        if (live.signal.aborted) return;
        seq = each.seq;
      }
    } else if (!row || isFinal(row.status)) return;
    else if (!(await live.pause(runId, ': still here\n\n'))) return;
  }
}
