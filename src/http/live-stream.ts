/**
 * What all streams of Server-Sent Events have in common.
 * 1. There are only so many at once, and a reader that takes nothing for long is cut off.
 * 2. Whoever could not come in any more, because the key has been revoked or has expired, is sent away at the next beat.
 */
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { log } from '../engine/host/log.ts';
import { holds } from '../tools/access.ts';
import type { Belay } from '../tools/belay.ts';
import type { ToolError } from '../tools/tool.ts';
import { authenticate } from './keys/authenticate.ts';
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
  const own = caller === undefined ? 0 : (site.streamsOf.get(caller) ?? 0);
  const { streamsMax, streamsEachMax } = site.bounds;
  if (site.metrics.streams >= streamsMax) return problem(tooMany(`${streamsMax} event streams are open`));
  if (own >= streamsEachMax) return problem(tooMany(`${own} event streams of this key are open`));
  return streamSSE(c, async (stream) => {
    count(site, caller, 1);
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
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
          if (!(await isStillIn(site, c))) return false;
          await patiently(site, c, stream.write(beat), gone);
          return !signal.aborted;
        },
      });
    } catch (err) {
      log.debug({ err, path: c.req.path }, 'an event stream broke');
    } finally {
      leave();
      count(site, caller, -1);
    }
  });
}

function count({ metrics, streamsOf }: Site, caller: string | undefined, more: 1 | -1): void {
  metrics.streams += more;
  if (caller === undefined) return;
  const left = (streamsOf.get(caller) ?? 0) + more;
  if (left > 0) streamsOf.set(caller, left);
  else streamsOf.delete(caller);
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

async function isStillIn(site: Site, c: Context<HttpEnv>): Promise<boolean> {
  const known = await authenticate(site.authentication, c.req.header('authorization'));
  return known.ok && (known.value === undefined || holds(known.value.roles, 'viewer'));
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
