/** A process that leaves with much to tell stays able to do other things, to look at the clock for one. */
import { expect, it } from 'vitest';
import { RunTelemetry } from '../../../../src/tools/telemetry/run-telemetry.ts';

const RUNS = 2_000;
const PAGE = 200;

it('tells of one run after the other, and lets others have their turn in between', async () => {
  const first = Promise.withResolvers<void>();
  let reads = 0;
  const entry = (position: number) => ({
    position,
    runId: 'r-1',
    seq: 1,
    event: {
      run_id: 'r-1',
      seq: 1,
      at: 0,
      host: 'own',
      epoch: 1,
      event: { type: 'run.finished' },
      checksum: '',
    },
  });
  const journal = {
    feed: {
      end: () => 0,
      read: (after: number) =>
        Array.from({ length: Math.min(PAGE, RUNS - after) }, (_, each) => entry(after + each + 1)),
    },
    read: () => {
      reads += 1;
      first.resolve();
      return { ok: true, value: [] };
    },
  };
  const telemetry = new RunTelemetry({
    journal: journal as never,
    changes: { next: () => Promise.resolve() } as never,
    hostId: 'own',
    // nobody is there, and nothing was counted
    environment: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
  });
  const closed = telemetry.close();
  await first.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(reads).toBeLessThan(RUNS);
  telemetry.abandon();
  await closed;
  expect(reads).toBeLessThan(RUNS);
});
