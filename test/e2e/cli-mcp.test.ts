/** `belay mcp` as a client starts it: what becomes of its runs when the client leaves, politely or not. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Running, Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.end());

const GATE = `
name: gate
steps:
  - id: wait
    command: until [ -e open ]; do sleep 0.05; done
  - id: after
    command: echo after > after.txt
`;

/** A client that has started a run which stands at its gate. */
async function client(): Promise<{ readonly server: Running; readonly runId: string }> {
  const server = scratch.serve('mcp');
  const send = (frame: object) =>
    server.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);
  const clientInfo = { name: 'test', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  send({ id: 1, method: 'initialize', params });
  await server.seen('"id":1');
  send({ method: 'notifications/initialized' });
  const call = { name: 'workflow_execute', arguments: { definition: GATE, wait_seconds: 0 } };
  send({ id: 2, method: 'tools/call', params: call });
  await server.seen('"id":2');
  const [run] = (await scratch.json('history')).answer.runs;
  return { server, runId: run!.run_id };
}

async function goesOn(runId: string): Promise<void> {
  scratch.write('open', '');
  // reads only: the test's own commands must not drive the run
  await scratch.shell(`until belay status ${runId} --json | grep -q '^  "status": "succeeded"'; do :; done`);
  expect(scratch.read('after.txt')).toBe('after\n');
}

test('a client that closes its end leaves its runs to the background', async () => {
  const { server, runId } = await client();
  server.child.stdin?.end();
  expect((await server.ended).status).toBe(0);
  await goesOn(runId);
});

test('a client that ends the server by a signal too', async () => {
  const { server, runId } = await client();
  server.child.kill('SIGTERM');
  expect((await server.ended).status).toBe(143);
  await goesOn(runId);
});

test('a server that is killed loses no run: the next program that drives takes it up', async () => {
  const { server, runId } = await client();
  server.child.kill('SIGKILL');
  await server.ended;
  scratch.write('open', '');
  expect((await scratch.run('status', runId, '--watch')).status).toBe(0);
  expect(scratch.read('after.txt')).toBe('after\n');
});
