/**
 * The one place that knows OpenTelemetry's packages. It is imported only where telemetry is switched on, and reads the standard
 * variables; which of them the packages read by themselves is their business (address, headers, compression, timeout).
 */
import { createRequire } from 'node:module';
import {
  type Attributes,
  type Counter,
  type Histogram,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  type SpanExporter,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Environment } from '../../engine/host/environment.ts';
import { isSignalOn } from '../../engine/host/trace-context.ts';
import type { RunSpan } from './run-spans.ts';

const SCOPE = 'belay';
/** Spans of one request. */
const BATCH_SPANS = 512;
const METRIC_INTERVAL_MS = 60_000;
const METRIC_TIMEOUT_MS = 30_000;
/** Unless the standard variables say another time: a command that is done should not be held up by a receiver that is away. */
const EXPORT_MS_MAX = 3_000;

/** Where what runs did goes to. Never throws for what the other end does. */
export interface TelemetrySink {
  /** Resolves when it has arrived, or was given up. */
  spans(spans: readonly RunSpan[]): Promise<void>;
  /** Counts the run and its steps. */
  count(spans: readonly RunSpan[]): void;
  /** Sends the counts now, waits for spans that are under way, and ends. */
  close(): Promise<void>;
}

export function otlpSink(environment: Environment): TelemetrySink {
  const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'belay', 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }));
  const traces = isSignalOn(environment, 'TRACES') ? new SpanOutlet(resource, environment) : undefined;
  const metrics = isSignalOn(environment, 'METRICS') ? new RunCounts(resource, environment) : undefined;
  return {
    spans: async (spans) => traces?.send(spans),
    count: (spans) => metrics?.count(spans),
    async close() {
      await Promise.all([traces?.close(), metrics?.close()]);
    },
  };
}

type Resource = ReturnType<typeof defaultResource>;

/** Makes spans with the ids that the run has given them, and hands them over in batches. */
class SpanOutlet {
  readonly #exporter: SpanExporter;
  readonly #tracer: Tracer;
  readonly #ids = { traceId: '', spanId: '' };
  readonly #sending = new Set<Promise<void>>();
  #ended: ReadableSpan[] = [];

  constructor(resource: Resource, environment: Environment) {
    this.#exporter = new OTLPTraceExporter(patience(environment, 'TRACES'));
    const processor: SpanProcessor = {
      onStart: () => {},
      onEnd: (span) => {
        if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#ended.push(span);
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    const provider = new TracerProvider({
      resource,
      sampler: samplerOf(environment),
      idGenerator: { generateTraceId: () => this.#ids.traceId, generateSpanId: () => this.#ids.spanId },
      spanProcessors: [processor],
    });
    this.#tracer = provider.getTracer(SCOPE);
  }

  async send(spans: readonly RunSpan[]): Promise<void> {
    const sent = this.#send(spans);
    this.#sending.add(sent);
    await sent;
    this.#sending.delete(sent);
  }

  async #send(spans: readonly RunSpan[]): Promise<void> {
    const [run] = spans;
    if (!run || !this.#isSampled(run)) return;
    for (const span of spans) this.#make(span, span === run ? run.isSampled : true);
    const ended = this.#ended;
    this.#ended = [];
    for (let from = 0; from < ended.length; from += BATCH_SPANS)
      await new Promise<void>((resolve) => {
        // what could not be sent has been tried again by the exporter, and reported
        this.#exporter.export(ended.slice(from, from + BATCH_SPANS), () => resolve());
      });
  }

  /** A trace is told of as a whole or not at all: the run's span decides. */
  #isSampled(run: RunSpan): boolean {
    this.#make(run, run.isSampled);
    const isSampled = this.#ended.length > 0;
    this.#ended = [];
    return isSampled;
  }

  #make(span: RunSpan, isParentSampled: boolean): void {
    this.#ids.traceId = span.traceId;
    this.#ids.spanId = span.spanId;
    const { traceId, parentId, attributes } = span;
    const traceFlags = isParentSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const isRemote = span.hasForeignParent === true;
    const parent =
      parentId === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: parentId, traceFlags, isRemote });
    const links = span.links.map((spanId) => ({ context: { traceId, spanId, traceFlags } }));
    const made = this.#tracer.startSpan(span.name, { startTime: span.startMs, attributes, links }, parent);
    for (const { name, atMs, attributes: of } of span.events) made.addEvent(name, of, atMs);
    if (span.error) {
      made.setAttribute('error.type', span.error.code);
      made.setStatus({ code: SpanStatusCode.ERROR, message: span.error.message });
    }
    made.end(span.endMs);
  }

  async close(): Promise<void> {
    await Promise.all(this.#sending);
    await this.#exporter.shutdown();
  }
}

