/** The receiver that docs/webhooks.md shows, as it stands there, with real deliveries and with forged ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScratchServer, scratchServer } from './scratch-server.ts';
import { type Receiver, webhookReceiver } from './webhook-receiver.ts';

type Receive = (
  secret: string,
  headers: object,
  body: string,
  nowSeconds?: number,
) => { id: string } | undefined;

const page = readFileSync(join(import.meta.dirname, '../../../docs/webhooks.md'), 'utf8');
let scratch: ScratchServer;
let receiver: Receiver;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belay-docs-'));
  [scratch, receiver] = await Promise.all([scratchServer(), webhookReceiver()]);
});
afterAll(async () => {
  await scratch.end();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

it('takes what comes from Belay, and nothing else', async () => {
  const [, code = ''] = /^```js\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const path = join(folder, 'receive.mjs');
  writeFileSync(path, code);
  const { receive } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { receive: Receive };

  const body = { url: receiver.url, events: ['run.finished'], allow_private: true };
  const { secret } = (await scratch.send('POST', '/api/v1/webhooks', { body })).json;
  await scratch.run({ name: 'shown', steps: [{ id: 'a', type: 'set', values: { x: 1 } }] });
  await expect.poll(() => receiver.got.length, { timeout: 20_000 }).toBe(1);
  const [{ headers, text, json } = expect.fail('nothing came')] = receiver.got;

  expect(receive(secret, headers, text)).toEqual(json);
  const shown = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '');
  expect(Object.keys(json)).toEqual(Object.keys(shown));
  expect(Object.keys(json.data)).toEqual(expect.arrayContaining(Object.keys(shown.data)));

  const other = `whsec_${Buffer.alloc(32).toString('base64')}`;
  const at = Number(headers['webhook-timestamp']);
  const forged = { ...headers, 'belay-signature': String(headers['belay-signature']).replace(/t=\d/, 't=9') };
  expect(receive(other, headers, text)).toBeUndefined();
  expect(receive(secret, headers, text.replace('succeeded', 'failed'))).toBeUndefined();
  expect(receive(secret, {}, text)).toBeUndefined();
  expect(receive(secret, forged, text)).toBeUndefined();
  // sent again, later
  expect(receive(secret, headers, text, at + 299)).toBeDefined();
  expect(receive(secret, headers, text, at + 301)).toBeUndefined();
});
