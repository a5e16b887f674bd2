/**
 * Tells of runs as they end, from the journal, where the standard variables of OpenTelemetry ask for it. Off by default: nothing
 * is imported then, and nothing is read.
 * 1. The process that has ended a run tells of it, so each run is told of once, however many share a data folder.
 * 2. The engine knows nothing of this: a receiver that is slow, wrong or away holds no run up.
 */
import type { JournalEvent } from '../../engine/core/events.ts';
import { FEED_PAGE_EVENTS } from '../../engine/core/limits.ts';
import type { Environment } from '../../engine/host/environment.ts';
import { foldEvents } from '../../engine/host/load-run.ts';
import { log } from '../../engine/host/log.ts';
import type { Store } from '../../store/open-store.ts';
import type { ChangeWatch } from '../change-watch.ts';
import type { TelemetrySink } from './otlp-sink.ts';
import { runSpans } from './run-spans.ts';

const LOOK_MS = 1_000;
/** How long a process that is about to leave waits for the other end. */
const LEAVE_MS = 5_000;

interface TelemetryOptions {
  readonly journal: Pick<Store, 'feed' | 'read'>;
  readonly changes: ChangeWatch;
  /** Of this process, as the journal names it. */
  readonly hostId: string;
  readonly environment: Environment;
}

export class RunTelemetry {
  readonly #options: TelemetryOptions;
  readonly #leaving = new AbortController();
  readonly #ended: Promise<void>;
  #isAbandoned = false;
  #position: number;

  /** Begins with what is committed from now on. */
  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#position = options.journal.feed.end();
    this.#ended = this.#follow().catch((err) => log.warn({ err }, 'telemetry has ended'));
  }

  /** Tells of what is still to be told, for some seconds at most; the store must still be open. */
  async close(): Promise<void> {
    this.#leaving.abort();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_MS);
    });
    await Promise.race([this.#ended, late]);
    clearTimeout(timer);
  }

  /** Reads no more: the store is about to close. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#leaving.abort();
  }

  async #follow(): Promise<void> {
    const { environment, changes } = this.#options;
    const { otlpSink } = await import('./otlp-sink.ts');
    const sink = otlpSink(environment);
    for (;;) {
      const isLeaving = this.#leaving.signal.aborted;
      if (this.#isAbandoned) break;
      const more = await this.#tell(sink).catch((err) => {
        log.warn({ err }, 'runs cannot be told of now');
        return false;
      });
      if (more) continue;
      if (isLeaving) break;
      await changes.next(Date.now() + LOOK_MS, this.#leaving.signal);
    }
    await sink.close();
  }

  /** A page of the feed; true where there was one. */
  async #tell(sink: TelemetrySink): Promise<boolean> {
    const { journal, hostId } = this.#options;
    const page = journal.feed.read(this.#position, FEED_PAGE_EVENTS);
    for (const { position, event } of page) {
      if (this.#isAbandoned) return false;
      this.#position = position;
      if (event?.host !== hostId || event.event.type !== 'run.finished') continue;
      await this.#tellOf(event, sink);
      // others get their turn, and the clock of who leaves goes on
      await new Promise((resolve) => setImmediate(resolve));
    }
    return page.length > 0;
  }

  async #tellOf({ run_id, seq }: JournalEvent, sink: TelemetrySink): Promise<void> {
    const read = this.#options.journal.read(run_id);
    const events = read.ok ? read.value.filter((each) => each.seq <= seq) : [];
    const run = foldEvents(events);
    if (!run.ok) return;
    const spans = runSpans(run.value, events);
    sink.count(spans);
    // one that is leaving sends everything at once, and waits for all of it together
    await this.#untilLeaving(sink.spans(spans));
  }

  /** Resolves when that has ended, or this process is about to leave. */
  #untilLeaving(sent: Promise<void>): Promise<void> {
    const { signal } = this.#leaving;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done);
      sent.then(done, done);
    });
  }
}
