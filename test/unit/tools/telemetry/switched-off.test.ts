/** Telemetry that nobody asked for costs nothing: its packages are not even loaded, and steps see no trace of it. */
import { registerHooks } from 'node:module';
import { expect, it, vi } from 'vitest';
import { isTelemetryOn, parseTraceParent } from '../../../../src/engine/host/trace-context.ts';
import { scratchBelay } from '../../../fixtures/scratch-belay.ts';

it('loads nothing, and gives steps nothing', async () => {
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_EXPORTER', 'TRACEPARENT'])
    vi.stubEnv(name, undefined);
  const loaded: string[] = [];
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      loaded.push(specifier);
      return next(specifier, context);
    },
  });
  const scratch = scratchBelay();
  try {
    const view = await scratch.run({
      name: 'plain',
      steps: [
        {
          id: 'say',
          command: 'printf %s "${TRACEPARENT-}${BELAY_TRACE_ID-}"',
          outputs: { said: '{{ stdout }}' },
        },
      ],
    });
    expect(view.steps[0]?.outputs).toEqual({ said: '' });
    await scratch.belay.tell();
    const packages = () => loaded.filter((each) => each.includes('@opentelemetry/'));
    expect(packages()).toEqual([]);
    // they would have been seen
    await import('../../../../src/tools/telemetry/otlp-sink.ts');
    expect(packages().length).toBeGreaterThan(0);
  } finally {
    hooks.deregister();
    scratch.close();
    vi.unstubAllEnvs();
  }
});

it.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_SDK_DISABLED: 'true' }, false],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/v1/traces' }, true],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
  [
    { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' },
    false,
  ],
  [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' }, true],
])('%j means %s', (environment, isOn) => {
  expect(isTelemetryOn(environment)).toBe(isOn);
});

it.each([
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', true],
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00', true],
  ['00-00000000000000000000000000000000-b7ad6b7169203331-01', false],
  ['00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01', false],
  ['01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', false],
  ['00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', false],
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n', false],
  ['', false],
])('%j as a trace context: %s', (text, isOne) => {
  expect(parseTraceParent(text) !== undefined).toBe(isOne);
});
