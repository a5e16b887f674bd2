/** What `/metrics` shows, in the text format of Prometheus. Counts of one process, from its start. */
import type { Belay } from '../tools/belay.ts';

/** Upper ends in seconds. Calls that wait for a run are slow by wish. */
const BUCKETS = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 30] as const;

interface Timing {
  readonly buckets: number[];
  count: number;
  sum: number;
}

/** What others count. */
interface Gauges {
  readonly sessions: number;
  readonly version: string;
  readonly deliveries: { readonly delivered: number; readonly failed: number };
}

type Labels = { readonly [name: string]: string };

export class HttpMetrics {
  /** Event streams that are open. */
  streams = 0;
  readonly #requests = new Map<string, { readonly labels: Labels; count: number }>();
  readonly #timings = new Map<string, Timing>();

  /** @param route the pattern, never the path: labels must stay few */
  observe(route: string, method: string, status: number, seconds: number): void {
    const key = `${route} ${method} ${status}`;
    const labels = { route, method, status: String(status) };
    const counted = this.#requests.get(key) ?? { labels, count: 0 };
    counted.count += 1;
    this.#requests.set(key, counted);
    const timing = this.#timings.get(route) ?? { buckets: BUCKETS.map(() => 0), count: 0, sum: 0 };
    for (const [index, end] of BUCKETS.entries())
      if (seconds <= end) timing.buckets[index] = (timing.buckets[index] ?? 0) + 1;
    timing.count += 1;
    timing.sum += seconds;
    this.#timings.set(route, timing);
  }

  text(belay: Belay, { sessions, version, deliveries }: Gauges): string {
    return [
      ...family('belay_build_info', 'gauge', 'the version of this server', [[{ version }, 1]]),
      ...family('belay_runs_active', 'gauge', 'runs that this process drives', [
        [{}, belay.host?.active ?? 0],
      ]),
      ...family('belay_host_ok', 'gauge', '0 while storage refuses', [[{}, belay.host?.problem ? 0 : 1]]),
      ...family('belay_event_streams', 'gauge', 'event streams that are open', [[{}, this.streams]]),
      ...family('belay_mcp_sessions', 'gauge', 'sessions of 2025-era MCP clients', [[{}, sessions]]),
      ...family('process_resident_memory_bytes', 'gauge', 'resident memory', [
        [{}, process.memoryUsage.rss()],
      ]),
      ...family('process_start_time_seconds', 'gauge', 'start of the process, in Unix time', [
        [{}, Math.round(performance.timeOrigin) / 1_000],
      ]),
      ...family(
        'belay_webhook_attempts_total',
        'counter',
        'tries at deliveries to webhooks',
        Object.entries(deliveries).map(([result, count]) => [{ result }, count]),
      ),
      ...family(
        'belay_http_requests_total',
        'counter',
        'requests that were answered',
        [...this.#requests.values()].map(({ labels, count }) => [labels, count]),
      ),
      ...this.#histogram('belay_http_request_duration_seconds'),
      '',
    ].join('\n');
  }

  #histogram(name: string): readonly string[] {
    const lines = [...this.#timings].flatMap(([route, { buckets, count, sum }]) => [
      ...buckets.map((each, index) => line(`${name}_bucket`, { route, le: String(BUCKETS[index]) }, each)),
      line(`${name}_bucket`, { route, le: '+Inf' }, count),
      line(`${name}_sum`, { route }, sum),
      line(`${name}_count`, { route }, count),
    ]);
    return [...head(name, 'histogram', 'time from a request to its answer'), ...lines];
  }
}

const head = (name: string, type: string, help: string): readonly string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

const family = (
  name: string,
  type: string,
  help: string,
  values: readonly (readonly [Labels, number])[],
): readonly string[] => [
  ...head(name, type, help),
  ...values.map(([labels, value]) => line(name, labels, value)),
];

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
