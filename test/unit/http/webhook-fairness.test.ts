/** Webhooks beside one another: who does not answer holds nobody else up. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScratchServer, scratchServer } from './scratch-server.ts';
import { type Receiver, webhookReceiver } from './webhook-receiver.ts';

const SLOW = 5;
const EVENTS = 20;

let scratch: ScratchServer;
let receiver: Receiver;
beforeAll(async () => {
  [scratch, receiver] = await Promise.all([scratchServer(), webhookReceiver()]);
});
afterAll(async () => {
  await scratch.end();
  await receiver.close();
});

it('brings everything to one that answers while others keep every call waiting', async () => {
  receiver.answer = ({ path }) => (path === '/quick' ? { status: 204 } : new Promise(() => {}));
  for (const path of [...Array.from({ length: SLOW }, (_, each) => `/slow-${each}`), '/quick']) {
    const body = { url: `${receiver.url}${path}`, events: ['step.succeeded'], allow_private: true };
    expect((await scratch.send('POST', '/api/v1/webhooks', { body })).status).toBe(201);
  }
  const steps = Array.from({ length: EVENTS }, (_, each) => ({
    id: `s${each}`,
    type: 'set',
    values: { x: 1 },
  }));
  await scratch.send('POST', '/api/v1/runs', {
    body: { definition: { name: 'many', steps }, wait_seconds: 20 },
  });
  const arrived = () => receiver.got.filter(({ path }) => path === '/quick').length;
  // sooner than the first of the others is given up
  await expect.poll(arrived, { timeout: 14_000, interval: 20 }).toBe(EVENTS);
  const slow = new Set(receiver.got.map(({ path }) => path).filter((path) => path !== '/quick'));
  expect(slow.size).toBe(SLOW);
}, 30_000);
