/**
 * What all streams of Server-Sent Events have in common.
 * There are only so many at once, a reader that takes nothing for long is cut off, and none outlives the key it came with.
 */
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { log } from '../engine/host/log.ts';
import type { Belay } from '../tools/belay.ts';
import type { ToolError } from '../tools/tool.ts';
import { endWithKey } from './end-with-key.ts';
import { problem } from './problem.ts';
import type { HttpEnv, Site } from './site.ts';

export interface LiveStream {
  /** The reader has left, or is to leave. */
  readonly signal: AbortSignal;
  /** Resolves when the reader has room for more. */
  write(text: string): Promise<void>;
  /** Waits until the run (of `''`: any run) moves; writes `beat` from time to time. False where the stream is to end. */
  pause(runId: string, beat: string): Promise<boolean>;
}

/** The number behind which a reader goes on: `Last-Event-ID`, or `after` for a client that cannot set headers. */
export const afterOf = (c: Context<HttpEnv>): string | undefined =>
  c.req.header('last-event-id') ?? c.req.query('after');

export const isEventNumber = (text: string): boolean => /^\d{1,15}$/.test(text);

export function liveStream(
  site: Site,
  c: Context<HttpEnv>,
  belay: Belay,
  follow: (live: LiveStream) => Promise<void>,
): Response {
  const caller = c.get('access')?.caller;
  const { streamsMax, streamsEachMax } = site.bounds;
  if (site.metrics.streams >= streamsMax) return problem(tooMany(`${streamsMax} event streams are open`));
  if (!site.streams.take(caller, c.env.outgoing))
    return problem(tooMany(`${streamsEachMax} event streams of this key are open`));
  return streamSSE(c, async (stream) => {
    site.metrics.streams += 1;
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    endWithKey(site, c, () => gone.abort());
    const leave = site.tail.follow(belay);
    const signal = AbortSignal.any([gone.signal, site.leaving]);
    let beatAtMs = 0;
    try {
      await follow({
        signal,
        write: (text) => patiently(site, c, stream.write(text), gone),
        async pause(runId, beat) {
          if (signal.aborted) return false;
          if (site.now() < beatAtMs) {
            await site.tail.next(runId, site.bounds.beatMs, signal);
            return !signal.aborted;
          }
          beatAtMs = site.now() + site.bounds.beatMs;
          await patiently(site, c, stream.write(beat), gone);
          return !signal.aborted;
        },
      });
    } catch (err) {
      log.debug({ err, path: c.req.path }, 'an event stream broke');
    } finally {
      leave();
      site.metrics.streams -= 1;
    }
  });
}

/** A reader who takes nothing holds a place that others want. */
async function patiently(
  site: Site,
  c: Context<HttpEnv>,
  written: Promise<unknown>,
  gone: AbortController,
): Promise<void> {
  const impatience = setTimeout(() => {
    gone.abort();
    c.env.outgoing.destroy();
  }, site.bounds.stallMs);
  await written.finally(() => clearTimeout(impatience));
}

export const badEventNumber = (found: string): ToolError => ({
  code: 'invalid_input',
  message: `expected the number of an event in \`Last-Event-ID\`, found \`${found.slice(0, 64)}\``,
  hint: 'send the id of the last event that you have seen, or none',
});

const tooMany = (found: string): ToolError => ({
  code: 'busy',
  message: `${found}, and that is the most this server keeps`,
  hint: 'come again later, or ask for the run with `wait_seconds`',
});
