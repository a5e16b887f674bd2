/** The trace of the caller reaches the programs of a run, by each way in; what is no trace context does not. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const SAY = {
  name: 'say',
  steps: [{ id: 'say', command: 'printf %s "${TRACEPARENT-none}"', outputs: { at: '{{ stdout }}' } }],
};

let scratch: ScratchServer;
beforeAll(async () => {
  scratch = await scratchServer();
});
afterAll(() => scratch.end());

it.each([
  [TRACE, TRACE],
  ['00-xyz', 'none'],
  [`${TRACE} ; rm -rf /`, 'none'],
])('REST: header `%s` becomes %s', async (traceparent, seen) => {
  const body = { definition: SAY, wait_seconds: 30 };
  const { json } = await scratch.send('POST', '/api/v1/runs', { body, headers: { traceparent } });
  expect(json.steps[0].outputs).toEqual({ at: seen });
  // the run keeps it for whoever drives it later; nobody is shown it
  const read = scratch.belay.journal.read(json.run_id);
  const [first] = read.ok ? read.value : [];
  const env = first?.event.type === 'run.created' ? first.event.env : {};
  expect(env.TRACEPARENT ?? 'none').toBe(seen);
});

it.each(['auto', '2025-11-25'] as const)('MCP: `_meta.traceparent`, protocol %s', async (mode) => {
  const client = new Client(
    { name: 'traced', version: '1' },
    mode === 'auto' ? { versionNegotiation: { mode } } : {},
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(`${scratch.server.url}/mcp`)));
  try {
    const answer = await client.callTool({
      name: 'workflow_execute',
      arguments: { definition: JSON.stringify(SAY), wait_seconds: 30 },
      _meta: { traceparent: TRACE },
    });
    expect(answer.structuredContent).toMatchObject({ steps: [{ outputs: { at: TRACE } }] });
  } finally {
    await client.close();
  }
});
