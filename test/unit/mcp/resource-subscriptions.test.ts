/** What a client of the 2025 era follows ends with its session, also where it was just about to begin. */
import { expect, it } from 'vitest';
import { serveSubscriptions } from '../../../src/mcp/resources.ts';

it('a subscription that begins while its session ends follows nothing', async () => {
  const handlers = new Map<string, (request: object) => Promise<object>>();
  const server = {
    onclose: undefined as (() => void) | undefined,
    setRequestHandler: (method: string, handler: (request: object) => Promise<object>) =>
      handlers.set(method, handler),
  };
  const found = Promise.withResolvers<() => void>();
  let followed = 1;
  serveSubscriptions(
    server as never,
    { library: { follow: () => () => {} }, follow: () => found.promise } as never,
  );
  const subscribed = handlers.get('resources/subscribe')?.({ params: { uri: 'belay://runs/r-1' } });
  server.onclose?.();
  found.resolve(() => {
    followed -= 1;
  });
  await subscribed;
  expect(followed).toBe(0);
});
