/** Who sends too much is told how long to wait, and nobody else is. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RateLimit } from '../../../src/http/rate-limit.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

let nowMs: number;
beforeEach(() => {
  nowMs = Date.now();
});

it('lets a burst through, then a steady rate', () => {
  const limit = new RateLimit(2, () => nowMs);
  const taken = () => limit.take('a');
  expect(Array.from({ length: 10 }, taken)).toEqual(Array.from({ length: 10 }, () => 0));
  expect(taken()).toBe(500);
  expect(limit.take('b')).toBe(0);
  nowMs += 400;
  expect(Math.abs(taken() - 100)).toBeLessThan(2);
  nowMs += 200;
  expect(taken()).toBe(0);
  const waitMs = taken();
  expect(waitMs).toBeGreaterThan(0);
  // a clock that is set back and forth gives nothing and takes nothing
  nowMs -= 10_000;
  expect(taken()).toBe(waitMs);
  nowMs += 10_000;
  expect(taken()).toBe(waitMs);
});

it('keeps no more names than it has room for, and 0 is no limit', () => {
  const limit = new RateLimit(1, () => nowMs);
  for (let each = 0; each < 25_000; each += 1) expect(limit.take(`caller-${each}`)).toBe(0);
  const none = new RateLimit(0, () => nowMs);
  for (let each = 0; each < 100; each += 1) expect(none.take('a')).toBe(0);
});

let scratch: ScratchServer;
afterEach(() => scratch?.end());

it('counts by key, and what is no key by address', async () => {
  const bounds = { callsPerSecondMax: 1, refusalsPerSecondMax: 1 };
  scratch = await scratchServer({ bounds, now: () => nowMs });
  for (let each = 0; each < 10; each += 1)
    expect((await scratch.send('GET', '/api/v1/runs')).status).toBe(200);
  const [one, other] = [scratch.key('viewer'), scratch.key('viewer')];
  const status = async (key?: string) => (await scratch.send('GET', '/api/v1/runs', { key })).status;
  for (let each = 0; each < 5; each += 1) expect([await status(one), await status()]).toEqual([200, 401]);
  const late = await scratch.send('GET', '/api/v1/runs', { key: one });
  expect(late).toMatchObject({
    status: 429,
    headers: { 'retry-after': '1' },
    json: { code: 'rate_limited' },
  });
  expect([await status(), await status(other)]).toEqual([429, 200]);
  nowMs += 1_000;
  expect([await status(one), await status()]).toEqual([200, 401]);
});
