/**
 * Which trace a run belongs to, and how its steps are named in it. Everything comes out of the run itself, so that whoever
 * tells of the run later names its spans as its steps were told.
 * Source of the format: W3C Trace Context, `traceparent`, version 00.
 */
import { hash } from 'node:crypto';
import type { Environment } from './environment.ts';

export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Where a run's environment says which trace it belongs to, where no caller has brought one. */
export const TRACE_ID = 'BELAY_TRACE_ID';
export const TRACEPARENT = 'TRACEPARENT';

const FORMAT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const SAMPLED = 1;

/** Undefined for what is no trace context: it is left out then, as the standard wants. */
export function parseTraceParent(text: string | undefined): TraceParent | undefined {
  const [, traceId = '', spanId = '', flags = ''] = FORMAT.exec(text ?? '') ?? [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** Somebody wants to be told of runs, by the standard variables. */
export function isTelemetryOn(environment: Environment): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  return ['TRACES', 'METRICS'].some((signal) => isSignalOn(environment, signal));
}

/** One of `TRACES` and `METRICS`: asked for by name, or by an address, and not switched off. */
export function isSignalOn(environment: Environment, signal: string): boolean {
  const exporter = environment[`OTEL_${signal}_EXPORTER`];
  const address =
    environment[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  return exporter ? exporter.split(',').includes('otlp') : (address ?? '') !== '';
}

interface TracedRun {
  readonly runId: string;
  /** As the run was created with. */
  readonly env: Environment;
}

export const traceIdOf = ({ runId, env }: TracedRun): string =>
  parseTraceParent(env[TRACEPARENT])?.traceId ?? env[TRACE_ID] ?? hash('sha256', runId).slice(0, 32);

/** Of a run (`part`: how often it had ended before), or of one of its steps. */
export const spanIdOf = (runId: string, what: string, part = 0): string =>
  hash('sha256', `${runId}\n${what}\n${part}`).slice(0, 16);

/** What a step hands on to the programs that it starts: itself where it is told of, else what the run's caller has brought. */
export function stepTraceParent(run: TracedRun, key: string, environment: Environment): string | undefined {
  const given = run.env[TRACEPARENT];
  if (!isTelemetryOn(environment)) return given;
  const flags = (parseTraceParent(given)?.isSampled ?? true) ? '01' : '00';
  return `00-${traceIdOf(run)}-${spanIdOf(run.runId, key)}-${flags}`;
}
