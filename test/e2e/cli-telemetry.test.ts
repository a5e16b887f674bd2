/** `belay run` as a process with the standard variables: its trace has arrived when it ends, below the trace of its caller. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.end());

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

it('tells of its run before it ends', { timeout: 60_000 }, async () => {
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
  const got = new Map<string, any>();
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    got.set(request.url ?? '', JSON.parse(Buffer.concat(pieces).toString()));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    scratch.write('told.yaml', 'name: told\nsteps:\n  - { id: a, command: "true" }\n');
    const { port } = server.address() as AddressInfo;
    const environment = `OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${port} TRACEPARENT=00-${TRACE_ID}-${PARENT}-01`;
    expect(await scratch.shell(`export ${environment}; belay run told.yaml`)).toMatchObject({ status: 0 });
    const spans = got.get('/v1/traces')?.resourceSpans[0].scopeSpans[0].spans;
    expect(spans).toMatchObject([
      { name: 'run told', traceId: TRACE_ID, parentSpanId: PARENT },
      { name: 'step a', traceId: TRACE_ID, parentSpanId: spans[0].spanId },
    ]);
    expect(JSON.stringify(got.get('/v1/metrics'))).toContain('belay.run.duration');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
