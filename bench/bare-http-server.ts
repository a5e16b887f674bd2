/** The baseline of the load measures: the SDK's server on Hono with one tool that does nothing, and a bare event stream. */
import { createAdaptorServer } from '@hono/node-server';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { z } from 'zod';

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'bare', version: '1.0.0' });
  server.registerTool(
    'nothing',
    { description: 'Does nothing', inputSchema: z.object({}), outputSchema: z.object({ done: z.boolean() }) },
    () => ({ content: [{ type: 'text', text: 'done' }], structuredContent: { done: true } }),
  );
  return server;
});

const streams = new Set<SSEStreamingApi>();
const app = new Hono();
app.all('/mcp', (c) => handler.fetch(c.req.raw));
app.get('/events', (c) =>
  streamSSE(c, async (stream) => {
    streams.add(stream);
    await stream.write(': open\n\n');
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    streams.delete(stream);
  }),
);
app.post('/tell', async (c) => {
  const text = await c.req.text();
  for (const stream of streams) void stream.write(`event: told\ndata: ${text}\n\n`);
  return c.json({ streams: streams.size });
});

const server = createAdaptorServer({ fetch: app.fetch });
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
