/** PUT of a workflow and GET of analytics: what the tools do, over HTTP, and for whom. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScratchServer, scratchServer } from './scratch-server.ts';

const PLACE = '/api/v1/workflows/saved-over-http';
const BODY = { definition: 'name: saved-over-http\nsteps:\n  - command: echo saved # why\n' };

let scratch: ScratchServer;
let author: string;

beforeAll(async () => {
  scratch = await scratchServer();
  author = scratch.key('author');
});
afterAll(() => scratch.end());

it('saves a workflow, which then runs and is counted', async () => {
  expect((await scratch.send('PUT', PLACE, { key: scratch.key('operator'), body: BODY })).status).toBe(403);
  const saved = await scratch.send('PUT', PLACE, { key: author, body: BODY });
  expect(saved).toMatchObject({ status: 200, json: { workflow: 'saved-over-http', status: 'created' } });
  expect((await scratch.send('GET', PLACE, { key: author })).json.definition).toBe(BODY.definition);
  const ran = await scratch.send('POST', '/api/v1/runs', {
    key: author,
    body: { workflow: 'saved-over-http' },
  });
  expect(ran.json.status).toBe('succeeded');
  const query = '/api/v1/analytics?workflow=saved-over-http&since=1d';
  const { json } = await scratch.send('GET', query, { key: scratch.key('viewer') });
  expect(json).toMatchObject({ totals: { runs: 1, succeeded: 1 }, success_rate: 1 });
});

it('refuses what would change one unseen, what says another name, and what could not run', async () => {
  const body = { definition: { name: 'saved-over-http', steps: [{ command: 'ls' }] } };
  const put = (sent: object) => scratch.send('PUT', PLACE, { key: author, body: sent });
  expect(await put(body)).toMatchObject({ status: 409, json: { code: 'conflict' } });
  expect(await put({ ...body, overwrite: true })).toMatchObject({ status: 200, json: { status: 'updated' } });
  expect(await put({ ...body, name: 'another' })).toMatchObject({ status: 400 });
  expect(await put({ definition: { name: 'x', steps: [] } })).toMatchObject({ status: 422 });
  expect(await put({ from_pattern: 'p-0' })).toMatchObject({
    status: 404,
    json: { code: 'unknown_pattern' },
  });
});
