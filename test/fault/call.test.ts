/** A host that is killed while it asks a web server: the next one asks again only where that does no harm. */
import { mkdirSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readDefinition } from '../../src/definition/read-definition.ts';
import type { RunState } from '../../src/engine/core/state.ts';
import { loadRun } from '../../src/engine/host/load-run.ts';
import { stepTypes } from '../../src/steps/catalogue.ts';
import { launch, newRun, scratchFolder, wasKilled, withStore } from './crash.ts';

/** A server that keeps its first caller waiting for ever, and tells when it has one. */
async function slowServer() {
  const called = Promise.withResolvers<void>();
  const methods: string[] = [];
  const server = http.createServer((request, response) => {
    methods.push(request.method!);
    if (methods.length === 1) called.resolve();
    else response.end('{"n":1}');
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, methods, called: called.promise };
}

/** The run of one step, after its host was killed in the middle of the call and another one has come. */
async function afterKill(
  step: object,
): Promise<{ readonly run: RunState; readonly methods: readonly string[] }> {
  const { url, methods, called } = await slowServer();
  const value = {
    name: 'asking',
    checkpoints: false,
    outputs: { n: '{{ ask.outputs.n }}' },
    steps: [{ id: 'ask', type: 'http', url, outputs: { n: '{{ outputs.json.n }}' }, ...step }],
  };
  const { workflow, diagnostics } = readDefinition({ value }, stepTypes);
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const folder = scratchFolder();
  const cwd = join(folder, 'work');
  mkdirSync(cwd);
  const runId = withStore(folder, (store) => newRun(store, workflow, cwd));
  const first = launch({ folder });
  const killed = wasKilled(first);
  await called;
  first.kill('SIGKILL');
  expect(await killed).toBe(true);
  expect(await wasKilled(launch({ folder }))).toBe(false);
  const loaded = withStore(folder, (store) => loadRun(store, runId));
  if (!loaded.ok) throw new Error(loaded.error.message);
  return { run: loaded.value, methods };
}

test('what may have been done is not done again: the run pauses', async () => {
  const { run, methods } = await afterKill({ method: 'POST' });
  expect(methods).toEqual(['POST']);
  expect(run).toMatchObject({ status: 'paused', reason: expect.stringContaining('`ask` was making a call') });
});

test.each([
  ['GET', { method: 'GET' }],
  ['POST', { method: 'POST', idempotency_key: true }],
])('a %s that does no harm is made again, and the run ends well', async (method, step) => {
  const { run, methods } = await afterKill(step);
  expect(methods).toEqual([method, method]);
  expect(run).toMatchObject({ status: 'succeeded', outputs: { n: 1 } });
});
