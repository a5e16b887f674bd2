/**
 * The events of all runs as Server-Sent Events, in the order in which they were committed. The id of each is its position in
 * the feed; a reader that brings none begins with what comes next.
 */
import type { Context } from 'hono';
import { z } from 'zod';
import type { Belay } from '../tools/belay.ts';
import { parseArguments } from '../tools/parse-arguments.ts';
import type { FeedLine } from './feed-tail.ts';
import { afterOf, badEventNumber, isEventNumber, type LiveStream, liveStream } from './live-stream.ts';
import { problem } from './problem.ts';
import { queryArguments } from './query-arguments.ts';
import type { HttpEnv, Site } from './site.ts';
import { isPattern, matches } from './webhooks/event-pattern.ts';

const PATTERNS_MAX = 50;
/** Of one write; a page may be longer. */
const WRITE_CHARS_MAX = 64 * 1024;

export const feedSchema = z.strictObject({
  after: z.string().optional().describe('as `Last-Event-ID`; 0 for all there are'),
  workflow: z.string().max(200).optional().describe('only runs of this workflow'),
  run_id: z.string().max(200).optional().describe('only this run'),
  events: z
    .array(z.string().max(64))
    .max(PATTERNS_MAX)
    .optional()
    .describe('only these types, such as `run.finished`, `question.*`'),
});

type Wish = z.output<typeof feedSchema>;

export async function allEvents(site: Site, c: Context<HttpEnv>): Promise<Response> {
  const query = queryArguments(feedSchema, new URL(c.req.url).searchParams);
  const given = parseArguments({ name: 'GET /api/v1/events', input: feedSchema }, query);
  if (!given.ok) return problem(given.error);
  const strange = given.value.events?.find((each) => !isPattern(each));
  if (strange !== undefined) return problem(unknownType(strange));
  const after = afterOf(c);
  if (after !== undefined && !isEventNumber(after)) return problem(badEventNumber(after));
  const opened = await site.open();
  if (!opened.ok) return problem({ ...opened.error });
  const belay = opened.value;
  const from = after === undefined ? belay.journal.feed.end() : Number(after);
  return liveStream(site, c, belay, (live) => follow(site, belay, live, from, given.value));
}

async function follow(site: Site, belay: Belay, live: LiveStream, from: number, wish: Wish): Promise<void> {
  let position = from;
  while (!live.signal.aborted) {
    const page = site.tail.lines(belay, position);
    const last = page.at(-1);
    if (last) {
      for (const text of pieces(page.filter((line) => isWanted(line, wish)))) await live.write(text);
      position = last.position;
      // without data nothing is dispatched, but a reader that is cut off now knows where it was
    } else if (!(await live.pause('', `id: ${position}\n\n`))) return;
  }
}

const isWanted = ({ runId, workflow, type }: FeedLine, wish: Wish): boolean =>
  (wish.run_id === undefined || wish.run_id === runId) &&
  (wish.workflow === undefined || wish.workflow === workflow) &&
  (wish.events === undefined || matches(wish.events, type));

/** Lines together, as far as they fit into one write. */
function pieces(lines: readonly FeedLine[]): readonly string[] {
  const found: string[] = [];
  for (const { text } of lines) {
    const before = found.at(-1);
    if (before !== undefined && before.length + text.length <= WRITE_CHARS_MAX)
      found[found.length - 1] = before + text;
    else found.push(text);
  }
  return found;
}

const unknownType = (found: string) => ({
  code: 'invalid_input',
  message: `there are no events of type \`${found}\``,
  hint: 'write a type such as `run.finished`, a kind such as `run.*`, or `*`',
});