/** `OTEL_TRACES_SAMPLER`, which these packages leave to whoever uses them. */
function samplerOf({ OTEL_TRACES_SAMPLER: name = '', OTEL_TRACES_SAMPLER_ARG: ratio }: Environment): Sampler {
  const share = Number(ratio ?? 1);
  const root: { readonly [name: string]: Sampler } = {
    always_off: new AlwaysOffSampler(),
    traceidratio: new TraceIdRatioBasedSampler(Number.isFinite(share) ? share : 1),
  };
  const [, parent, own = ''] = /^(parentbased_)?(.*)$/.exec(name) ?? [];
  const sampler = root[own] ?? new AlwaysOnSampler();
  return parent !== undefined || name === '' ? new ParentBasedSampler({ root: sampler }) : sampler;
}

/** Environment variables count for less than what is said here, so nothing is said where one of them is set. */
function patience(environment: Environment, signal: string): { readonly timeoutMillis?: number } {
  const said = environment[`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`] ?? environment.OTEL_EXPORTER_OTLP_TIMEOUT;
  return said === undefined ? { timeoutMillis: EXPORT_MS_MAX } : {};
}

class RunCounts {
  readonly #provider: MeterProvider;
  readonly #runs: Counter;
  readonly #runSeconds: Histogram;
  readonly #stepSeconds: Histogram;
  readonly #retries: Counter;

  constructor(resource: Resource, environment: Environment) {
    const interval = Number(environment.OTEL_METRIC_EXPORT_INTERVAL ?? METRIC_INTERVAL_MS);
    const exportIntervalMillis = interval > 0 ? interval : METRIC_INTERVAL_MS;
    const reader = new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(patience(environment, 'METRICS')),
      exportIntervalMillis,
      exportTimeoutMillis: Math.min(exportIntervalMillis, METRIC_TIMEOUT_MS),
    });
    this.#provider = new MeterProvider({ resource, readers: [reader] });
    const meter = this.#provider.getMeter(SCOPE);
    this.#runs = meter.createCounter('belay.runs', { description: 'runs that have ended', unit: '{run}' });
    this.#runSeconds = meter.createHistogram('belay.run.duration', { unit: 's' });
    this.#stepSeconds = meter.createHistogram('belay.step.duration', { unit: 's' });
    this.#retries = meter.createCounter('belay.step.failed_attempts', { unit: '{attempt}' });
  }

  count([run, ...steps]: readonly RunSpan[]): void {
    if (!run) return;
    const workflow = run.attributes['belay.workflow.name'];
    const of: Attributes = {
      'belay.workflow.name': workflow,
      'belay.run.status': run.attributes['belay.run.status'],
    };
    this.#runs.add(1, of);
    this.#runSeconds.record((run.endMs - run.startMs) / 1_000, of);
    for (const { startMs, endMs, attributes, events } of steps) {
      const type = { 'belay.workflow.name': workflow, 'belay.step.type': attributes['belay.step.type'] };
      const status = attributes['belay.step.status'];
      this.#stepSeconds.record((endMs - startMs) / 1_000, { ...type, 'belay.step.status': status });
      const failures = events.filter(({ name }) => name === 'exception').length;
      if (failures > 0) this.#retries.add(failures, type);
    }
  }

  close(): Promise<void> {
    return this.#provider.shutdown();
  }
}
