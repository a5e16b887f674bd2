/** What a receiver of OTLP over HTTP is told of runs: a trace each, with their steps, in the trace of whoever called. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Scratch, scratchBelay } from '../../../fixtures/scratch-belay.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
  readonly attributes: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
  readonly events: any;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly links?: readonly { readonly spanId: string }[];
}

let server: Server;
/** Bodies by path. */
// biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
const got: { path: string; json: any }[] = [];
let status = 200;
let scratch: Scratch;

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      got.push({ path: request.url ?? '', json: JSON.parse(text) });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${port}`);
  vi.stubEnv('OTEL_SERVICE_NAME', 'tested');
  scratch = scratchBelay();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  scratch.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const plain = (attributes: readonly { key: string; value: object }[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const spans = (): readonly Span[] =>
  got
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ json }) => json.resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap((scope) => scope.spans)
    .map((span) => ({ ...span, attributes: plain(span.attributes) }));

async function spansOf(runId: string): Promise<{ run: Span; steps: readonly Span[] }> {
  const own = () => spans().filter(({ attributes }) => attributes['belay.run.id'] === runId);
  await expect.poll(() => own().length, { timeout: 20_000 }).toBeGreaterThan(0);
  const all = own();
  const run = all.find(({ name }) => name.startsWith('run '));
  if (!run) throw new Error('no span of the run');
  return { run, steps: all.filter((each) => each !== run) };
}

const execute = async (definition: object, trace?: string) => {
  const { executeTool } = await import('../../../../src/tools/execute.tool.ts');
  const answer = await executeTool.run(
    { ...scratch.context, ...(trace && { trace }) },
    { definition: JSON.stringify(definition), wait_seconds: 60 },
  );
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.structured as {
    run_id: string;
    status: string;
    steps: { id: string; outputs?: { at: string } }[];
  };
};

describe('a run', () => {
  it('is a trace, its steps are spans in it, and what failed is told', async () => {
    const { run_id, status: ended } = await execute({
      name: 'traced',
      steps: [
        { id: 'good', type: 'set', values: { x: 1 } },
        {
          id: 'both',
          parallel: [{ id: 'inner', type: 'set', values: { y: 1 } }],
        },
        { id: 'bad', command: 'exit 3', retry: { attempts: 2, delay: '1ms' } },
      ],
    });
    expect(ended).toBe('failed');
    const { run, steps } = await spansOf(run_id);
    expect(run).toMatchObject({ name: 'run traced', status: { code: 2 } });
    expect(run.parentSpanId ?? '').toBe('');
    expect(run.attributes).toMatchObject({ 'belay.run.status': 'failed', 'belay.workflow.name': 'traced' });
    const by = Object.fromEntries(steps.map((each) => [each.attributes['belay.step.key'], each]));
    expect(new Set(steps.map(({ traceId }) => traceId))).toEqual(new Set([run.traceId]));
    expect(by.good).toMatchObject({ name: 'step good', parentSpanId: run.spanId, status: {} });
    const inner = steps.find(({ name }) => name.includes('inner'));
    expect(inner?.parentSpanId).toBe(by.both?.spanId);
    expect(by.bad).toMatchObject({
      parentSpanId: run.spanId,
      status: { code: 2, message: expect.stringContaining('3') },
    });
    expect(by.bad?.attributes).toMatchObject({
      'belay.step.type': 'shell',
      'error.type': 'exit',
      'process.exit.code': 3,
    });
    expect(by.bad?.events.map(({ name }: { name: string }) => name)).toEqual(['exception', 'exception']);
    for (const each of steps) {
      expect(BigInt(each.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(run.startTimeUnixNano));
      expect(BigInt(each.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(run.endTimeUnixNano));
    }
    const [{ json } = expect.fail('nothing came')] = got;
    expect(plain(json.resourceSpans[0].resource.attributes)).toMatchObject({ 'service.name': 'tested' });
  });

  it('goes on in the trace of its caller, and hands it on to its programs', async () => {
    const [traceId, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const view = await execute(
      {
        name: 'called',
        steps: [{ id: 'say', command: 'printf %s "$TRACEPARENT"', outputs: { at: '{{ stdout }}' } }],
      },
      `00-${traceId}-${parent}-01`,
    );
    const { run, steps } = await spansOf(view.run_id);
    expect(run).toMatchObject({ traceId, parentSpanId: parent });
    expect(view.steps[0]?.outputs?.at).toBe(`00-${traceId}-${steps[0]?.spanId}-01`);
  });

  it('that does the work of a step stands below that step', async () => {
    const { mkdirSync, writeFileSync } = await import('node:fs');
    const { join } = await import('node:path');
    const folder = join(scratch.belay.home, 'workflows');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'below.yaml'),
      'name: below\nsteps: [{ id: a, type: set, values: { x: 1 } }]\n',
    );
    const { run_id } = await execute({ name: 'above', steps: [{ id: 'sub', workflow: 'below' }] });
    const { run, steps } = await spansOf(run_id);
    await expect.poll(() => spans().some(({ name }) => name === 'run below'), { timeout: 20_000 }).toBe(true);
    const below = spans().find(({ name }) => name === 'run below');
    expect(below).toMatchObject({ traceId: run.traceId, parentSpanId: steps[0]?.spanId });
    expect(steps[0]?.links).toMatchObject([{ spanId: below?.spanId }]);
  });

  it('whose caller is not traced is not told of', async () => {
    const unsampled = await execute(
      { name: 'quiet', steps: [{ id: 'a', type: 'set', values: { x: 1 } }] },
      '00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-00',
    );
    const next = await execute({ name: 'loud', steps: [{ id: 'a', type: 'set', values: { x: 1 } }] });
    await spansOf(next.run_id);
    expect(spans().some(({ attributes }) => attributes['belay.run.id'] === unsampled.run_id)).toBe(false);
  });

  it('that is resumed is told of once more, in the same trace, with what it did then', async () => {
    const first = await execute({
      name: 'again',
      steps: [
        { id: 'ok', type: 'set', values: {} },
        { id: 'f', command: 'test -e there' },
      ],
    });
    expect(first.status).toBe('failed');
    const before = await spansOf(first.run_id);
    await scratch.call('workflow_resume', { run_id: first.run_id });
    const own = () => spans().filter((each) => each.attributes['belay.run.id'] === first.run_id);
    await expect
      .poll(() => own().filter(({ name }) => name === 'run again').length, { timeout: 20_000 })
      .toBe(2);
    expect(new Set(own().map(({ spanId }) => spanId)).size).toBe(own().length);
    expect(new Set(own().map(({ traceId }) => traceId))).toEqual(new Set([before.run.traceId]));
    expect(own().filter(({ name }) => name === 'step ok')).toHaveLength(1);
  });
});

it('counts runs and steps, also when the process leaves, and a receiver that refuses harms nothing', async () => {
  status = 400;
  const { status: ended } = await execute({
    name: 'refused',
    steps: [{ id: 'a', type: 'set', values: { x: 1 } }],
  });
  expect(ended).toBe('succeeded');
  status = 200;
  await scratch.belay.tell();
  const metrics = got
    .filter(({ path }) => path === '/v1/metrics')
    .flatMap(({ json }) => json.resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics);
  const runs = metrics.find(({ name }) => name === 'belay.runs');
  const counted = runs.sum.dataPoints.map((point: { attributes: []; asInt?: string; asDouble?: number }) => [
    plain(point.attributes)['belay.workflow.name'],
    Number(point.asInt ?? point.asDouble),
  ]);
  expect(Object.fromEntries(counted)).toMatchObject({ traced: 1, called: 1, refused: 1 });
  expect(metrics.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['belay.run.duration', 'belay.step.duration', 'belay.step.failed_attempts']),
  );
});
