/** Refused requests are told of in the log: who asked for what; not each of many, and nothing that is secret. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { log } from '../../../src/engine/host/log.ts';
import { RefusalLog } from '../../../src/http/refusal-log.ts';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

let scratch: ScratchServer;
const told: { readonly [name: string]: unknown }[] = [];
beforeAll(async () => {
  scratch = await scratchServer();
});
afterAll(() => scratch.end());
beforeEach(() => {
  told.length = 0;
  vi.spyOn(log, 'warn').mockImplementation((fields) => void told.push(fields as (typeof told)[number]));
});
afterEach(() => void vi.restoreAllMocks());

it('a request that is refused is in the log, without its query', async () => {
  await scratch.send('GET', '/api/v1/runs/r-none?secret=hunter2');
  expect(told).toEqual([
    { status: 400, method: 'GET', route: '/api/v1/runs/:run_id', path: '/api/v1/runs/r-none' },
  ]);
});

it('a request that is answered is not', async () => {
  await scratch.send('GET', '/api/v1/runs');
  expect(told).toEqual([]);
});

it('many of a kind are one line a minute, which counts them', () => {
  const refusals = new RefusalLog();
  const refused = {
    status: 401,
    method: 'GET',
    route: '/api/v1/runs',
    path: '/api/v1/runs',
    caller: undefined,
  };
  for (let ms = 0; ms < 59_000; ms += 100) refusals.add(refused, ms);
  refusals.add({ ...refused, status: 403, caller: 'http:ann' }, 1_000);
  refusals.add(refused, 60_000);
  expect(told).toMatchObject([
    { status: 401 },
    { status: 403, caller: 'http:ann' },
    { status: 401, more: 589 },
  ]);
});

it('kinds without end take no memory without end', () => {
  const refusals = new RefusalLog();
  for (let n = 0; n < 5_000; n += 1)
    refusals.add(
      { status: 404, method: `M${n}`, route: undefined, path: 'x'.repeat(9_999), caller: undefined },
      n,
    );
  expect(told).toHaveLength(5_000);
  expect(String(told[0]?.path)).toHaveLength(200);
});
