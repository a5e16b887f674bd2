/** Clients of both eras are told when a run that they follow has moved, and only they, and only as long as they follow. */
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

const INFO = { name: 'test-client', version: '1.0.0' };
const HELD = { name: 'held', steps: [{ id: 'go', type: 'wait', signal: 'go' }] };

let scratch: ScratchServer;
const closes: (() => Promise<void>)[] = [];
beforeEach(async () => {
  scratch = await scratchServer();
});
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
  await scratch.end();
});

const url = () => new URL(`${scratch.server.url}/mcp`);
const start = async (): Promise<string> => {
  const body = { definition: HELD, wait_seconds: 0 };
  const { run_id } = (await scratch.send('POST', '/api/v1/runs', { body })).json;
  // it waits for its signal, and nothing more happens by itself
  await scratch.send('GET', `/api/v1/runs/${run_id}?wait_seconds=1`);
  return run_id;
};
const go = (runId: string) =>
  scratch.send('POST', `/api/v1/runs/${runId}/answer`, { body: { signal: 'go', payload: {} } });

/** What was told, and a wait for the first of it. */
function ears() {
  const told: string[] = [];
  const first = Promise.withResolvers<void>();
  return {
    told,
    first: first.promise,
    hear(uri: string) {
      told.push(uri);
      first.resolve();
    },
  };
}

describe('a client of 2026-07-28', () => {
  async function listening(uris: string[]) {
    const heard = ears();
    const client = new ModernClient(INFO, { versionNegotiation: { mode: 'auto' } });
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => heard.hear(params.uri));
    await client.connect(new ModernTransport(url()));
    closes.push(() => client.close());
    const subscription = await client.listen({ resourceSubscriptions: uris });
    return { ...heard, subscription };
  }

  it('hears of the runs that it listens for, once for each change however many listen', async () => {
    const [runId, other] = [await start(), await start()];
    const uri = `belay://runs/${runId}`;
    const one = await listening([uri]);
    const two = await listening([
      uri,
      `belay://runs/${other}/report`,
      'belay://workflows/none',
      'belay://runs/none',
    ]);
    await go(runId);
    await Promise.all([one.first, two.first]);
    await one.subscription.close();
    const before = one.told.length;
    await go(other);
    await expect.poll(() => two.told, { timeout: 10_000 }).toContain(`belay://runs/${other}/report`);
    expect(new Set(one.told)).toEqual(new Set([uri]));
    expect(one.told.length).toBe(before);
  });
});

describe('a client of the 2025 era', () => {
  async function connected() {
    const heard = ears();
    const client = new LegacyClient(INFO);
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => heard.hear(params.uri));
    // the test's compiler settings are stricter than the SDK's own types
    await client.connect(new LegacyTransport(url()) as Parameters<LegacyClient['connect']>[0]);
    closes.push(() => client.close());
    return { ...heard, client };
  }

  it('hears of the runs that it has subscribed to, until it does no more', async () => {
    const [runId, other] = [await start(), await start()];
    const one = await connected();
    const two = await connected();
    expect(one.client.getServerCapabilities()?.resources).toEqual({ subscribe: true, listChanged: true });
    await one.client.subscribeResource({ uri: `belay://runs/${runId}` });
    await two.client.subscribeResource({ uri: `belay://runs/${runId}` });
    await two.client.subscribeResource({ uri: `belay://runs/${other}` });
    await two.client.unsubscribeResource({ uri: `belay://runs/${runId}` });
    await go(runId);
    await one.first;
    await go(other);
    await two.first;
    expect(new Set(one.told)).toEqual(new Set([`belay://runs/${runId}`]));
    expect(new Set(two.told)).toEqual(new Set([`belay://runs/${other}`]));
  });

  it.each(['belay://workflows/none', 'belay://runs/none', 'nonsense'])('cannot follow `%s`', async (uri) => {
    const { client } = await connected();
    await expect(client.subscribeResource({ uri })).rejects.toMatchObject({ code: -32_602 });
  });

  it('cannot follow more than there is room for', async () => {
    const uri = `belay://runs/${await start()}`;
    const { client } = await connected();
    for (let each = 0; each < 100; each += 1)
      await client.subscribeResource({ uri: `${uri}/steps/s${each}/log` });
    await client.subscribeResource({ uri: `${uri}/steps/s1/log` });
    await expect(client.subscribeResource({ uri })).rejects.toMatchObject({ code: -32_602 });
  });
});
