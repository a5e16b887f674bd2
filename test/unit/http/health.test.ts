/** What a supervisor and a monitor see: whether the server lives, may be sent work, and counts in a format that holds. */
import { Agent, get as httpGet } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { err } from '../../../src/engine/core/failure.ts';
import { HttpMetrics } from '../../../src/http/metrics.ts';
import { serveHttp } from '../../../src/http/serve-http.ts';
import { readPrometheus } from './prometheus-text.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer();
});
afterAll(() => scratch.end());

const get = (url: string, agent: Agent): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    httpGet(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    }).on('error', reject);
  });

describe('metrics', () => {
  it('are in the text format of Prometheus, to the letter', async () => {
    await scratch.send('GET', '/api/v1/runs');
    await scratch.send('GET', '/nowhere');
    const families = readPrometheus((await scratch.send('GET', '/metrics')).text);
    expect([...families.keys()]).toEqual(
      expect.arrayContaining([
        'belay_build_info',
        'belay_http_requests_total',
        'belay_webhook_attempts_total',
      ]),
    );
    for (const [name, { type, samples }] of families) {
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(
        samples.every(({ value }) => value >= 0),
        name,
      ).toBe(true);
    }
    const { samples = [] } = families.get('belay_http_request_duration_seconds') ?? {};
    for (const route of new Set(samples.map(({ labels }) => labels.route))) {
      const own = samples.filter(({ labels }) => labels.route === route);
      const buckets = own.filter(({ name }) => name.endsWith('_bucket'));
      const ends = buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')));
      expect(ends).toEqual([...ends].sort((a, b) => a - b));
      expect(ends.at(-1)).toBe(Number.POSITIVE_INFINITY);
      const counts = buckets.map(({ value }) => value);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      expect(own.find(({ name }) => name.endsWith('_count'))?.value).toBe(counts.at(-1));
    }
  });

  it('keep what is odd in a label', () => {
    const metrics = new HttpMetrics();
    metrics.observe('a"b\\c\nd', 'GET', 200, 1);
    const text = metrics.text(scratch.belay, {
      sessions: 0,
      version: '"1\\',
      deliveries: { delivered: 0, failed: 0 },
    });
    const families = readPrometheus(text);
    expect(families.get('belay_http_requests_total')?.samples[0]?.labels.route).toBe('a"b\\c\nd');
    expect(families.get('belay_build_info')?.samples[0]?.labels).toEqual({ version: '"1\\' });
  });

  it.each([
    'a_total 1\n',
    '# HELP a b\n# TYPE a gauge\na 1',
    '# HELP a b\n# TYPE a gauge\na{x="1",x="2"} 1\n',
    '# HELP a b\n# TYPE a gauge\na 1\na 2\n',
    '# HELP a b\n# TYPE a gauge\nb 1\n',
    '# HELP a b\n# TYPE a gauge\na{x="1} 1\n',
  ])('the reader of this test refuses %j', (text) => {
    expect(() => readPrometheus(text)).toThrow();
  });
});

describe('a server', () => {
  it('lives and is not ready while its data folder cannot be used, and tells nobody where that is', async () => {
    const refusing = async () =>
      err({ code: 'disk_full', message: 'the disk of `/secret/place` is full', hint: 'free some' } as const);
    const served = await serveHttp({
      home: scratch.belay.home,
      open: refusing,
      tools: [],
      resources: { list: async () => [], read: async () => undefined } as never,
      version: '0',
      cwd: scratch.folder,
      host: '127.0.0.1',
      port: 0,
    });
    if (!served.ok) throw new Error(served.error.message);
    const { url, closed, close } = served.value;
    const agent = new Agent();
    expect((await get(`${url}/healthz`, agent)).status).toBe(200);
    const ready = await get(`${url}/readyz`, agent);
    expect(ready.status).toBe(503);
    expect(ready.text).not.toContain('secret');
    close();
    await closed;
  });

  it('that is ending says so to who is still connected, answers whom it had, and then is gone', async () => {
    const own = await scratchServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { run_id } = (
      await own.send('POST', '/api/v1/runs', {
        body: {
          definition: { name: 'held', steps: [{ id: 'w', type: 'wait', signal: 'go' }] },
          wait_seconds: 0,
        },
      })
    ).json;
    expect((await get(`${own.server.url}/readyz`, agent)).status).toBe(200);
    const waiting = own.send('GET', `/api/v1/runs/${run_id}?wait_seconds=300`);
    await expect
      .poll(async () => (await own.send('GET', `/api/v1/runs/${run_id}`)).json.status, { timeout: 10_000 })
      .toBe('waiting');
    own.server.close();
    expect(await waiting).toMatchObject({ status: 200, json: { run_id, status: 'waiting' } });
    await own.server.closed;
    await expect(get(`${own.server.url}/readyz`, new Agent())).rejects.toThrow();
    agent.destroy();
    await own.end();
  });
});
