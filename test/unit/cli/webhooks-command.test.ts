/** `belay webhooks` on a real data folder, in this process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandLine } from '../../../src/cli/command-line.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { fakeWorld } from './fake-world.ts';

let scratch: Scratch;
beforeAll(() => {
  scratch = scratchBelay();
});
afterAll(() => scratch.close());

async function webhooks(...words: readonly string[]) {
  const { journal } = scratch.belay;
  const world = fakeWorld({ belay: { journal } });
  const status = await commandLine(['webhooks', ...words], world);
  return { status, ...world.terminal.written };
}

const json = async (...words: readonly string[]) => {
  const { out, err, status } = await webhooks(...words, '--json');
  expect([status, err]).toEqual([0, '']);
  return JSON.parse(out);
};

test('adds, lists, and removes; the secret is shown once', async () => {
  const added = await webhooks(
    'add',
    'https://example.com/hook',
    '--events',
    'run.finished,question.*',
    'step.failed',
  );
  expect(added.status).toBe(0);
  const [id = '', secret] = added.out.split('\n');
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const { webhooks: listed } = await json('ls');
  expect(listed).toEqual([
    expect.objectContaining({
      webhook_id: id,
      url: 'https://example.com/hook',
      events: ['run.finished', 'question.*', 'step.failed'],
      status: 'active',
      created_by: 'cli:test',
    }),
  ]);
  expect(JSON.stringify(listed)).not.toContain('whsec');
  expect((await webhooks('ls')).out).toContain('example.com/hook');
  expect((await webhooks('rm', id)).status).toBe(0);
  expect((await webhooks('ls')).out).toBe('no webhooks\n');
  expect(await webhooks('rm', id)).toMatchObject({
    status: 2,
    err: expect.stringContaining('there is no webhook'),
  });
});

test('takes a secret from a file, never from the line', async () => {
  const file = join(scratch.folder, 'secret');
  const secret = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
  writeFileSync(file, `${secret}\n`);
  const added = await json('add', 'https://example.com/', '--events', '*', '--secret-file', file);
  expect(added.secret).toBe(secret);
  await json('rm', added.webhook_id);
  const missing = await webhooks('add', 'https://example.com/', '--events', '*', '--secret-file', `${file}x`);
  expect(missing).toMatchObject({ status: 2, err: expect.stringContaining('--secret-file') });
});

test.each([
  [['add', 'http://example.com/', '--events', '*'], 'not https'],
  [['add', 'https://10.0.0.1/', '--events', '*'], 'private address'],
  [['add', 'https://example.com/', '--events', 'run.ended'], 'no events of type'],
  [['deliveries', 'wh_0'], 'there is no webhook'],
  [['deliveries', 'wh_0', '--status', 'lost'], 'pending'],
  [['deliveries', 'wh_0', '--limit', 'many'], 'limit'],
  [['retry', 'wh_0'], 'there is no webhook'],
])('refuses %j', async (words, message) => {
  const refused = await webhooks(...words);
  expect(refused).toMatchObject({ status: 2, out: '', err: expect.stringContaining(message) });
});

test('shows deliveries and has them made again', async () => {
  const { journal } = scratch.belay;
  const { webhook_id: id } = await json('add', 'https://example.com/hook', '--events', 'run.finished');
  await scratch.run({ name: 'told', steps: [{ id: 'a', type: 'set', values: { x: 1 } }] });
  expect((await webhooks('deliveries', id)).out).toBe('no deliveries\n');
  const from = journal.webhooks.find(id)?.position ?? 0;
  const end = journal.feed.read(from, 100).filter(({ event }) => event?.event.type === 'run.finished');
  journal.deliveries.schedule(id, { from, to: end[0]?.position ?? 0 }, end, 1);
  const [delivery] = journal.deliveries.due(id, 1, 9);
  if (!delivery) throw new Error('nothing is due');
  journal.deliveries.settle(delivery, {
    status: 'dead',
    atMs: 2,
    answer: 500,
    error: 'the receiver answered 500',
  });
  const { deliveries } = await json('deliveries', id, '--status', 'dead');
  expect(deliveries).toMatchObject([{ status: 'dead', attempts: 1, answer: 500, type: 'run.finished' }]);
  expect((await webhooks('deliveries', id)).out).toContain('the receiver answered 500');
  expect(await json('retry', id, deliveries[0].delivery_id)).toEqual({ webhook_id: id, retried: 1 });
  expect((await json('deliveries', id)).deliveries).toMatchObject([{ status: 'pending', attempts: 0 }]);
  expect((await webhooks('retry', id, 'msg_0123456789abcdef_1')).err).toContain('no delivery');
});
