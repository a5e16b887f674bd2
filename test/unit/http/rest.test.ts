/** REST over real runs: each route does what its tool does, in the words of HTTP, and for whom it may. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tools } from '../../../src/tools/catalogue.ts';
import { type ScratchServer, type Sent, scratchServer } from './scratch-server.ts';

const APPROVAL = {
  name: 'ask-first',
  steps: [
    { id: 'go', type: 'approval', message: 'Release it?' },
    { id: 'release', command: 'echo released' },
  ],
};

let scratch: ScratchServer;
const post = (path: string, body: unknown, sent: Sent = {}) => scratch.send('POST', path, { body, ...sent });
const get = (path: string, sent: Sent = {}) => scratch.send('GET', path, sent);

describe('without keys', () => {
  beforeAll(async () => {
    scratch = await scratchServer();
  });
  afterAll(() => scratch.end());

  it('runs commands and shows the run, the list of runs and its place', async () => {
    const ran = await post('/api/v1/runs', { commands: ['echo one'] });
    expect(ran).toMatchObject({
      status: 201,
      json: { status: 'succeeded', progress: { done: 1, total: 1 } },
    });
    const place = ran.headers.location as string;
    expect(place).toBe(`/api/v1/runs/${ran.json.run_id}`);
    expect((await get(`${place}?include=log,events&tail_lines=5`)).json).toMatchObject({
      run_id: ran.json.run_id,
      steps: [{ log: 'one\n' }],
      events: expect.arrayContaining([
        expect.objectContaining({ type: 'run.created', created_by: 'http:local' }),
      ]),
    });
    expect((await get('/api/v1/runs?limit=1&workflow=commands')).json.runs).toHaveLength(1);
  });

  it('starts a run once for an idempotency key', async () => {
    const sent = { headers: { 'idempotency-key': 'once' } };
    const first = await post('/api/v1/runs', { commands: ['true'] }, sent);
    const second = await post('/api/v1/runs', { commands: ['true'] }, sent);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.json.run_id).toBe(first.json.run_id);
    expect(await post('/api/v1/runs', { commands: ['false'] }, sent)).toMatchObject({
      status: 409,
      json: { code: 'conflict' },
    });
    expect(await post('/api/v1/runs', { commands: ['true'], idempotency_key: 'other' }, sent)).toMatchObject({
      status: 400,
      json: { code: 'invalid_input', message: expect.stringContaining('idempotency_key') },
    });
  });

  it('shows a plan and starts nothing', async () => {
    const planned = await post('/api/v1/runs', { commands: ['true'], dry_run: true });
    expect(planned).toMatchObject({ status: 200, json: { dry_run: true } });
    expect(planned.headers.location).toBeUndefined();
  });

  it('pages, and says what has not changed', async () => {
    const first = await get('/api/v1/workflows?limit=1');
    const second = await get(`/api/v1/workflows?limit=1&cursor=${first.json.next_cursor}`);
    expect(second.json.workflows[0].name).not.toBe(first.json.workflows[0].name);
    const name = first.json.workflows[0].name as string;
    const one = await get(`/api/v1/workflows/${name}`);
    expect(one.json).toMatchObject({ ...first.json.workflows[0], definition: expect.stringContaining(name) });
    const again = await get(`/api/v1/workflows/${name}`, {
      headers: { 'if-none-match': `W/${one.headers.etag}` },
    });
    expect([again.status, again.text]).toEqual([304, '']);
    const other = await get('/api/v1/workflows', {
      headers: { 'if-none-match': one.headers.etag as string },
    });
    expect(other.status).toBe(200);
  });

  it('checks a definition', async () => {
    const checked = await post('/api/v1/workflows/validate', {
      definition: { name: 'x', steps: [{ id: 'a' }] },
    });
    expect(checked).toMatchObject({ status: 200, json: { valid: false } });
  });

  it('cancels, resumes and rolls back', async () => {
    const { json: run } = await post('/api/v1/runs', { definition: APPROVAL, wait_seconds: 0 });
    const place = `/api/v1/runs/${run.run_id}`;
    await get(`${place}?wait_seconds=20`);
    expect((await post(`${place}/cancel`, { reason: 'not today' })).json).toMatchObject({
      status: 'cancelled',
    });
    expect((await post(`${place}/resume`, { wait_seconds: 20 })).json).toMatchObject({ status: 'waiting' });
    expect((await scratch.send('POST', `${place}/cancel`)).json).toMatchObject({ status: 'cancelled' });
    expect((await post(`${place}/rollback`, { strategy: 'graceful' })).json).toMatchObject({
      status: 'rolled_back',
    });
  });

  it('believes nobody to be a person', async () => {
    const { json: run } = await post('/api/v1/runs', { definition: APPROVAL });
    const [question] = run.questions;
    const answer = { question_id: question.question_id, answer: { approved: true } };
    expect(await post(`/api/v1/runs/${run.run_id}/answer`, answer)).toMatchObject({
      status: 403,
      headers: { 'content-type': 'application/problem+json' },
      json: { code: 'human_required', status: 403, title: 'Forbidden', hint: expect.any(String) },
    });
  });

  it.each([
    ['unknown run', 'GET', '/api/v1/runs/r-nothing', undefined, 404, 'unknown_run'],
    ['unknown workflow', 'GET', '/api/v1/workflows/nothing', undefined, 404, 'unknown_workflow'],
    ['workflow of another name', 'GET', '/api/v1/workflows/__proto__', undefined, 404, 'unknown_workflow'],
    ['unknown argument', 'GET', '/api/v1/runs?colour=red', undefined, 400, 'unknown_argument'],
    ['prototype in the query', 'GET', '/api/v1/runs?__proto__=x', undefined, 400, 'unknown_argument'],
    ['no number', 'GET', '/api/v1/runs?limit=many', undefined, 400, 'invalid_input'],
    ['limit twice', 'GET', '/api/v1/runs?limit=1&limit=2', undefined, 400, 'invalid_input'],
    ['unknown field', 'POST', '/api/v1/runs', { commands: ['true'], colour: 1 }, 400, 'unknown_argument'],
    [
      'prototype in the body',
      'POST',
      '/api/v1/runs',
      '{"__proto__":{"commands":["true"]}}',
      400,
      'unknown_argument',
    ],
    ['another run in the body', 'POST', '/api/v1/runs/r-1/cancel', { run_id: 'r-2' }, 400, 'invalid_input'],
    ['definition with errors', 'POST', '/api/v1/runs', { definition: 'name: x' }, 422, 'invalid_definition'],
    ['no JSON', 'POST', '/api/v1/runs', '{"commands":', 400, 'invalid_input'],
    ['no object', 'POST', '/api/v1/runs', '[]', 400, 'invalid_input'],
    ['null', 'POST', '/api/v1/runs', 'null', 400, 'invalid_input'],
    [
      'a deep body',
      'POST',
      '/api/v1/runs',
      `{"inputs":${'['.repeat(90_000)}${']'.repeat(90_000)}}`,
      400,
      'invalid_input',
    ],
  ])('refuses: %s', async (_what, method, path, body, status, code) => {
    const before = scratch.belay.journal.runIds('', 100);
    expect(await scratch.send(method, path, { body })).toMatchObject({ status, json: { code, status } });
    expect(scratch.belay.journal.runIds('', 100)).toEqual(before);
  });

  it('takes an empty body as no arguments, also where it is called JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await scratch.send('POST', '/api/v1/runs', { body: '', headers })).toMatchObject({
      status: 400,
      json: { message: expect.not.stringContaining('JSON') },
    });
  });

  it('takes no form, which a page of another site could send', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect(await post('/api/v1/runs', { commands: ['true'] }, { headers })).toMatchObject({ status: 415 });
  });

  it('names what may come next in the words of the tools', async () => {
    expect((await get('/api/v1/runs/r-nothing')).json.next).toEqual([
      expect.objectContaining({ tool: 'workflow_history' }),
    ]);
  });
});

describe('with keys', () => {
  beforeEach(async () => {
    scratch = await scratchServer();
  });
  afterEach(() => scratch.end());

  it('lets an approver answer for a person, and writes who it was', async () => {
    const author = scratch.key('author');
    const approver = scratch.key('approver');
    const { json: run } = await post('/api/v1/runs', { definition: APPROVAL }, { key: author });
    const place = `/api/v1/runs/${run.run_id}`;
    const answer = { question_id: run.questions[0].question_id, answer: { approved: true } };
    expect(await post(`${place}/answer`, answer, { key: author })).toMatchObject({
      status: 403,
      json: { code: 'human_required' },
    });
    expect((await post(`${place}/answer`, answer, { key: approver })).json).toMatchObject({
      status: 'succeeded',
    });
    const { json: view } = await get(`${place}?include=events`, { key: author });
    expect(view.events).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'run.created', created_by: 'http:author-1' }),
        expect.objectContaining({ type: 'question.answered', by: 'http:approver-2' }),
      ]),
    );
  });

  it.each([
    ['definition', { definition: APPROVAL }],
    ['commands', { commands: ['true'] }],
    ['cwd', { workflow: 'release-notes', cwd: '/' }],
  ])('keeps an operator from bringing commands by %s', async (name, body) => {
    const key = scratch.key('operator');
    expect(await post('/api/v1/runs', body, { key })).toMatchObject({
      status: 403,
      json: { code: 'forbidden', message: expect.stringContaining(`\`${name}\``) },
    });
    expect(scratch.belay.journal.runIds('', 10)).toEqual([]);
  });

  it('lets an operator run what there is', async () => {
    const key = scratch.key('operator');
    const planned = await post('/api/v1/runs', { workflow: 'nothing' }, { key });
    expect(planned).toMatchObject({ status: 404, json: { code: 'unknown_workflow' } });
  });

  it('refuses a key from the moment it is revoked', async () => {
    const key = scratch.key('viewer');
    expect((await get('/api/v1/runs', { key })).status).toBe(200);
    scratch.keys.revoke('viewer-1');
    expect(await get('/api/v1/runs', { key })).toMatchObject({ status: 401, json: { code: 'unauthorized' } });
    // the last key is gone, and the door stays shut
    expect((await get('/api/v1/runs')).status).toBe(401);
  });
});

it('has a role for each tool that it serves', async () => {
  const { refusedCall } = await import('../../../src/tools/access.ts');
  const admin = { caller: 'http:a', roles: ['author', 'approver'] as const };
  for (const { name } of tools) expect(refusedCall(admin, name, {}), name).toBeUndefined();
  expect(refusedCall(admin, 'workflow_unheard_of', {})).toMatchObject({ error: { code: 'forbidden' } });
});
